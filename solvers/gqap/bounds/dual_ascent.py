"""Dual ascent on the level-1 RLT relaxation of a node, after Hahn and Grant [1]_ and Pessoa et al. [2]_.

The items take turns. An item collects the costs that it shares with all others; for each of its places the pairs
form a linear assignment problem of the others, whose bound moves to the item's own cost there. What stays in the
pairs can be collected by the next item. The items' own costs form such a problem themselves, whose bound moves to
the constant; what is left of them is spread over the pairs again. Choices that would raise the bound to the
incumbent are ruled out on the way.

References
----------
.. [1] P. M. Hahn, T. Grant, "Lower bounds for the quadratic assignment problem based upon a dual formulation",
   Operations Research 46 (1998).
.. [2] A. A. Pessoa, P. M. Hahn, M. Guignard, Y.-R. Zhu, "Algorithms for the generalized quadratic assignment
   problem combining Lagrangean decomposition and the Reformulation-Linearization Technique", European Journal of
   Operational Research 206 (2010).
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from formulations.compiled import compiled_in_place
from solvers.gqap.bounds.branching_node import FORBIDDEN, NEVER, IntArray, Node, exclude
from solvers.gqap.bounds.gap_relaxation import PriceWork, bound_by_prices
from solvers.gqap.bounds.linear_assignment import PathWork, bound_by_matching


class Work(NamedTuple):
    """Scratch space of the ascent."""

    cost: IntArray
    """Costs of one linear assignment problem, shape (N, m)."""
    by_place: IntArray
    """The same the other way round, shape (m, N)."""
    weight: IntArray
    """Weights of the items that take part, 0 of the others, shape (N,)."""
    room: IntArray
    """Room at each place once an item is assigned, shape (m,)."""
    block: IntArray
    """Costs of triples of one item at one place with a second one, shape (m, N, m): for each place of the second
    item, a linear assignment problem of the others."""
    prices: PriceWork
    paths: PathWork


def workspace(items: int, places: int) -> Work:
    """Scratch space for nodes with that many items."""
    return Work(
        cost=np.empty((items, places), dtype=np.int64),
        by_place=np.empty((places, items), dtype=np.int64),
        weight=np.empty(items, dtype=np.int64),
        room=np.empty(places, dtype=np.int64),
        block=np.empty((places, items, places), dtype=np.int64),
        prices=PriceWork(
            least=np.empty(items, dtype=np.int64),
            ties=np.empty(items, dtype=np.int64),
            turn=np.empty(items),
            order=np.empty(items, dtype=np.int64),
        ),
        paths=PathWork(
            row_dual=np.empty(items, dtype=np.int64),
            is_matched=np.empty(items, dtype=np.bool_),
            column_dual=np.empty(places, dtype=np.int64),
            item_at=np.empty(places, dtype=np.int64),
            came_from=np.empty(places, dtype=np.int64),
            distance=np.empty(places, dtype=np.int64),
            reached_at=np.empty(places, dtype=np.int64),
        ),
    )


class Effort(NamedTuple):
    """How long a node is worked on."""

    rounds: int
    """Most rounds."""
    share: float
    """Share of the distance to the incumbent that a round has to gain; after a lesser one comes the last."""


@compiled_in_place
def ascend(node: Node, exclusive: bool, target: int, effort: Effort, work: Work) -> int:
    """Raise a node's bound by rounds of ascent; return their number.

    Parameters
    ----------
    node : Node
        Changed in place; its constant is NEVER where no assignment of it can cost less than ``target``. The last
        round leaves what it could not move to the constant with the items' own costs.
    exclusive : bool
        Whether no two items fit in one place, which makes the linear problems exact.
    target : int
        Cost from which an assignment is of no interest.
    effort : Effort
        How many rounds, and what one of them has to gain.
    work : Work
        Scratch space.

    Returns
    -------
    int
        Rounds made.
    """
    last = effort.rounds <= 1
    done = 0
    while True:
        before = node.constant[0]
        done += 1
        bound_by_items(node, exclusive, target, done % 2 == 0, (exclusive or done % 2 == 1) and not last, work)
        if node.constant[0] < target:
            bound_together(node, exclusive, target, work)
        if node.constant[0] >= target:
            node.constant[0] = NEVER
            return done
        if last:
            return done
        last = done + 1 >= effort.rounds or node.constant[0] - before < effort.share * (target - node.constant[0])
        for i in range(node.lead.shape[0]):
            spread(node, i)


@compiled_in_place
def bound_by_items(node: Node, exclusive: bool, target: int, backward: bool, at_once: bool, work: Work) -> None:
    """Let every item collect and bound; ``at_once`` moves its least cost to the constant before the next one."""
    lead = node.lead
    items, places = lead.shape
    for turn in range(items):
        i = items - 1 - turn if backward else turn
        collect(node, i)
        for j in range(places):
            if lead[i, j] < FORBIDDEN:
                bound_choice(node, i, j, exclusive, target, work)
        if at_once:
            least = reduce_row(lead, i)
            if least >= FORBIDDEN:
                node.constant[0] = NEVER
                return
            node.constant[0] += least
            spread(node, i)


@compiled_in_place
def collect(node: Node, item: int) -> None:
    """Move all that an item shares with others to its own share."""
    pair, lead = node.pair, node.lead
    items, places = lead.shape
    for k in range(items):
        if k == item:
            continue
        for j in range(places):
            if lead[item, j] >= FORBIDDEN:
                continue
            for q in range(places):
                mine, yours = pair[item, k, j, q], pair[k, item, q, j]
                if mine >= FORBIDDEN or yours >= FORBIDDEN:
                    pair[item, k, j, q] = pair[k, item, q, j] = NEVER
                else:
                    pair[item, k, j, q] = mine + yours
                    pair[k, item, q, j] = 0


@compiled_in_place
def bound_choice(node: Node, item: int, place: int, exclusive: bool, target: int, work: Work) -> None:
    """Move the bound of all pairs of an item at a place to its own cost; rule out what reaches the target."""
    gained = match_others(node, item, place, work) if exclusive else price_others(node, item, place, work)
    together = node.constant[0] + node.lead[item, place] + gained
    if together >= target:
        exclude(node, item, place)
        return
    node.lead[item, place] += gained
    if exclusive:
        take_over(node, item, place, work.cost, target - together)
    else:
        take_over(node, item, place, work.by_place.T, target - together)


@compiled_in_place
def take_over(node: Node, item: int, place: int, cost: IntArray, room: int) -> None:
    """Take over what is left of an item's pairs at a place; rule out those that cost ``room`` or more."""
    pair, lead = node.pair, node.lead
    items, places = lead.shape
    for k in range(items):
        if k != item:
            for q in range(places):
                is_out = cost[k, q] + lead[k, q] >= room
                if is_out and pair[item, k, place, q] < FORBIDDEN:
                    pair[k, item, q, place] = NEVER
                pair[item, k, place, q] = NEVER if is_out else cost[k, q]


@compiled_in_place
def match_others(node: Node, item: int, place: int, work: Work) -> int:
    """Bound of the pairs of an item at a place by matching; ``work.cost`` has what it leaves of them."""
    items, places = node.lead.shape
    for k in range(items):
        for q in range(places):
            fits = node.weight[k] <= node.room[q] and q != place
            work.cost[k, q] = node.pair[item, k, place, q] if fits else NEVER
    return bound_by_matching(work.cost, item, work.paths)


@compiled_in_place
def price_others(node: Node, item: int, place: int, work: Work) -> int:
    """Bound of the pairs of an item at a place by prices; ``work.by_place`` has what it leaves of them."""
    pair, room, weight, cost = node.pair, work.room, work.weight, work.by_place
    items, places = node.lead.shape
    for q in range(places):
        room[q] = node.room[q]
    room[place] -= node.weight[item]
    for k in range(items):
        weight[k] = node.weight[k]
        for q in range(places):
            cost[q, k] = pair[item, k, place, q] if weight[k] <= room[q] else NEVER
    weight[item] = 0
    for q in range(places):
        cost[q, item] = 0
    return bound_by_prices(cost, weight, room, node.price[item, place], work.prices)


@compiled_in_place
def bound_together(node: Node, exclusive: bool, target: int, work: Work) -> None:
    """Move the bound of all items' own costs to the constant."""
    lead, constant, cost = node.lead, node.constant, work.by_place
    items, places = lead.shape
    if exclusive:
        gained = bound_by_matching(lead, items, work.paths)
    else:
        for i in range(items):
            for j in range(places):
                cost[j, i] = lead[i, j]
        gained = bound_by_prices(cost, node.weight, node.room, node.own_price, work.prices)
        for i in range(items):
            for j in range(places):
                lead[i, j] = cost[j, i] if cost[j, i] < FORBIDDEN else NEVER
    constant[0] = NEVER if gained >= FORBIDDEN else constant[0] + gained
    for i in range(items):
        for j in range(places):
            if lead[i, j] < FORBIDDEN and constant[0] + lead[i, j] >= target:
                exclude(node, i, j)


@compiled_in_place
def reduce_row(cost: IntArray, row: int) -> int:
    """Subtract a row's least cost from it and return that; a row without a choice is left as it is."""
    places = cost.shape[1]
    least = cost[row, 0]
    for q in range(1, places):
        least = min(least, cost[row, q])
    if least != 0 and least < FORBIDDEN:
        for q in range(places):
            if cost[row, q] < FORBIDDEN:
                cost[row, q] -= least
    return int(least)


@compiled_in_place
def spread(node: Node, item: int) -> None:
    """Spread an item's own cost at each place evenly over its pairs there."""
    pair, lead = node.pair, node.lead
    items, places = lead.shape
    for j in range(places):
        cost = lead[item, j]
        if cost == 0 or cost >= FORBIDDEN:
            continue
        lead[item, j] = 0
        share, rest = cost // (items - 1), cost % (items - 1)
        for k in range(items):
            if k != item:
                more = share + 1 if rest > 0 else share
                rest -= 1
                for q in range(places):
                    if pair[item, k, j, q] < FORBIDDEN:
                        pair[item, k, j, q] += more
