"""Nodes of a branch and bound that is compiled: the tree, and the open nodes in a heap."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from formulations.compiled import compiled
from formulations.fields import FloatArray
from solvers.step_allocation.lagrangian.cardinality_branching import Branch, restrict
from solvers.step_allocation.lagrangian.dual_function import IntArray


class Nodes(NamedTuple):
    """Room for nodes."""

    branch: IntArray
    """Begin, end, most, first child, parent, and whether it is the side with at most so many; shape (M, 6)."""
    price: FloatArray
    bound: FloatArray
    heap: IntArray
    """Open nodes, the one of least bound first; each has its two children at twice its position."""


@compiled
def room(nodes: Nodes, size: int) -> Nodes:
    """The same nodes with room for so many."""
    grown = Nodes(np.empty((size, 6), np.int64), np.empty(size), np.empty(size), np.empty(size, np.int64))
    for node in range(nodes.price.size):
        for column in range(6):
            grown.branch[node, column] = nodes.branch[node, column]
        grown.price[node], grown.bound[node] = nodes.price[node], nodes.bound[node]
        grown.heap[node] = nodes.heap[node]
    return grown


@compiled
def add(nodes: Nodes, count: int, opened: int, parent: int, down: int, price: float, bound: float) -> None:
    """Add node number ``count``, which is the newest of ``opened + 1`` open ones."""
    for column in range(4):
        nodes.branch[count, column] = -1
    nodes.branch[count, 4], nodes.branch[count, 5] = parent, down
    nodes.price[count], nodes.bound[count] = price, bound
    at = opened
    while at > 0 and bound < nodes.bound[nodes.heap[(at - 1) // 2]]:
        nodes.heap[at] = nodes.heap[(at - 1) // 2]
        at = (at - 1) // 2
    nodes.heap[at] = count


@compiled
def close_first(nodes: Nodes, opened: int) -> None:
    """Take the first of ``opened`` open nodes off."""
    moving, at = nodes.heap[opened - 1], 0
    while 2 * at + 1 < opened - 1:
        child = 2 * at + 1
        if child + 1 < opened - 1 and nodes.bound[nodes.heap[child + 1]] < nodes.bound[nodes.heap[child]]:
            child += 1
        if nodes.bound[moving] <= nodes.bound[nodes.heap[child]]:
            break
        nodes.heap[at] = nodes.heap[child]
        at = child
    nodes.heap[at] = moving


@compiled
def ranges_of(nodes: Nodes, node: int) -> IntArray:
    """Counts that the branches above a node leave."""
    ranges = np.empty((0, 4), np.int64)
    while nodes.branch[node, 4] >= 0:
        parent = nodes.branch[node, 4]
        branch = Branch(nodes.branch[parent, 0], nodes.branch[parent, 1], nodes.branch[parent, 2])
        ranges = restrict(ranges, branch, nodes.branch[node, 5] > 0)
        node = parent
    return ranges
