"""P1 of split offloading by HiGHS, as the MILP with one binary variable per batch size."""

from __future__ import annotations

from functools import partial
from typing import Any

from formulations.split_offloading.models import batch_indexed
from formulations.split_offloading.parameters import SplitOffloading
from formulations.split_offloading.users import SnapshotUsers
from solvers.core.limits import Limits
from solvers.core.result import Outcome
from solvers.external.algebraic import solve_model
from solvers.external.tolerances import HIGHS
from solvers.split_offloading.exact.batch_scan import load_kernels_for
from solvers.split_offloading.mip.natural_units import solve_in_natural_units, uncertainty


def solve(data: SplitOffloading, limits: Limits, seed: int) -> Outcome:
    """Solve the MILP of :mod:`formulations.split_offloading.models.batch_indexed`; its dual bound is one on P1.

    Compiled kernels are loaded before the clock starts.
    """
    load_kernels_for(data)
    return solve_in_natural_units(data, limits, seed, partial(solve_milp, batch_indexed))


def solve_milp(model: Any, data: SnapshotUsers, limits: Limits, seed: int) -> Outcome:
    """Solve a module's batch-indexed model of a snapshot in its natural unit, of one edge server or several."""
    build, read = partial(model.build, data), partial(model.solution, data=data)
    # Every bound is that of a linear program whose constraints and reduced costs HiGHS keeps to within this.
    added = uncertainty(data, HIGHS["primal_feasibility_tolerance"])
    return solve_model(build, read, "highs", HIGHS, limits, seed, size=data.users, uncertainty=added)
