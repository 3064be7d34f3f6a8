"""Units in which a problem's numbers are neither tiny nor huge, for solvers with absolute tolerances.

Measuring cost in another unit changes no decision. The unit of cost is a power of two, so that going there and
back loses nothing to rounding.
"""

from __future__ import annotations

import numpy as np

from formulations.evaluation import near_power_of_two
from formulations.fields import FloatArray
from formulations.gqap.parameters import GQAP

TYPICAL = 64.0
"""Size that the largest cost of an item or a pair is brought to, and the largest weight that is not whole."""


def cost_unit(data: GQAP) -> float:
    """Power of two that brings the largest |A_ij| or 2 v |F_ii' D_jj'| near :data:`TYPICAL` [cost]."""
    products = 2.0 * abs(data.cost_factor) * float(np.abs(data.flow).max()) * float(np.abs(data.distance).max())
    return near_power_of_two(max(float(np.abs(data.assignment_cost).max()), products) / TYPICAL)


def cost_size(data: GQAP) -> float:
    """Sum of every item's largest |A_ij| and of every ordered pair's largest v |F_ii' D_jj'| [cost]."""
    pairs = abs(data.cost_factor) * float(np.abs(data.flow).sum()) * float(np.abs(data.distance).max())
    return float(np.abs(data.assignment_cost).max(axis=1).sum()) + pairs


def in_cost_units(data: GQAP, unit: float) -> GQAP:
    """Return the same problem with cost in another unit."""
    return data.replaced({"assignment_cost": data.assignment_cost / unit, "cost_factor": data.cost_factor / unit})


def capacity_rows(data: GQAP) -> tuple[FloatArray, FloatArray]:
    """Weights and load limits in one unit that suits a solver, shapes (n,) and (m,).

    Whole weights are divided by their greatest common divisor and the limits rounded down, so that an excess is at
    least 1, however large the weights are; other weights are brought near :data:`TYPICAL`.
    """
    if not data.has_whole_weights:
        unit = near_power_of_two(float(data.weight.max()) / TYPICAL)
        return data.weight / unit, data.load_limit / unit
    divisor = max(1, int(np.gcd.reduce(data.weight.astype(np.int64))))
    return data.weight / divisor, np.floor(data.load_limit / divisor)
