"""How a branch is divided: at a model that is held in part, at a batch between two, or around a batch."""

from __future__ import annotations

import numpy as np

from formulations.fields import FloatArray
from solvers.multi_edge_offloading.decomposition.node_bound import Bounded, weights_of
from solvers.multi_edge_offloading.decomposition.rules import (
    FREE,
    HELD,
    NOT_HELD,
    Rules,
    with_model,
    with_range,
    with_user,
)

WHOLE = 1e-6
"""Weight that counts as none."""


def children(rules: Rules, found: Bounded, *, coupled: bool = False) -> list[Rules]:
    """Branches that cover a branch; none where nothing is left to decide.

    With models and batches decided the best assignment is a transportation problem, whose bound is tight. Where
    rows couple users (``coupled``), it is so once it is decided who is served, too.
    """
    pair = _model_in_part(rules, found)
    if pair is not None:
        return [with_model(rules, *pair, state) for state in (HELD, NOT_HELD)]
    most = int(rules.upper.max(initial=0))
    share = weights_of(found.columns, found.weights, rules.lower.size, most)
    batches = np.arange(most + 1.0)
    share[:, 0] += np.maximum(1.0 - share.sum(axis=1), 0.0)
    spread = (share > WHOLE).sum(axis=1) > 1
    wide = rules.upper > rules.lower
    if (spread & wide).any():
        mean = share @ batches
        variance = np.where(spread & wide, share @ batches**2 - mean**2, -1.0)
        server = int(np.argmax(variance))
        cut = int(np.clip(np.floor(mean[server]), rules.lower[server], rules.upper[server] - 1))
        return [
            with_range(rules, server, int(rules.lower[server]), cut),
            with_range(rules, server, cut + 1, int(rules.upper[server])),
        ]
    share_of_user = _served_in_part(rules, found) if coupled else None
    if share_of_user is not None:
        return [with_user(rules, share_of_user, state) for state in (HELD, NOT_HELD)]
    if wide.any():
        server = int(np.argmax(np.where(wide, rules.upper - rules.lower, -1)))
        return _around(rules, server, int(np.argmax(share[server])))
    open_models = np.argwhere((rules.held == FREE) & _coupled(rules)[:, None])
    if open_models.size:
        server, model = open_models[0].tolist()
        return [with_model(rules, server, model, state) for state in (HELD, NOT_HELD)]
    undecided = np.flatnonzero(rules.user == FREE)
    if coupled and undecided.size:
        return [with_user(rules, int(undecided[0]), state) for state in (HELD, NOT_HELD)]
    return []


def _served_in_part(rules: Rules, found: Bounded) -> int | None:
    """User that is nearest to being half served, or None."""
    served = np.zeros(rules.user.size)
    for column, weight in zip(found.columns, found.weights.tolist(), strict=True):
        served[column.users] += weight
    middle = np.where(rules.user == FREE, np.minimum(served, 1.0 - served), 0.0)
    user = int(np.argmax(middle))
    return user if middle[user] > WHOLE else None


def _coupled(rules: Rules) -> FloatArray:
    """Servers at which some model has to stay out."""
    return np.asarray((rules.held != NOT_HELD).sum(axis=1) > rules.slots)


def _model_in_part(rules: Rules, found: Bounded) -> tuple[int, int] | None:
    """Server and free model that is nearest to being half held, or None."""
    if rules.held.shape[1] == 1 and not _coupled(rules).any():
        return None
    held = np.zeros(rules.held.shape)
    for column, weight in zip(found.columns, found.weights.tolist(), strict=True):
        held[column.server, np.unique(rules.model[column.users])] += weight
    middle = np.where((rules.held == FREE) & _coupled(rules)[:, None], np.minimum(held, 1.0 - held), 0.0)
    server, model = np.unravel_index(int(np.argmax(middle)), middle.shape)
    return (int(server), int(model)) if middle[server, model] > WHOLE else None


def _around(rules: Rules, server: int, batch: int) -> list[Rules]:
    """A batch alone, and what is below and above it."""
    lower, upper = int(rules.lower[server]), int(rules.upper[server])
    batch = min(max(batch, lower), upper)
    pieces = [(lower, batch - 1), (batch, batch), (batch + 1, upper)]
    return [with_range(rules, server, one, two) for one, two in pieces if one <= two]
