"""What the check of a certificate returns, whatever the problem."""

from __future__ import annotations

from math import isfinite, isinf
from typing import NamedTuple


class Checked(NamedTuple):
    """What a certificate proves."""

    objective: float
    """Objective of the solution, recomputed; infinite where there is none."""
    bound: float
    """Bound that the certificate proves; infinite where it proves that there is no solution."""
    leaves: int
    """Leaves of the tree."""
    size: float
    """What decisions can change of the solution's terms, see :mod:`solvers.core.tolerance`."""
    rounding: float
    """What floating point may do to the objective."""

    def __str__(self) -> str:
        leaves = f"{self.leaves} leaf" if self.leaves == 1 else f"{self.leaves} leaves"
        if isinf(self.bound):
            return f"certificate holds: it proves that there is no solution, in {leaves}"
        apart = f", {abs(self.objective - self.bound):.2g} from the objective" if isfinite(self.objective) else ""
        return (
            f"certificate holds, with {leaves}\n"
            f"objective  {self.objective:.6f}, recomputed\n"
            f"bound      {self.bound:.6f}, proven{apart}"
        )
