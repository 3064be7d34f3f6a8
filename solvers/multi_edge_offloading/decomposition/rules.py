"""What a branch allows: batches of each server, models that it holds, and users that are served or stay local."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from formulations.multi_edge_offloading.domain import must_offload
from formulations.multi_edge_offloading.gains import GainTable
from formulations.multi_edge_offloading.parameters import MultiEdgeOffloading

FREE = 0
"""Whether a server holds a model is still open."""
HELD = 1
"""The server holds the model."""
NOT_HELD = 2
"""The server does not hold the model."""


class Rules(NamedTuple):
    """A branch, in arrays that kernels read.

    Attributes
    ----------
    lower, upper : ndarray of int64
        Range of the batch b of each server, shape (m,). A server serves at most b users, each with its gain in a
        batch of b, so that b is a level rather than a number of users; no range loses a solution.
    held : ndarray of int64
        FREE, HELD or NOT_HELD for each server and model, shape (m, K).
    slots : ndarray of int64
        Models that each server can hold, shape (m,).
    model : ndarray of int64
        Model of each user, shape (I,).
    user : ndarray of int64
        HELD for a user that some server has to serve, NOT_HELD for one that has to stay local, shape (I,). Gains
        say so to the kernels, see :mod:`solvers.multi_edge_offloading.constrained.demands`.
    """

    lower: NDArray[np.int64]
    upper: NDArray[np.int64]
    held: NDArray[np.int64]
    slots: NDArray[np.int64]
    model: NDArray[np.int64]
    user: NDArray[np.int64]


def all_allowed(data: MultiEdgeOffloading, table: GainTable) -> Rules:
    """The whole problem: every batch that can pay, and no model decided.

    Where every server can hold all models, all users count as asking for one.
    """
    models = data.models if data.chooses_models else 1
    slots = np.minimum(data.model_slots, models).astype(np.int64)
    return Rules(
        lower=np.zeros(data.servers, dtype=np.int64),
        upper=table.batches.astype(np.int64),
        held=np.where(slots[:, None] == 0, NOT_HELD, np.full((data.servers, models), FREE)).astype(np.int64),
        slots=slots,
        model=(data.model_of_user if data.chooses_models else np.zeros(data.users)).astype(np.int64),
        user=np.where(must_offload(data), HELD, FREE).astype(np.int64),
    )


def with_range(rules: Rules, server: int, lower: int, upper: int) -> Rules:
    """The branch with another range of batches at one server."""
    lowers, uppers = rules.lower.copy(), rules.upper.copy()
    lowers[server], uppers[server] = lower, upper
    return rules._replace(lower=lowers, upper=uppers)


def with_model(rules: Rules, server: int, model: int, state: int) -> Rules:
    """The branch in which a server holds a model, or does not; full slots leave no other model open."""
    held = rules.held.copy()
    held[server, model] = state
    if (held[server] == HELD).sum() >= rules.slots[server]:
        held[server, held[server] == FREE] = NOT_HELD
    return rules._replace(held=held)


def with_user(rules: Rules, user: int, state: int) -> Rules:
    """The branch in which a user is served somewhere, or stays local."""
    states = rules.user.copy()
    states[user] = state
    return rules._replace(user=states)
