"""What the check of a certificate returns, whatever the problem."""

from __future__ import annotations

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
