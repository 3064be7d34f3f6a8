"""Solution of P2, as every solver of it returns it, and the error raised where none is found."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from formulations.fields import FloatArray
from formulations.step_allocation.models.surrogate import Subproblem, objective
from solvers.step_allocation.kkt.residuals import Multipliers, Residuals, residuals


class P2Unsolved(Exception):  # noqa: N818 - named after what happened
    """A solver of P2 found no point; the message is its own words."""


class P2OutOfTime(P2Unsolved):
    """There was no time to find one."""


@dataclass(frozen=True)
class P2Solution:
    """A primal-dual point of P2; arrays of shape (N,).

    Attributes
    ----------
    p2 : Subproblem
        What was solved.
    offload, steps : FloatArray
        a_n [-] and s_n [steps].
    multipliers : Multipliers
        beta, gamma, delta, zeta and nu.
    """

    p2: Subproblem
    offload: FloatArray
    steps: FloatArray
    multipliers: Multipliers

    @property
    def delta(self) -> float:
        """Multiplier of the capacity (16b) [1/step]."""
        return self.multipliers.delta

    @property
    def objective(self) -> float:
        """G - tau H recomputed [-]."""
        return objective(self.p2, self.offload, self.steps)

    @cached_property
    def residuals(self) -> Residuals:
        """Relative residuals of all KKT conditions."""
        return residuals(self.p2, self.offload, self.steps, self.multipliers)
