"""Cliques of a GQAP: items of which no two fit in one place, so that the place takes one of them at most."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from solvers.gqap.bounds.branching_node import FORBIDDEN, IntArray, Mask, Node, allowed_pairs, room_left


class Cliques(NamedTuple):
    """A clique for every place, and one for every place once an item is at another; none has a single item."""

    at_place: Mask
    """Whether item k is in the clique of place q, shape (m, N)."""
    given: Mask
    """Whether item k is in the clique of place q once item i is at place j, shape (N, m, m, N), [i, j, q, k]."""


def cliques_of(node: Node) -> Cliques:
    """The cliques of a node's places."""
    pairs = allowed_pairs(node, exclusive=False).transpose(0, 2, 3, 1)
    allowed = (node.lead < FORBIDDEN).T
    return Cliques(clique(allowed, node.weight, node.room), clique(pairs, node.weight, room_left(node)))


def no_cliques(node: Node) -> Cliques:
    """No clique anywhere."""
    items, places = node.lead.shape
    return Cliques(
        np.zeros((places, items), dtype=np.bool_), np.zeros((items, places, places, items), dtype=np.bool_)
    )


def clique(allowed: Mask, weight: IntArray, room: IntArray) -> Mask:
    """Members (..., N) of one clique of the allowed items (..., N) for each room (...).

    They are all items that take more than half of the room, and the heaviest other that fits with none of them.
    """
    large = allowed & (2 * weight > room[..., None])
    lightest = np.where(large, weight, np.iinfo(np.int64).max // 2).min(axis=-1, keepdims=True)
    further = allowed & ~large & (weight + lightest > room[..., None]) & large.any(axis=-1, keepdims=True)
    heaviest = np.where(further, weight, -1).argmax(axis=-1)
    members = large | (further & (np.arange(weight.size) == heaviest[..., None]))
    return np.asarray(members & (members.sum(axis=-1, keepdims=True) >= 2))
