"""P2 (20): the split point of one granted user in a given batch, as an explicit model.

The objective is concave for N_hat >= b_F only (Proposition 2 leaves this condition to the published numbers);
below b_F the sigmoid is convex, so the model needs a global solver. The closed form is in
:mod:`formulations.split_offloading.split_point`.
"""

from __future__ import annotations

import pyomo.environ as pyo

from formulations.constraints.split_offloading.base import EDGE
from formulations.split_offloading.domain import allowed_splits
from formulations.split_offloading.latency import edge_seconds_per_step, transmission_seconds
from formulations.split_offloading.models.accuracy import accuracy_index
from formulations.split_offloading.parameters import SplitOffloading
from formulations.split_offloading.split_point import advantage_seconds


def build(data: SplitOffloading, user: int, batch: int, *, whole: bool = False) -> pyo.ConcreteModel:
    """P2 (20) of one user in a batch of b, with the variable ``split`` (n_i).

    Parameters
    ----------
    data : SplitOffloading
        The snapshot.
    user : int
        i, from 0.
    batch : int
        b [users].
    whole : bool
        Whether n_i is a whole number; the paper relaxes it.
    """
    model = pyo.ConcreteModel(name="split_offloading_p2")
    domain = pyo.NonNegativeIntegers if whole else pyo.NonNegativeReals
    model.split = pyo.Var(domain=domain, bounds=allowed(data, user, batch))  # C3, (4)
    model.worth = pyo.Objective(expr=worth(model, data, user, batch), sense=pyo.maximize)  # (20)
    return model


def allowed(data: SplitOffloading, user: int, batch: int) -> tuple[float, float]:
    """Range of n_i [steps], N_hat..N by C3 (4) and what further constraints leave of it in that batch."""
    lower, upper = allowed_splits(data, EDGE, batch)
    return float(lower[user]), float(upper[user])


def worth(model: pyo.ConcreteModel, data: SplitOffloading, user: int, batch: int) -> object:
    """Worth alpha_i F(n_i) - (L_i(1) - L_e(b, G)) n_i - (l^R + l^T + N L_e(b, G)) of the user [s], paper B (20).

    The paper prints the constant Gamma with the other sign of l^R + l^T, which changes no split.
    """
    constant = (
        float(data.wait_seconds[user])
        + float(transmission_seconds(data, batch)[user])
        + data.total_steps * float(edge_seconds_per_step(data, batch))
    )
    advantage = float(advantage_seconds(data, batch)[user])
    return (
        float(data.accuracy_weight[user]) * accuracy_index(data, model.split) - advantage * model.split - constant
    )
