"""Raises a node's bound to its level-1 RLT relaxation: the dual solution of the linear programme as moves.

The dual solution is rounded to whole numbers, and each of them is the size of a move that keeps equation (1) of
docs/theory/gqap_branch_and_bound.md. So the bound is exact whatever the solver of the programme returns: its
tolerances, or a stop before the end, cost strength and no more.
"""

from __future__ import annotations

import highspy
import numpy as np

from formulations.fields import FloatArray
from solvers.external.native_highs import linear_program, quiet_highs
from solvers.external.tolerances import INTERIOR_POINT
from solvers.gqap.bounds.branching_node import FORBIDDEN, NEVER, IntArray, Node, allowed_pairs, room_left
from solvers.gqap.bounds.cliques import Cliques, cliques_of, no_cliques
from solvers.gqap.bounds.dual_ascent import Work, bound_together, spread
from solvers.gqap.bounds.rlt1_programme import NO_ROW, Programme, programme

LARGEST_MOVE = float(1 << 46)
"""Most that one multiplier may move; the dual solution of a sane programme stays far below."""

BYTES_PER_NONZERO = 600
"""Memory that HiGHS takes for each nonzero number of the programme, about."""

SECONDS_PER_NONZERO = 6e-5
"""Time that it takes for each, at most: 2.2e-5 (20-15-35) to 5.7e-5 (35-15-55) on one core. A programme that needs
more than its time is not begun [s]."""

SECONDS_WITH_CLIQUES = 2.6e-4
"""The same for a programme with cliques, of 30-20-95 on a busy core; without them it took 1e-4 there."""

MOST_BYTES = 8 << 30
"""Memory that a programme may take by that estimate."""


def raise_to_relaxation(node: Node, exclusive: bool, target: int, seconds: float, work: Work) -> bool:
    """Move the dual solution of the relaxation into a node; return whether its bound has risen.

    Parameters
    ----------
    node : Node
        Changed in place where its constant rises, which is NEVER where nothing can cost less than ``target``.
    exclusive : bool
        Whether no two items fit in one place.
    target : int
        Cost from which an assignment is of no interest.
    seconds : float
        Time that the linear programme may take [s].
    work : Work
        Scratch space of the node's size.
    """
    if seconds <= 0.0 or node.lead.shape[0] < 2:
        return False
    unit = cost_unit(node, target)
    members = no_cliques(node) if exclusive else cliques_of(node)
    relaxation = programme(node, exclusive, unit, members)
    if not is_affordable(relaxation, seconds):
        members = no_cliques(node)
        relaxation = programme(node, exclusive, unit)
    if not is_affordable(relaxation, seconds):
        return False
    dual = dual_solution(relaxation, seconds)
    if dual is None:
        return False
    raised = copy_of(node)
    move(raised, exclusive, relaxation, dual * unit, members)
    bound_together(raised, exclusive, target, work)
    if raised.constant[0] <= node.constant[0]:
        return False
    for array, new in zip(node, raised, strict=True):
        array[...] = new
    if node.constant[0] < target:
        for item in range(node.lead.shape[0]):
            spread(node, item)
    return True


def is_affordable(relaxation: Programme, seconds: float) -> bool:
    """Whether there are time and memory for a programme, by estimates from its nonzero numbers."""
    size = relaxation.matrix.nnz
    has_cliques = bool((relaxation.row_of_clique != NO_ROW).any())
    each = SECONDS_WITH_CLIQUES if has_cliques else SECONDS_PER_NONZERO
    return bool(size * BYTES_PER_NONZERO <= MOST_BYTES and size * each <= seconds)


def cost_unit(node: Node, target: int) -> float:
    """Unit in which the costs of a node's programme are neither tiny nor huge [units]."""
    lead, pair = node.lead[node.lead < FORBIDDEN], node.pair[node.pair < FORBIDDEN]
    largest = max(int(lead.max(initial=1)), int(pair.max(initial=1)))
    return float(max(1.0, min(float(largest), float(target - node.constant[0])) / node.lead.shape[0]))


def dual_solution(relaxation: Programme, seconds: float) -> FloatArray | None:
    """Dual values of the rows by HiGHS's interior point without crossover; None where it has none in time."""
    solver = quiet_highs(
        {
            "solver": "ipx",
            "run_crossover": "off",
            "ipm_optimality_tolerance": INTERIOR_POINT,
            "time_limit": seconds,
            "threads": 1,
        }
    )
    rows, columns = relaxation.matrix.shape
    positive = np.zeros(columns), np.full(columns, highspy.kHighsInf)
    equal = relaxation.right_hand_side, relaxation.right_hand_side
    solver.passModel(linear_program(relaxation.matrix, relaxation.cost, positive, equal))
    solver.run()
    dual = np.array(solver.getSolution().row_dual)
    return dual if dual.size == rows and bool(np.isfinite(dual).all()) else None


def move(node: Node, exclusive: bool, relaxation: Programme, dual: FloatArray, cliques: Cliques) -> None:
    """Make the moves that a dual solution in units says, rounded, and leave all shares of pairs non-negative.

    With cliques, an assignment may cost more than the node's numbers say of it, never less.
    """
    items, places = node.lead.shape
    choice = node.lead < FORBIDDEN
    pairs = allowed_pairs(node, exclusive)
    whole = np.append(np.rint(np.clip(dual, -LARGEST_MOVE, LARGEST_MOVE)), 0.0).astype(np.int64)
    to_item = np.where(relaxation.row_of_other != NO_ROW, whole[relaxation.row_of_other], 0)
    share = node.pair - to_item.transpose(0, 2, 1)[:, :, :, None]
    lead = node.lead + to_item.sum(axis=2)
    by_room = np.where(relaxation.row_of_room != NO_ROW, whole[relaxation.row_of_room], 0)
    if exclusive:
        column = by_room if items == places else np.minimum(by_room, 0)
        share -= column[:, None]
        lead += column.sum(axis=2)
    else:
        per_weight = np.rint(-by_room / max(1, int(node.weight.max()))).astype(np.int64)
        per_weight = np.where(choice[:, :, None], np.maximum(per_weight, -node.price), 0)
        share += per_weight[:, None] * node.weight[None, :, None, None]
        lead -= (per_weight * room_left(node)).sum(axis=2)
        node.price[...] += per_weight
        own = np.rint(-whole[relaxation.row_of_place] / max(1, int(node.weight.max()))).astype(np.int64)
        own = np.maximum(own, -node.own_price)
        lead += own * node.weight[:, None]
        node.constant[0] -= (own * node.room).sum()
        node.own_price[...] += own
        per_item = np.maximum(-whole[relaxation.row_of_clique], 0)  # 0 for NO_ROW, the last one
        share += np.where(cliques.given, per_item[..., None], 0).transpose(0, 3, 1, 2)
        lead -= per_item.sum(axis=2)
        at_place = np.maximum(-whole[relaxation.row_of_clique_at], 0)
        lead += np.where(cliques.at_place, at_place[:, None], 0).T
        node.constant[0] -= at_place.sum()
    node.lead[choice] = lead[choice]
    reduce_pairs(node, np.where(pairs, share + share.transpose(1, 0, 3, 2), NEVER))


def reduce_pairs(node: Node, together: IntArray) -> None:
    """Give every pair's cost to its first item, and the least of each row to the item's own cost."""
    items = node.lead.shape[0]
    first = np.triu(np.ones((items, items), dtype=bool), 1)[:, :, None, None]
    together = np.where(first | (together >= FORBIDDEN), together, 0)
    least = together.min(axis=3)
    least[least >= FORBIDDEN] = 0
    node.pair[...] = np.where(together >= FORBIDDEN, NEVER, together - least[:, :, :, None])
    node.lead[...] = np.where(node.lead < FORBIDDEN, node.lead + least.sum(axis=1), NEVER)


def copy_of(node: Node) -> Node:
    """A node of its own with the same numbers."""
    return Node(*(array.copy() for array in node))
