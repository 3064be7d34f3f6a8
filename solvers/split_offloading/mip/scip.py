"""P1 of split offloading by SCIP, to proven optimality where time allows."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any

import numpy as np
import pyomo.environ as pyo

from formulations.fields import FloatArray
from formulations.split_offloading.models import p1
from formulations.split_offloading.models.p1 import edge_seconds_per_item
from formulations.split_offloading.parameters import SplitOffloading
from formulations.split_offloading.units import TYPICAL
from formulations.split_offloading.users import SnapshotUsers
from solvers.core.limits import Limits
from solvers.core.result import Outcome, Unsupported
from solvers.external.algebraic import solve_model
from solvers.external.tolerances import SCIP
from solvers.split_offloading.mip.natural_units import solve_in_natural_units, uncertainty

OPTIONS: Mapping[str, Any] = {
    **SCIP,
    # SCIP 10.0.2's local solver for nonlinear programs can overwrite memory, and finds nothing sooner.
    "heuristics/subnlp/freq": -1,
    "heuristics/nlpdiving/freq": -1,
}

LARGEST_EXPONENT = 40.0
"""Largest a_F (b_F - N_hat): SCIP takes numbers from 1e20 on for infinite, and then returns wrong optima."""


SMALLEST_TIME = 1e-6
"""Smallest time of a step in natural units: SCIP takes coefficients below 1e-9 for 0; its tolerance is 1e-7."""


def solve(data: SplitOffloading, limits: Limits, seed: int) -> Outcome:
    """Solve the MINLP of :mod:`formulations.split_offloading.models.p1`; its dual bound is an upper bound on P1.

    Raises
    ------
    Unsupported
        If the sigmoid is steeper, or times are further apart, than SCIP's numbers allow.
    """
    refuse_steep(data)
    return solve_in_natural_units(data, limits, seed, _solve)


def refuse_steep(data: SnapshotUsers) -> None:
    """Refuse a sigmoid steeper than SCIP's numbers allow."""
    exponent = data.pai_slope * (data.pai_threshold - data.min_local_steps)
    if exponent > LARGEST_EXPONENT:
        raise Unsupported(f"exp({exponent:.3g}) in the accuracy index is too large a number for SCIP")


def _solve(data: SplitOffloading, limits: Limits, seed: int) -> Outcome:
    times = np.append(data.local_seconds_per_step, [edge_seconds_per_item(data), data.edge_seconds_per_step_base])
    smallest = float(times[times > 0.0].min(initial=np.inf))
    if smallest < SMALLEST_TIME:
        share = smallest / TYPICAL
        raise Unsupported(f"the shortest time of a step is {share:.1g} of the largest term, too little for SCIP")

    def read(model: pyo.ConcreteModel) -> dict[str, FloatArray]:
        point = p1.solution(model)
        return whole(data, point["x"], point["n"])

    return solve_model(
        partial(p1.build, data),
        read,
        "scip",
        OPTIONS,
        limits,
        seed,
        size=data.users,
        uncertainty=uncertainty(data),
    )


def whole(data: SplitOffloading, granted: FloatArray, split: FloatArray) -> dict[str, FloatArray]:
    """A solver's x and n, whole up to its tolerances, as whole numbers; n = N where denied, by paper B (5)."""
    granted = np.round(granted)
    return {"x": granted, "n": np.where(granted > 0.5, np.round(split), float(data.total_steps))}
