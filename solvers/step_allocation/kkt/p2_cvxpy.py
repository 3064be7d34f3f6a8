"""Solves P2 by CVXPY with the interior-point solver Clarabel, to check the KKT solver."""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import cvxpy as cp
import numpy as np

from formulations.fields import FloatArray
from formulations.step_allocation.models.p2 import P2Model, build, load, not_convex
from formulations.step_allocation.models.surrogate import Subproblem
from formulations.step_allocation.parameters import StepAllocation
from solvers.core.result import Unsupported
from solvers.external.tolerances import CLARABEL
from solvers.step_allocation.kkt.p2_solution import P2Solution, P2Unsolved
from solvers.step_allocation.kkt.residuals import Multipliers

MOST_COMPILED_USERS = 300
"""Users up to which the model is compiled once (DPP). CVXPY's table of derivatives in the parameters takes memory
in proportion to N^2: 0.5 GB at 300 users, 3 GB at 1000. Above, every solve compiles anew."""


@dataclass(frozen=True)
class CvxpyPoint(P2Solution):
    """What CVXPY found.

    Attributes
    ----------
    status : str
        CVXPY's word.
    """

    status: str


@dataclass
class CvxpyP2:
    """P2 of one scenario, built once and solved for many iterates; Unsupported where a row has no surrogate.

    Parameters
    ----------
    data : StepAllocation
        The scenario.
    shift : FloatArray
        M_n [-].
    tolerances : Mapping
        Clarabel's settings; empty for its own defaults.
    """

    data: StepAllocation
    shift: FloatArray
    tolerances: Mapping[str, Any] = field(default_factory=lambda: CLARABEL)
    model: P2Model = field(init=False)

    def __post_init__(self) -> None:
        refused = not_convex(self.data)
        if refused:
            raise Unsupported(f"P2 has no convex surrogate for the rows of '{refused}'")
        self.model = build(self.data, self.shift)

    @property
    def compiled_once(self) -> bool:
        """Whether re-solving skips the compilation."""
        return self.data.users <= MOST_COMPILED_USERS

    def solve(self, p2: Subproblem) -> CvxpyPoint:
        """Solve one subproblem of this scenario.

        Raises
        ------
        P2Unsolved
            If Clarabel finds no point at all, as happens on badly scaled data.
        """
        model = self.model
        load(model, p2)
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", message="Solution may be inaccurate")
            try:
                model.problem.solve(solver=cp.CLARABEL, ignore_dpp=not self.compiled_once, **self.tolerances)
            except cp.SolverError as fault:
                raise P2Unsolved(f"CVXPY: {fault}") from fault
        if model.problem.status not in (cp.OPTIMAL, cp.OPTIMAL_INACCURATE):
            raise P2Unsolved(f"CVXPY: Clarabel ended with '{model.problem.status}'")
        duals = {name: constraint.dual_value for name, constraint in model.constraints.items()}
        multipliers = Multipliers(
            beta=duals["offload_nonnegative"],
            gamma=duals["offload_at_most_one"],
            delta=float(np.squeeze(duals["capacity"])),
            zeta=duals["step_limit"],
            nu=duals["steps_at_least"],
        )
        return CvxpyPoint(
            p2=p2,
            offload=np.asarray(model.variables["a"].value),
            steps=np.asarray(model.variables["s"].value),
            multipliers=multipliers,
            status=model.problem.status,
        )
