"""Paper B's reduction to a generalised quadratic assignment problem, (11) to (19).

Every granted user has n = N_hat; the places are g (granted) and d (denied), x_i^g + x_i^d = 1. What the model
finds is a solution of P1, but its optimum and its bounds are those of a restriction, and bound P1 in no way. Under
further constraints a user may be granted in the batches in which they allow n = N_hat.
"""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pyomo.environ as pyo

from formulations.fields import FloatArray
from formulations.gqap.parameters import GQAP
from formulations.split_offloading.accuracy import accuracy_index
from formulations.split_offloading.latency import local_seconds, transmission_seconds_alone
from formulations.split_offloading.models.further_constraints import restrict
from formulations.split_offloading.parameters import SplitOffloading

GRANTED, DENIED = 0, 1
"""Places g and d of :func:`as_gqap`."""


def build_quadratic(data: SplitOffloading) -> pyo.ConcreteModel:
    """(18) with variables ``granted`` (x_i^g), shape (I,), and products of two of them in the objective."""
    model = _with_users(data, "split_offloading_gqap")
    model.worth = quadratic_worth(model, data)  # (18), (19)
    return model


def build_linearised(data: SplitOffloading) -> pyo.ConcreteModel:
    """(18) with a variable ``both`` for each product x_i^g x_i'^g, i < i': a MILP for branch and bound."""
    model = _with_users(data, "split_offloading_gqap_linearised")
    model.pairs = pyo.Set(initialize=list(combinations(range(data.users), 2)), dimen=2)
    model.both = pyo.Var(model.pairs, bounds=(0.0, 1.0))
    model.both_granted = both_granted(model)
    model.worth = linearised_worth(model, data)
    return model


def _with_users(data: SplitOffloading, name: str) -> pyo.ConcreteModel:
    model = pyo.ConcreteModel(name=name)
    model.users = pyo.RangeSet(0, data.users - 1)
    model.granted = pyo.Var(model.users, domain=pyo.Binary)
    model.max_batch = max_batch(model, data)  # C2, (3)
    restrict(model, data, split=float(data.min_local_steps))  # further constraints
    return model


def max_batch(model: pyo.ConcreteModel, data: SplitOffloading) -> pyo.Constraint:
    """At most B_max users granted, C2, paper B (3)."""
    return pyo.Constraint(expr=pyo.quicksum(model.granted.values()) <= data.max_batch)


def most_offloaded_steps(data: SplitOffloading) -> int:
    """Steps N - N_hat of every granted user at the edge [steps]."""
    return data.total_steps - data.min_local_steps


def as_gqap(data: SplitOffloading) -> GQAP:
    """Return (18) as data of the GQAP with two places, :data:`GRANTED` and :data:`DENIED`; cost is minus (18).

    Flow from i to i' is what i waits longer for a granted i', and only granted users are at distance one [s].

    Raises
    ------
    ValueError
        If the snapshot has further constraints, for which the GQAP has no place.

    Examples
    --------
    >>> from instances import load
    >>> reduced = as_gqap(load("split_i10_g1").split_offloading)
    >>> reduced.items, reduced.places
    (10, 2)
    """
    if data.constraints:
        raise ValueError("expected a snapshot without further constraints, which a GQAP cannot hold")
    users = data.users
    return GQAP(
        items=users,
        places=2,
        assignment_cost=np.column_stack([-granted_worth(data), -denied_worth(data)]),
        flow=np.repeat(interaction(data)[:, None], users, axis=1),
        distance=np.array([[1.0, 0.0], [0.0, 0.0]]),
        cost_factor=1.0,
        weight=np.ones(users),
        capacity=np.array([float(data.max_batch), float(users)]),
    )


def interaction(data: SplitOffloading) -> FloatArray:
    """A_{i'gig} = (s^p + s^m) / (eta W_max) + (N - N_hat) k_e / G [s], shape (I,), paper B (12) and (14).

    What user i waits longer for every granted user i', itself included.
    """
    per_item = data.edge_seconds_per_step_per_item / data.gpus
    return transmission_seconds_alone(data) + most_offloaded_steps(data) * per_item


def granted_worth(data: SplitOffloading) -> FloatArray:
    """D_{ig} = alpha_i F(N_hat) - N_hat L_i(1) - (N - N_hat) h_e - l_i^R [s], shape (I,), below paper B (18)."""
    split = np.full(data.users, float(data.min_local_steps))
    at_edge = most_offloaded_steps(data) * data.edge_seconds_per_step_base
    latency = data.wait_seconds + at_edge + local_seconds(data, split)
    return np.asarray(data.accuracy_weight * accuracy_index(data, split) - latency)


def denied_worth(data: SplitOffloading) -> FloatArray:
    """D_{id} = alpha_i F(N) - N L_i(1) - l_i^R [s], shape (I,), below paper B (18)."""
    split = np.full(data.users, float(data.total_steps))
    latency = data.wait_seconds + local_seconds(data, split)
    return np.asarray(data.accuracy_weight * accuracy_index(data, split) - latency)


def diagonal_worth(model: pyo.ConcreteModel, data: SplitOffloading) -> object:
    """Sum of (D_{ig} - A_{igig}) x_i^g + D_{id} x_i^d [s]: the diagonal of paper B (19), where x^2 = x."""
    at_edge, denied = granted_worth(data) - interaction(data), denied_worth(data)
    return pyo.quicksum(
        float(at_edge[i]) * model.granted[i] + float(denied[i]) * (1 - model.granted[i]) for i in model.users
    )


def quadratic_worth(model: pyo.ConcreteModel, data: SplitOffloading) -> pyo.Objective:
    """Worth (18) in the form (19), each pair of users taken together, to be maximised [s]."""
    cost = interaction(data)
    products = pyo.quicksum(
        float(cost[i] + cost[other]) * model.granted[i] * model.granted[other]
        for i, other in combinations(range(data.users), 2)
    )
    return pyo.Objective(expr=diagonal_worth(model, data) - products, sense=pyo.maximize)


def both_granted(model: pyo.ConcreteModel) -> pyo.Constraint:
    """y_{ii'} >= x_i^g + x_i'^g - 1, the standard linearisation of Glover and Woolsey.

    Its other half, y_{ii'} <= x_i^g and y_{ii'} <= x_i'^g, holds in some optimum by itself because A >= 0; with it
    HiGHS takes several times as long.
    """

    def rule(model: pyo.ConcreteModel, i: int, other: int) -> object:
        return model.both[i, other] >= model.granted[i] + model.granted[other] - 1

    return pyo.Constraint(model.pairs, rule=rule)


def linearised_worth(model: pyo.ConcreteModel, data: SplitOffloading) -> pyo.Objective:
    """Worth (18) with every product replaced by its variable, to be maximised [s]."""
    cost = interaction(data)
    products = pyo.quicksum(float(cost[i] + cost[other]) * model.both[i, other] for i, other in model.pairs)
    return pyo.Objective(expr=diagonal_worth(model, data) - products, sense=pyo.maximize)


def solution(model: pyo.ConcreteModel, data: SplitOffloading) -> dict[str, FloatArray]:
    """Values of a solved model by the paper's symbols: ``x``, and ``n`` = N_hat or N, each of shape (I,)."""
    granted = np.array([float(item.value > 0.5) for item in model.granted.values()])
    split = np.where(granted > 0.5, float(data.min_local_steps), float(data.total_steps))
    return {"x": granted, "n": split}
