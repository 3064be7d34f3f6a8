"""The batch-indexed MILP of several servers by HiGHS, as a Pyomo model."""

from __future__ import annotations

from functools import partial

from formulations.multi_edge_offloading.models import batch_indexed
from formulations.multi_edge_offloading.parameters import MultiEdgeOffloading
from solvers.core.limits import Limits
from solvers.core.result import Outcome
from solvers.multi_edge_offloading.gains import gain_table
from solvers.multi_edge_offloading.trivial import trivial_outcome
from solvers.split_offloading.mip.highs_batch_indexed import solve_milp
from solvers.split_offloading.mip.natural_units import solve_in_natural_units


def solve(data: MultiEdgeOffloading, limits: Limits, seed: int) -> Outcome:
    """Solve :mod:`formulations.multi_edge_offloading.models.batch_indexed`; its dual bound is one here, too."""
    trivial = trivial_outcome(data, gain_table(data))
    return trivial or solve_in_natural_units(data, limits, seed, partial(solve_milp, batch_indexed))
