"""What a person sees of a scenario: certified optimum, fast methods beside it, prices, and a trade-off curve."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from formulations.problem import load
from formulations.problems import problem as problem_of
from instances import Instance, InstanceError
from reports.explorer.controls import Control
from reports.explorer.scenario import Scenario
from reports.tables.gap_table import gap_table
from reports.tables.table import Table
from solvers.comparison.cross_check import Verdict, cross_check
from solvers.core.limits import Limits
from solvers.core.result import Result
from solvers.core.solve import solve

BESIDE: Mapping[str, tuple[str, ...]] = {
    "step_allocation": ("sca-published", "sca-improved", "random", "all-local", "all-edge"),
    "split_offloading": ("per-dqn", "greedy", "all-offload-best-split", "all-offload-fixed-split", "all-local"),
}
"""The published algorithm and baselines that take milliseconds, by problem."""

OPTIMUM_LIMITS = Limits(time_limit=2.0)
"""For the certified optimum, which takes a millisecond unless further constraints couple the users."""

BESIDE_LIMITS = Limits(time_limit=0.5)
"""For each method beside it."""


@dataclass(frozen=True)
class Price:
    """What one more unit of a limit is worth.

    Attributes
    ----------
    what : str
        One more of what.
    gain : float or None
        By how much the optimum gets better, in units of the objective; None where that is not known.
    """

    what: str
    gain: float | None


@dataclass(frozen=True)
class Answer:
    """Everything about one scenario but its trade-off curve.

    Attributes
    ----------
    scenario : Scenario
        What was asked.
    instance : Instance
        The instance that it means.
    optimum : Result
        Of the exact method.
    methods : Table
        The gap table of all methods.
    verdict : Verdict
        What they prove.
    prices : tuple of Price
        Of the limits that users share.
    """

    scenario: Scenario
    instance: Instance
    optimum: Result
    methods: Table
    verdict: Verdict
    prices: tuple[Price, ...]


def answer(scenario: Scenario) -> Answer:
    """Solve a scenario with every method that is fast.

    Raises
    ------
    InstanceError
        If a value is refused.
    """
    instance = scenario.instance()
    posed = problem_of(scenario.problem)
    optimum = solve(instance, problem=scenario.problem, limits=OPTIMUM_LIMITS)
    beside = [solve(instance, name, problem=scenario.problem, limits=BESIDE_LIMITS) for name in BESIDE[posed.name]]
    results, verdict = cross_check((optimum, *beside), posed.sense)
    data = instance.section(scenario.problem)
    methods = gap_table(
        "Methods",
        results,
        verdict,
        posed.sense,
        data.users,
        posed.gap_measures,
        load(f"{posed.evaluation}:METRICS"),
        unit=posed.objective_unit,
    )
    prices = _PRICES[scenario.problem](scenario, instance, optimum)
    return Answer(scenario, instance, results[0], methods, verdict, prices)


def curve(scenario: Scenario, control: Control) -> list[tuple[float, Result]]:
    """The certified optimum at values of one control from end to end, all others as they are."""
    found = []
    for value in control.spread(scenario.at(control)):
        try:
            instance = scenario.with_value(control, float(value)).instance()
        except InstanceError:  # as too few users for a constraint that names one
            continue
        found.append((float(value), solve(instance, problem=scenario.problem, limits=OPTIMUM_LIMITS)))
    return found


def _step_prices(scenario: Scenario, instance: Instance, optimum: Result) -> tuple[Price, ...]:
    from solvers.step_allocation.shadow_prices import analyse

    found = analyse(instance.section("step_allocation"), OPTIMUM_LIMITS)
    shared = () if found is None else found.shared
    return tuple(Price(f"{price.unit} of the {price.title}", price.one_more) for price in shared)


def _split_prices(scenario: Scenario, instance: Instance, optimum: Result) -> tuple[Price, ...]:
    data = instance.sections["split_offloading"]
    prices = []
    for field, what in (("max_batch", "user in the batch"), ("gpus", "GPU")):
        more = instance.replace(**{field: getattr(data, field) + 1})
        value = solve(more, problem=scenario.problem, limits=OPTIMUM_LIMITS).objective
        known = value is not None and optimum.objective is not None
        prices.append(Price(what, value - optimum.objective if known else None))  # type: ignore[operator]
    return tuple(prices)


_PRICES: Mapping[str, Any] = {"step_allocation": _step_prices, "split_offloading": _split_prices}
"""What finds the prices of a problem."""
