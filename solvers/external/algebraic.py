"""Builds, solves and reads a Pyomo model of a whole problem within one time limit, and rescales what it finds."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from time import perf_counter
from typing import Any, NamedTuple

import pyomo.environ as pyo

from solvers.core.limits import Limits
from solvers.core.result import TIME_LIMIT, Outcome, Solution
from solvers.core.tolerance import ABSOLUTE_GAP
from solvers.core.validation import SMALLEST_DENOMINATOR
from solvers.external import backends
from solvers.external.tolerances import BOUND, SHARE_OF_GAP, pruned

SEED_OPTIONS = {"scip": "randomization/randomseedshift", "highs": "random_seed"}
"""How each back end calls its seed."""


class ModelAndSolver(NamedTuple):
    """An explicit model of a problem, and who solves it.

    Attributes
    ----------
    name : str
        What tables call it.
    solver : str
        A key of :data:`solvers.external.backends.SOLVERS`.
    build : callable
        Makes the model from the problem's data.
    options : Mapping
        The solver's further options.
    """

    name: str
    solver: str
    build: Callable[[Any], pyo.ConcreteModel]
    options: Mapping[str, Any]


def solve_model(
    build: Callable[[], pyo.ConcreteModel],
    read: Callable[[pyo.ConcreteModel], Solution],
    solver: str,
    options: Mapping[str, Any],
    limits: Limits,
    seed: int = 0,
    size: float = 0.0,
    uncertainty: float | None = None,
    absolute_gap: float = 0.0,
    start: Callable[[pyo.ConcreteModel], None] | None = None,
) -> Outcome:
    """Build a model, solve it with a back end, and read its solution.

    Parameters
    ----------
    build : callable
        Makes the model, which has one active objective.
    read : callable
        The solution by the problem's symbols, from the solved model.
    solver : str
        A key of :data:`solvers.external.backends.SOLVERS`.
    options : Mapping
        Its further options.
    limits : Limits
        The time covers building and solving. A model that is built too late is not handed over: that takes time.
    seed : int
        Seed of the solver.
    size : float
        Size of the objective's terms altogether, which an absolute gap is a share of.
    uncertainty : float, optional
        What the solver's tolerances may add to its bound, in units of the objective; by default some for every
        variable of the model; 0 where nothing costs anything.
    absolute_gap : float
        Gap at which the solver may stop whatever ``limits`` ask, where a smaller one proves no more.
    start : callable, optional
        Sets the whole variables of a point to start from.

    Examples
    --------
    >>> import numpy as np
    >>> def build():
    ...     model = pyo.ConcreteModel()
    ...     model.x = pyo.Var(domain=pyo.Integers, bounds=(0, 7))
    ...     model.row = pyo.Constraint(expr=2 * model.x <= 9)
    ...     model.gain = pyo.Objective(expr=model.x, sense=pyo.maximize)
    ...     return model
    >>> found = solve_model(build, lambda model: {"x": np.array([pyo.value(model.x)])}, "highs", {}, Limits())
    >>> found.solution["x"].tolist(), found.bound >= 4.0
    ([4.0], True)
    """
    began = perf_counter()
    model = build() if limits.time_limit > 0.0 else None
    build_seconds = perf_counter() - began
    if model is None or build_seconds >= limits.time_limit:
        return Outcome(None, reason=TIME_LIMIT, build_seconds=build_seconds)
    found = backends.solve(
        model,
        solver,
        time_seconds=limits.time_limit - build_seconds,
        relative_gap=SHARE_OF_GAP * limits.gap,
        absolute_gap=max(absolute_gap, SHARE_OF_GAP * ABSOLUTE_GAP * size),
        threads=limits.threads,
        options={SEED_OPTIONS[solver]: seed, **options},
        start=start,
    )
    if uncertainty is None:
        uncertainty = BOUND * len(backends.variables(model))
    (objective,) = model.component_data_objects(pyo.Objective, active=True)
    return widened(
        Outcome(
            solution=read(model) if found.has_solution else None,
            bound=found.bound,
            infeasible=found.infeasible,
            reason=found.termination,
            build_seconds=build_seconds,
            solve_seconds=found.seconds,
            root_bound=found.root_bound,
            nodes=found.nodes,
            raw_objective=float(pyo.value(objective)) if found.has_solution else None,
            history=tuple({**row, "seconds": row["seconds"] + build_seconds} for row in found.history),
            log=found.log,
        ),
        uncertainty + pruned(options) if uncertainty > 0.0 else 0.0,
        limits.gap,
        objective.sense == pyo.minimize,
    )


def widened(found: Outcome, uncertainty: float, gap: float, minimise: bool = True) -> Outcome:
    """What was found, its bounds further out by what a solver's tolerances leave uncertain.

    The reason says so where that alone is more than the asked relative ``gap``.
    """
    added = -uncertainty if minimise else uncertainty

    def out(number: float | None) -> float | None:
        return None if number is None else number + added

    bound, reason = out(found.bound), found.reason
    if bound is not None and uncertainty > gap * abs(bound):
        share = uncertainty / max(abs(bound), SMALLEST_DENOMINATOR)
        reason = f"{reason}; the solver's tolerances leave {share:.1g} of its bound open"
    return replace(
        found,
        bound=bound,
        root_bound=out(found.root_bound),
        reason=reason,
        history=tuple({**row, "bound": out(row["bound"])} if "bound" in row else row for row in found.history),
    )


def rescaled(found: Outcome, unit: float, offset: float = 0.0) -> Outcome:
    """Return the outcome in other units: objectives and bounds times ``unit`` plus ``offset``."""

    def value(number: float | None) -> float | None:
        return None if number is None else number * unit + offset

    return replace(
        found,
        bound=value(found.bound),
        root_bound=value(found.root_bound),
        raw_objective=value(found.raw_objective),
        history=tuple(
            {key: value(item) if key in ("objective", "bound") else item for key, item in row.items()}
            for row in found.history
        ),
    )
