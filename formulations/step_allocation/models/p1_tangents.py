"""Outer approximation of P1: the convex model with phi_n replaced by finitely many supporting lines, a MILP.

Every line is below phi_n, so the optimum of this model is a lower bound on that of P1 whatever the lines are; with
lines added where the bound is attained it rises to the optimum. With whole steps the lines are chords, which leave
nothing to approximate at the integers they join.
"""

from __future__ import annotations

import pyomo.environ as pyo

from formulations.fields import FloatArray
from formulations.step_allocation.models import p1_convex
from formulations.step_allocation.models.p1_convex import add_supports, solution
from formulations.step_allocation.parameters import EDGE, LOCAL, StepAllocation

__all__ = ["add_supports", "build", "solution"]


def build(data: StepAllocation, local_points: FloatArray, edge_points: FloatArray) -> pyo.ConcreteModel:
    """The MILP with the variables of :mod:`~formulations.step_allocation.models.p1_convex`.

    Parameters
    ----------
    data : StepAllocation
        The scenario.
    local_points, edge_points : FloatArray
        Steps at which the first lines touch, shape (K, N) each; :func:`supports.spread_points` makes good
        ones, and :func:`add_supports` adds further lines.
    """
    model = pyo.ConcreteModel(name="step_allocation_p1_tangents")
    p1_convex.add_variables(model, data)
    p1_convex.add_limits(model, data)
    add_supports(model, data, LOCAL, local_points)
    add_supports(model, data, EDGE, edge_points)
    model.cost = p1_convex.total_cost(model, data)
    return model
