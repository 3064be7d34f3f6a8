"""A node of the branch and bound: what is left of a GQAP once some items have their places, in whole numbers.

For every assignment of the remaining items that is cheaper than the incumbent,

    cost  =  constant + sum_i lead[i, p_i] + sum_i sum_(k != i) pair[i, k, p_i, p_k]
             + sum_(i < k < h) triple[ikh, p_i, p_k, p_h] + prices of unused room,

where a price is paid for each unit of room that is left at a place, and for each unit that item i at place j sees
left at place q. All numbers but the constant are non-negative, so the constant is a lower bound. It is raised by
moving costs between the shares ``pair[i, k, j, q]`` and ``pair[k, i, q, j]`` of a product, from an item's pairs to
its own cost, and from there to the constant; every such move keeps the equation. Costs of triples are for large
trees alone (:mod:`.triple_products`).
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from formulations.compiled import compiled_in_place

IntArray = NDArray[np.int64]

Mask = NDArray[np.bool_]

FORBIDDEN = 1 << 59
"""Costs from here on belong to choices that cannot be part of an assignment cheaper than the incumbent."""

NEVER = 1 << 60
"""What stands for such a choice."""


class Node(NamedTuple):
    """Reduced costs of the remaining items; N items, m places."""

    pair: IntArray
    """Share of item i in the cost of i at place j and k at place q, shape (N, N, m, m), indexed [i, k, j, q]."""
    lead: IntArray
    """Cost of item i at place j, shape (N, m)."""
    price: IntArray
    """Price of a unit of room that item i at place j sees unused at place q, shape (N, m, m)."""
    own_price: IntArray
    """Price of a unit of room unused at a place, shape (m,)."""
    weight: IntArray
    """Weight of each item, shape (N,)."""
    room: IntArray
    """Load that the remaining items may put on each place, shape (m,)."""
    constant: IntArray
    """The bound, shape (1,)."""
    triple: IntArray
    """Cost of items i < k < h at three places, shape (N (N - 1) (N - 2) / 6, m, m, m); none in most nodes.

    :func:`.triple_of` says which is where.
    """


@compiled_in_place
def exclude(node: Node, item: int, place: int) -> None:
    """Rule out that an item goes to a place."""
    pair, lead = node.pair, node.lead
    lead[item, place] = NEVER
    for k in range(lead.shape[0]):
        if k != item:
            for q in range(lead.shape[1]):
                pair[k, item, q, place] = NEVER


@compiled_in_place
def assign(node: Node, item: int, place: int, child: Node) -> None:
    """Fill ``child`` with what remains of a node when an item goes to a place, costs of triples apart."""
    pair, lead, price, own_price, weight, room, constant, _ = node
    items, places = lead.shape
    child.constant[0] = constant[0] + lead[item, place]
    for q in range(places):
        child.room[q] = room[q]
        child.own_price[q] = own_price[q] + price[item, place, q]
    child.room[place] -= weight[item]
    for k in range(items):
        if k != item:
            to_k = k if k < item else k - 1
            child.weight[to_k] = weight[k]
            for q in range(places):
                cost = lead[k, q] + pair[item, k, place, q] + pair[k, item, q, place]
                fits = weight[k] <= child.room[q]
                child.lead[to_k, q] = cost if cost < FORBIDDEN and fits else NEVER
            copy_matrix(price[k], child.price[to_k])
            for h in range(items):
                if h != item and h != k:
                    copy_matrix(pair[k, h], child.pair[to_k, h if h < item else h - 1])
    for k in range(items - 1):
        for q in range(places):
            if child.lead[k, q] >= FORBIDDEN:
                exclude(child, k, q)


@compiled_in_place
def lower_room(node: Node, place: int, by: int) -> None:
    """Take from a place room that cannot be filled, and rule out what then does not fit."""
    node.room[place] -= by
    node.constant[0] += by * node.own_price[place]
    for i in range(node.lead.shape[0]):
        for j in range(node.lead.shape[1]):
            if node.lead[i, j] < FORBIDDEN:
                node.lead[i, j] += by * node.price[i, j, place]
        if node.weight[i] > node.room[place] and node.lead[i, place] < FORBIDDEN:
            exclude(node, i, place)


@compiled_in_place
def copy_matrix(source: IntArray, copy: IntArray) -> None:
    """Copy a matrix of places."""
    for q in range(source.shape[0]):
        for j in range(source.shape[1]):
            copy[q, j] = source[q, j]


def empty_node(items: int, places: int, triples: int = 0) -> Node:
    """Room for a node with so many costs of triples, not filled; shares of an item with itself are never used."""
    return Node(
        pair=np.empty((items, items, places, places), dtype=np.int64),
        lead=np.empty((items, places), dtype=np.int64),
        price=np.empty((items, places, places), dtype=np.int64),
        own_price=np.empty(places, dtype=np.int64),
        weight=np.empty(items, dtype=np.int64),
        room=np.empty(places, dtype=np.int64),
        constant=np.empty(1, dtype=np.int64),
        triple=np.empty((triples, places, places, places), dtype=np.int64),
    )


def allowed_pairs(node: Node, exclusive: bool) -> Mask:
    """Whether item i may be at j while k is at q, shape (N, N, m, m), indexed [i, k, j, q]."""
    items, places = node.lead.shape
    allowed, weight = node.lead < FORBIDDEN, node.weight
    free = node.pair < FORBIDDEN
    pairs = free & free.transpose(1, 0, 3, 2) & allowed[:, None, :, None] & allowed[None, :, None, :]
    together = weight[:, None, None] + weight[None, :, None] <= node.room
    same = np.arange(places)
    pairs[:, :, same, same] &= together & (not exclusive)
    pairs[np.arange(items), np.arange(items)] = False
    return pairs


def room_left(node: Node) -> IntArray:
    """Room at place q once item i is at place j, shape (N, m, m)."""
    own = np.eye(node.room.size, dtype=np.int64)[None] * node.weight[:, None, None]
    return np.asarray(node.room[None, None, :] - own)
