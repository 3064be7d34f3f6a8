"""Figs 1 and 2 of paper A: what the system spends, and the joint objective, as the edge's step budget grows.

The paper does not publish C1, C2, S0, S1, c1..c3 or S_e; :mod:`instances.generation.presets` says what stands in
their place. Every point is a mean over instances drawn with different seeds. The paper's algorithm is run as
published (from a = 1/2, tau = 1e5), beside its improved version and the certified optimum.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import cache, partial
from typing import Any

import numpy as np

from formulations.step_allocation.parameters import StepAllocation
from instances.generation.budget import with_budget
from instances.generation.generator import generate
from reports.drawing.figure import OPTIMUM, Figure, Panel
from reports.drawing.points import Point
from reports.papers.figures.settings import Run, mean_lines
from solvers.core.limits import Limits
from solvers.core.registry import Method, method
from solvers.core.run import Case, run

BUDGET_LABEL = "edge step budget $S^{max}_e$ [steps per user]"

WEIGHTS: Mapping[str, tuple[float, float, float]] = {
    "equal weights": (1.0, 1.0, 1e-4),
    "time weight $c_1$ x 3": (3.0, 1.0, 1e-4),
    "error weight $c_2$ x 3": (1.0, 3.0, 1e-4),
    "energy weight $c_3$ x 3": (1.0, 1.0, 3e-4),
}
"""c1 [1/s], c2 [-], c3 [1/J]; "equal" makes time, error and energy comparable, and one is raised at a time."""


def figure_1(run: Run) -> Figure:
    """Time, accuracy and energy against the budget, for equal weights and with one of them raised (Fig. 1)."""
    budgets = budgets_per_user(run)
    drawn: list[tuple[str, str, Mapping[str, Any]]] = [
        (f"{OPTIMUM if label == 'equal weights' else 'optimum'}, {label}", "price-search", {"weights": weights})
        for label, weights in WEIGHTS.items()
    ]
    drawn += [
        (f"as published, {label}", "sca-published", {"weights": weights}) for label, weights in WEIGHTS.items()
    ]
    equal = {"weights": WEIGHTS["equal weights"]}
    drawn.append(("improved SCA, equal weights", "sca-improved", equal))
    drawn.append(("random (paper's baseline)", "random", equal))
    found = {label: _sweep(run, name, arguments, budgets) for label, name, arguments in drawn}
    measures = (
        ("(a) computation time", "total time $T$ [s]", "time_seconds"),
        ("(b) accuracy", "mean accuracy $1 - \\bar{\\epsilon}$ [-]", "accuracy"),
        ("(c) energy", "total energy $E$ [J]", "energy_joules"),
    )
    panels = tuple(
        Panel(title, BUDGET_LABEL, label, mean_lines(budgets, found, measure))
        for title, label, measure in measures
    )
    caption = (
        f"Paper A, Fig. 1: 30 users, means over {run.settings.cases} instances, bands the central half. "
        "The paper's own algorithm with all four weights, and the certified optimum of P1 beside each. The "
        "published algorithm freezes where its start is rounded to."
    )
    return Figure("a-fig1", "Paper A, Fig. 1", caption, panels)


def figure_2(run: Run) -> Figure:
    """Joint objective against the budget for three local step limits, w1 = 0.3 and w2 = 0.7 (Fig. 2)."""
    budgets = budgets_per_user(run)
    found = {}
    for limit in (20.0, 30.0, 40.0):
        arguments = {"preset": "fig2", "local_max_steps": limit}
        found[f"{OPTIMUM}, $S_0$ = {limit:g}"] = _sweep(run, "price-search", arguments, budgets)
        found[f"as published, $S_0$ = {limit:g}"] = _sweep(run, "sca-published", arguments, budgets)
        found[f"improved SCA, $S_0$ = {limit:g}"] = _sweep(run, "sca-improved", arguments, budgets)
    panel = Panel("joint optimisation", BUDGET_LABEL, "objective (8) [-]", mean_lines(budgets, found, "objective"))
    caption = (
        f"Paper A, Fig. 2: 30 users, $w_1$ = 0.3, $w_2$ = 0.7, means over {run.settings.cases} instances, "
        "bands the central half. The optimum falls and levels off once the budget no longer binds."
    )
    return Figure("a-fig2", "Paper A, Fig. 2", caption, (panel,))


def budgets_per_user(run: Run) -> Sequence[float]:
    """Abscissae of both figures: S_e^max / N [steps]."""
    return [float(budget) for budget in np.linspace(0.0, 70.0, 15 if run.settings.full else 8)]


def _sweep(run: Run, name: str, arguments: Mapping[str, Any], budgets: Sequence[float]) -> list[list[Point]]:
    """Return points of one method for every budget and seed."""
    chosen = method(name, "step_allocation")
    run.tell(f"{name}: {', '.join(f'{key} {value}' for key, value in arguments.items())}")
    return [
        [_point(run, chosen, arguments, budget, seed) for seed in range(run.settings.cases)] for budget in budgets
    ]


def _point(run: Run, chosen: Method, arguments: Mapping[str, Any], per_user: float, seed: int) -> Point:
    key = f"{chosen.name} {sorted(arguments.items())} {per_user:.6g} {seed}"
    return run.points.get(key, partial(_solve, run, chosen, arguments, per_user, seed))


def _solve(run_of: Run, chosen: Method, arguments: Mapping[str, Any], per_user: float, seed: int) -> Point:
    drawn = _instance(tuple(sorted(arguments.items())), seed)
    data = with_budget(drawn, per_user * drawn.users)
    limits = Limits(time_limit=run_of.settings.seconds)
    result = run(chosen, Case(f"seed {seed}", "", "step_allocation", data), limits, seed)
    if result.evaluation is None or result.objective is None:
        raise RuntimeError(f"{chosen.name}, seed {seed}, budget {per_user:g} per user: {result.reason}")
    metrics = result.evaluation.metrics
    return {
        "objective": result.objective,
        "time_seconds": metrics["time_seconds"],
        "energy_joules": metrics["energy_joules"],
        "accuracy": 1.0 - metrics["mean_error"],
    }


@cache
def _instance(arguments: tuple[tuple[str, Any], ...], seed: int) -> StepAllocation:
    data: StepAllocation = generate(seed=seed, **dict(arguments)).section("step_allocation")
    return data


FIGURES: Mapping[str, Callable[[Run], Figure]] = {"1": figure_1, "2": figure_2}
"""Every figure of paper A by its number."""
