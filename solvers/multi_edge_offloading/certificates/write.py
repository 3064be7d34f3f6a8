"""Writes what proves a bound: the tree of branches, and at each leaf the prices of the users.

A branch is ``{"server": j, "cuts": [c, ...], "children": [...]}``, whose children have the levels up to the first
cut, up to the second one, and so on, or ``{"server": j, "model": k, "children": [held, not held]}``. A leaf is
``{"prices": [...]}``. The children of a branch hold every solution of their parent whatever the numbers are.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from solvers.multi_edge_offloading.decomposition.rules import HELD, NOT_HELD
from solvers.multi_edge_offloading.tree.search import Node, leaves

VERSION = 1
"""Version of the layout."""

MOST_PRICES = 5_000_000
"""Prices of all leaves beyond which no certificate is written."""


def certificate_of(root: Node) -> dict[str, Any] | None:
    """The certificate of a tree; None where it would be too large."""
    if len(leaves(root)) * root.prices.size > MOST_PRICES:
        return None
    return {"version": VERSION, "tree": _written(root)}


def _written(node: Node) -> dict[str, Any]:
    if not node.children:
        return {"prices": node.prices}
    return {**_branch(node), "children": [_written(child) for child in node.children]}


def _branch(node: Node) -> dict[str, Any]:
    """What a node was divided at."""
    first, last = node.children[0].rules, node.children[-1].rules
    pairs = np.argwhere((first.held == HELD) & (last.held == NOT_HELD) & (node.rules.held == 0))
    if pairs.size:
        server, model = pairs[0].tolist()
        return {"server": server, "model": model}
    server = int(np.argmax((first.lower != last.lower) | (first.upper != last.upper)))
    return {"server": server, "cuts": [int(child.rules.upper[server]) for child in node.children[:-1]]}
