"""The GQAP (18) with fixed splits solved as two models: the rows of a small table.

In the table of P1 these solves are a restriction, whose bounds mean nothing there; here each has its own.
"""

from __future__ import annotations

from dataclasses import replace
from typing import NamedTuple

import numpy as np

from formulations.split_offloading.evaluation import evaluate_solution
from formulations.split_offloading.parameters import SplitOffloading
from solvers.core.limits import Limits
from solvers.core.tolerance import ABSOLUTE_GAP
from solvers.core.validation import relative_gap
from solvers.external.algebraic import ModelAndSolver
from solvers.split_offloading.mip.gqap_fixed_split import LINEARISED, QUADRATIC, solve_restriction

SEED = 0
"""Seed of both solvers."""


class GqapRow(NamedTuple):
    """One model and its solver; objective and bound are those of (18), P1 with n_i = N_hat where granted [s]."""

    model: str
    objective: float | None
    """Recomputed by the evaluator."""
    bound: float | None
    """Upper bound on (18)."""
    gap: float | None
    """|objective - bound| / max(|bound|, 1e-9), as a fraction."""
    tolerance: float
    """Absolute gap at which it counts as closed [s], as validation has it."""
    granted: int | None
    """Users granted."""
    nodes: int | None
    seconds: float
    """Build and solve [s]."""
    termination: str
    """Why the solver stopped, in a few words."""


def compare_models(data: SplitOffloading, limits: Limits) -> list[GqapRow]:
    """Solve (18) quadratic by SCIP and linearised by HiGHS, each in half of the time limit."""
    half = replace(limits, time_limit=limits.time_limit / 2.0)
    return [_row(how, data, half) for how in (QUADRATIC, LINEARISED)]


def _row(how: ModelAndSolver, data: SplitOffloading, limits: Limits) -> GqapRow:
    solved = solve_restriction(how, data, limits, SEED)
    point, bound = solved.solution, solved.bound
    evaluation = None if point is None else evaluate_solution(data, point)
    objective = None if evaluation is None else evaluation.objective
    size = 1.0 if evaluation is None else evaluation.magnitude or 1.0
    return GqapRow(
        model=how.name,
        objective=objective,
        bound=bound,
        gap=None if objective is None or bound is None else relative_gap(objective, bound),
        tolerance=max(limits.gap * abs(objective or 0.0), ABSOLUTE_GAP * size),
        granted=None if point is None else int(np.sum(point["x"])),
        nodes=solved.nodes,
        seconds=solved.build_seconds + solved.solve_seconds,
        termination=solved.reason,
    )
