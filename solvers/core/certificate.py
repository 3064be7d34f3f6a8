"""What the check of a certificate returns, whatever the problem."""

from __future__ import annotations

from collections.abc import Mapping
from math import isfinite, isinf
from typing import Any, NamedTuple


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


def refuse_others(certificate: Mapping[str, Any], version: int, instance_hash: str | None) -> None:
    """Refuse a certificate of another version than is read, or of another instance where its hash is known.

    Raises
    ------
    ValueError
        Saying which of them.
    """
    got = certificate.get("version")
    if type(got) is not int or got != version:
        shown = "none, as the oldest ones have" if got is None else repr(got)
        raise ValueError(f"expected a certificate of version {version}, got {shown}: solve the instance again")
    if instance_hash is not None and certificate.get("instance_hash") != instance_hash:
        raise ValueError("the certificate is of another instance")
