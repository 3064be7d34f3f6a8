"""The MINLP of several servers by SCIP: a proof from the terms themselves, for small instances."""

from __future__ import annotations

from functools import partial

from formulations.multi_edge_offloading.models import minlp
from formulations.multi_edge_offloading.parameters import MultiEdgeOffloading
from solvers.core.limits import Limits
from solvers.core.result import Outcome
from solvers.external.algebraic import solve_model
from solvers.split_offloading.mip.natural_units import solve_in_natural_units, uncertainty
from solvers.split_offloading.mip.scip import OPTIONS, refuse_steep


def solve(data: MultiEdgeOffloading, limits: Limits, seed: int) -> Outcome:
    """Solve :mod:`formulations.multi_edge_offloading.models.minlp`; its dual bound is an upper bound here, too.

    Raises
    ------
    Unsupported
        If the sigmoid is steeper than SCIP's numbers allow.
    """
    refuse_steep(data)
    return solve_in_natural_units(data, limits, seed, _solve)


def _solve(data: MultiEdgeOffloading, limits: Limits, seed: int) -> Outcome:
    build, read = partial(minlp.build, data), partial(minlp.solution, data=data)
    added = uncertainty(data)
    return solve_model(build, read, "scip", OPTIONS, limits, seed, size=data.users, uncertainty=added)
