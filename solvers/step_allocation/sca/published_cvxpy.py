"""Algorithms 1 to 3 as published, with CVXPY for P2: a module of its own, as CVXPY takes long to import."""

from __future__ import annotations

from formulations.step_allocation.models.surrogate import cost_shift
from formulations.step_allocation.parameters import StepAllocation
from solvers.core.limits import Limits
from solvers.core.result import Outcome
from solvers.step_allocation.kkt.p2_cvxpy import CvxpyP2
from solvers.step_allocation.sca import algorithms as sca
from solvers.step_allocation.sca.published import solve_with


def solve(data: StepAllocation, limits: Limits, seed: int, start: sca.Iterate | None = None) -> Outcome:
    """Return what Algorithms 1 to 3 give as published, with P2 solved by CVXPY and Clarabel.

    Where Clarabel gives up, which it does on badly scaled data, the last iterate is finished; without any iterate
    there is no solution.
    """
    return solve_with(data, limits, CvxpyP2(data, cost_shift(data)).solve, start)
