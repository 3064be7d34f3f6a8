"""Costs of three items at three places: where they are kept, and how they come from pairs and return to them.

They are the products of level 2 of the RLT (Adams et al. [1]_). Each unordered triple has one cost, which the
three pairs in it share. Kernels go through the places of the last item innermost, as the costs lie in memory.

References
----------
.. [1] W. P. Adams, M. Guignard, P. M. Hahn, W. L. Hightower, "A level-2 reformulation-linearization technique
   bound for the quadratic assignment problem", European Journal of Operational Research 180 (2007).
"""

from __future__ import annotations

from formulations.compiled import compiled_in_place
from solvers.gqap.bounds.branching_node import FORBIDDEN, NEVER, IntArray, Node, copy_matrix


def number_of_triples(items: int) -> int:
    """N (N - 1) (N - 2) / 6."""
    return items * (items - 1) * (items - 2) // 6


@compiled_in_place
def triple_of(first: int, second: int, third: int) -> int:
    """Number of a triple of items, given in order."""
    return third * (third - 1) * (third - 2) // 6 + second * (second - 1) // 2 + first


@compiled_in_place
def read_triples(triple: IntArray, i: int, j: int, k: int, cost: IntArray) -> None:
    """Fill ``cost`` (m, N, m), indexed [q, h, p], with the triples of i at j, k at q and h at p, where i < k.

    The rows of h = i and h = k are left as they are.
    """
    for h in range(cost.shape[1]):
        if h > k:
            copy_matrix(triple[triple_of(i, k, h), j], cost[:, h])
        elif i < h < k:
            copy_matrix(triple[triple_of(i, h, k), j], cost[:, h].T)
        elif h < i:
            copy_matrix(triple[triple_of(h, i, k), :, j], cost[:, h].T)


@compiled_in_place
def write_triples(triple: IntArray, i: int, j: int, k: int, cost: IntArray) -> None:
    """Put ``cost`` back where :func:`read_triples` has it from."""
    for h in range(cost.shape[1]):
        if h > k:
            copy_matrix(cost[:, h], triple[triple_of(i, k, h), j])
        elif i < h < k:
            copy_matrix(cost[:, h].T, triple[triple_of(i, h, k), j])
        elif h < i:
            copy_matrix(cost[:, h].T, triple[triple_of(h, i, k), :, j])


@compiled_in_place
def spread_pair(node: Node, i: int, j: int, k: int, q: int) -> None:
    """Spread i's share of the cost of i at place j and k at q evenly over their triples."""
    cost, triple = node.pair[i, k, j, q], node.triple
    if cost == 0 or cost >= FORBIDDEN:
        return
    node.pair[i, k, j, q] = 0
    items = node.lead.shape[0]
    share, rest = cost // (items - 2), cost % (items - 2)
    first, second, at_first, at_second = (i, k, j, q) if i < k else (k, i, q, j)
    for h in range(items):
        if h in (i, k):
            continue
        more = share + 1 if rest > 0 else share
        rest -= 1
        if h > second:
            add_to_all(triple[triple_of(first, second, h), at_first, at_second], more)
        elif h > first:
            add_to_all(triple[triple_of(first, h, second), at_first, :, at_second], more)
        else:
            add_to_all(triple[triple_of(h, first, second), :, at_first, at_second], more)


@compiled_in_place
def add_to_all(cost: IntArray, more: int) -> None:
    """Add a number to costs (m,)."""
    for p in range(cost.shape[0]):
        cost[p] += more


@compiled_in_place
def hand_down(node: Node, item: int, place: int, child: Node) -> None:
    """Give a node's triples to ``child``, in which an item is at a place and which :func:`.assign` has filled.

    Those with the item are added to the pairs of the other two, the rest become the child's triples.
    """
    items = node.lead.shape[0]
    for h in range(items):
        for k in range(h):
            for i in range(k):
                of_three = node.triple[triple_of(i, k, h)]
                if i == item:
                    add_to_pairs(child, k - 1, h - 1, of_three[place])
                elif k == item:
                    add_to_pairs(child, i, h - 1, of_three[:, place])
                elif h == item:
                    add_to_pairs(child, i, k, of_three[:, :, place])
                else:
                    in_child = child.triple[triple_of(i - (i > item), k - (k > item), h - (h > item))]
                    for j in range(in_child.shape[0]):
                        copy_matrix(of_three[j], in_child[j])


@compiled_in_place
def add_to_pairs(node: Node, i: int, k: int, cost: IntArray) -> None:
    """Add costs (m, m) of i and k at two places to i's share of them."""
    pair = node.pair
    places = cost.shape[0]
    for j in range(places):
        for q in range(places):
            together = max(cost[j, q], pair[i, k, j, q], pair[k, i, q, j])
            if together >= FORBIDDEN:
                pair[i, k, j, q] = pair[k, i, q, j] = NEVER
            else:
                pair[i, k, j, q] += cost[j, q]
