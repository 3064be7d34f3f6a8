"""Dual ascent on the level-2 RLT relaxation of a node, after Adams et al. [1]_; for nodes with costs of triples.

It is the ascent of :mod:`.dual_ascent` one level deeper, for problems in which no two items fit in one place. An
item takes its turn: for each of its places and each place of another item, the triples with both form a linear
assignment problem of the others, whose bound moves to the pair. The pairs are then bounded as at level 1, the
item's least cost moves to the constant, and what is left is spread over pairs, and from there over triples, where
the next items find it.

References
----------
.. [1] W. P. Adams, M. Guignard, P. M. Hahn, W. L. Hightower, "A level-2 reformulation-linearization technique
   bound for the quadratic assignment problem", European Journal of Operational Research 180 (2007).
"""

from __future__ import annotations

from time import perf_counter

from formulations.compiled import compiled_in_place
from solvers.gqap.bounds.branching_node import FORBIDDEN, NEVER, IntArray, Node
from solvers.gqap.bounds.dual_ascent import (
    Effort,
    Work,
    bound_choice,
    bound_together,
    reduce_row,
    spread,
)
from solvers.gqap.bounds.linear_assignment import bound_by_matching
from solvers.gqap.bounds.triple_products import read_triples, spread_pair, write_triples

FIRST_ITEM_STEP, OTHER_STEP = 7, 5
"""By how many items a round begins later than the one before, and where that would lead back to the same ones:
always the same order stops gaining earlier."""


def ascend_level2(node: Node, target: int, effort: Effort, work: Work, deadline: float) -> bool:
    """Raise a node's bound by rounds of ascent; return False where the deadline came first.

    Parameters
    ----------
    node : Node
        Changed in place; its constant is NEVER where no assignment of it can cost less than ``target``. The last
        round leaves what it could not move to the constant with the items' own costs, pairs and triples.
    target : int
        Cost from which an assignment is of no interest.
    effort : Effort
        How many rounds, and what one of them has to gain.
    work : Work
        Scratch space.
    deadline : float
        Looked at after every item [s of perf_counter].
    """
    items = node.lead.shape[0]
    step = FIRST_ITEM_STEP if items % FIRST_ITEM_STEP else OTHER_STEP
    for item in range(items):
        spread(node, item)
        spread_pairs(node, item)
    last, done = effort.rounds <= 1, 0
    while True:
        before = int(node.constant[0])
        for turn in range(items):
            take_turn(node, (turn + step * done) % items, target, not last, work)
            if node.constant[0] >= target:
                node.constant[0] = NEVER
                return True
            if perf_counter() >= deadline:
                return False
        done += 1
        if last:
            bound_together(node, True, target, work)
            if node.constant[0] >= target:
                node.constant[0] = NEVER
            return True
        gained = int(node.constant[0]) - before
        last = done + 1 >= effort.rounds or gained < effort.share * (target - int(node.constant[0]))


@compiled_in_place
def take_turn(node: Node, item: int, target: int, at_once: bool, work: Work) -> None:
    """Let an item collect and bound; ``at_once`` moves its least cost to the constant and spreads the rest."""
    lead = node.lead
    items, places = lead.shape
    for k in range(items):
        if k != item:
            for j in range(places):
                bound_pairs(node, min(item, k), j, max(item, k), item, target, work)
    for j in range(places):
        if lead[item, j] < FORBIDDEN:
            bound_choice(node, item, j, True, target, work)
    least = reduce_row(lead, item) if at_once else 0
    if least >= FORBIDDEN:
        node.constant[0] = NEVER
    elif at_once:
        node.constant[0] += least
        spread(node, item)
        spread_pairs(node, item)


@compiled_in_place
def spread_pairs(node: Node, item: int) -> None:
    """Spread all that an item has of its pairs over their triples."""
    items, places = node.lead.shape
    for k in range(items):
        if k != item:
            for j in range(places):
                for q in range(places):
                    spread_pair(node, item, j, k, q)


@compiled_in_place
def bound_pairs(node: Node, i: int, j: int, k: int, item: int, target: int, work: Work) -> None:
    """Bound the pairs of i at j with k > i anywhere by their triples.

    ``item``, i or k, gets both shares of each pair and the bound of its triples.
    """
    lead, pair = node.lead, node.pair
    if lead[i, j] >= FORBIDDEN:
        return
    read_triples(node.triple, i, j, k, work.block)
    for q in range(lead.shape[1]):
        mine, yours = pair[i, k, j, q], pair[k, i, q, j]
        if mine >= FORBIDDEN or yours >= FORBIDDEN or lead[k, q] >= FORBIDDEN or j == q:
            pair[i, k, j, q] = pair[k, i, q, j] = NEVER
            continue
        cost = work.block[q]
        rule_out(node, i, j, k, q, cost, FORBIDDEN)  # triples of which a pair or a choice is forbidden
        for p in range(lead.shape[1]):
            cost[i, p] = 0 if p == j else NEVER
            cost[k, p] = 0 if p == q else NEVER
        shared = mine + yours + bound_by_matching(cost, lead.shape[0], work.paths)
        together = node.constant[0] + lead[i, j] + lead[k, q] + shared
        if together >= target:
            pair[i, k, j, q] = pair[k, i, q, j] = NEVER
            continue
        pair[i, k, j, q] = shared if item == i else 0
        pair[k, i, q, j] = shared if item == k else 0
        rule_out(node, i, j, k, q, cost, target - together)
    write_triples(node.triple, i, j, k, work.block)


@compiled_in_place
def rule_out(node: Node, i: int, j: int, k: int, q: int, cost: IntArray, most: int) -> None:
    """Rule out triples of i at j and k at q that cost ``most`` or more.

    Counted are the triple, the third item's own cost, and the shares that i and k have of their pairs with it.
    """
    pair, lead = node.pair, node.lead
    items, places = lead.shape
    for h in range(items):
        if h != i and h != k:
            for p in range(places):
                if cost[h, p] + lead[h, p] + pair[i, h, j, p] + pair[k, h, q, p] >= most:
                    cost[h, p] = NEVER
