"""The lines of paper A's Fig. 1: what methods spend with each weight setting, over the edge's budget."""

from __future__ import annotations

from functools import cache

import numpy as np

from formulations.fields import FloatArray
from formulations.step_allocation.evaluation import evaluate_solution
from formulations.step_allocation.parameters import StepAllocation
from instances.generation.budget import free_edge_steps, with_budget
from instances.generation.generator import generate
from reports.papers.audit.measures.outcomes import outcome
from reports.papers.figures.paper_a import WEIGHTS

SHARES = np.linspace(0.15, 1.2, 8)
"""Budgets, as shares of the edge steps that equal weights use while the budget is free [-]; without one all
settings tie."""

EQUAL_WEIGHTS = "equal weights"

PANELS = ("time", "accuracy", "energy")
"""What the panels show, and the first three columns of :func:`spent`; accuracy by its error."""

RAISED = dict(zip(PANELS, (label for label in WEIGHTS if label != EQUAL_WEIGHTS), strict=True))
"""The setting that raises the weight of each panel's quantity."""

SUM, OWN = 3, 4
"""Columns of the equally weighted objective, and of the objective with the line's own weights."""


@cache
def spent(name: str, label: str, cases: int) -> FloatArray:
    """Return time, error, energy, equally weighted and own objective of a method, the less the better.

    Parameters
    ----------
    name : str
        The method.
    label : str
        The weight setting that it is given.
    cases : int
        Instances, seeds 0, 1, ...

    Returns
    -------
    FloatArray
        Shape (cases, budgets, 5).
    """
    return np.array([_line(name, label, seed) for seed in range(cases)])


def _line(name: str, label: str, seed: int) -> list[tuple[float, ...]]:
    equal, own = (_drawn(each, seed) for each in (EQUAL_WEIGHTS, label))
    free = free_edge_steps(equal)
    found = []
    for budget in SHARES * free:
        data = with_budget(own, float(budget))
        solution = outcome(name, data, seed).solution
        assert solution is not None
        joint = evaluate_solution(equal, solution)
        spends = (joint.metrics[each] for each in ("time_seconds", "mean_error", "energy_joules"))
        found.append((*spends, joint.objective, evaluate_solution(data, solution).objective))
    return found


def _drawn(label: str, seed: int) -> StepAllocation:
    data: StepAllocation = generate(seed=seed, weights=WEIGHTS[label]).section("step_allocation")
    return data
