"""The batch-indexed MILP of several servers by HiGHS, as a Pyomo model."""

from __future__ import annotations

from functools import partial

from formulations.multi_edge_offloading.models import batch_indexed
from formulations.multi_edge_offloading.parameters import MultiEdgeOffloading
from solvers.core.limits import Limits
from solvers.core.result import Outcome
from solvers.external.algebraic import solve_model
from solvers.external.tolerances import HIGHS
from solvers.multi_edge_offloading.gains import gain_table
from solvers.multi_edge_offloading.mip.natural_units import solve_in_natural_units, uncertainty
from solvers.multi_edge_offloading.trivial import trivial_outcome


def solve(data: MultiEdgeOffloading, limits: Limits, seed: int) -> Outcome:
    """Solve :mod:`formulations.multi_edge_offloading.models.batch_indexed`; its dual bound is one here, too."""
    trivial = trivial_outcome(data, gain_table(data))
    return trivial or solve_in_natural_units(data, limits, seed, _solve)


def _solve(data: MultiEdgeOffloading, limits: Limits, seed: int) -> Outcome:
    read = partial(batch_indexed.solution, data=data)
    build = partial(batch_indexed.build, data)
    # Every bound is that of a linear program whose constraints and reduced costs HiGHS keeps to within this.
    added = uncertainty(data, HIGHS["primal_feasibility_tolerance"])
    return solve_model(build, read, "highs", HIGHS, limits, seed, size=data.users, uncertainty=added)
