"""The tree of a certificate as its checker reads it: complete branches over counts and steps, and its leaves.

Nothing of it is trusted: a branch's two children split the choices of their parent whatever the numbers are, so
that the leaves together hold every choice.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np

from formulations.fields import BoolArray, FloatArray
from formulations.step_allocation.parameters import EDGE, LOCAL

LEAF = {"multipliers"}
COUNT_BRANCH = {"begin", "end", "most", "children"}
STEP_BRANCH = {"user", "place", "most", "children"}

MOST_STEPS = 2**53
"""Whole numbers above it are not all floats, so that a branch on them need not split all steps."""


class Range(NamedTuple):
    """How many of the ordered users begin..end-1 offload."""

    begin: int
    end: int
    lower: int
    upper: int


class StepRange(NamedTuple):
    """Whole steps of one user at one place: at most ``most``, or more than that."""

    user: int
    place: int
    most: int
    down: bool


class Leaf(NamedTuple):
    """A leaf, and what the branches above it leave of the choices."""

    node: int
    multipliers: Any
    """As the certificate has them."""
    ranges: list[Range]
    steps: list[StepRange]


def leaves(tree: Any, ordered: int, users: int, *, whole: bool) -> list[Leaf]:
    """Every leaf of a tree over ``ordered`` users, out of ``users`` in all.

    Parameters
    ----------
    tree : list of Mapping
        Nodes, the root first, every child behind its parent.
    ordered, users : int
        Number of users whose counts, and of users whose steps, may be branched on.
    whole : bool
        Whether steps are whole: between at most m and at least m + 1 lie others where they are not.

    Raises
    ------
    ValueError
        If it is not a tree in which every node is reached once.
    """
    if not isinstance(tree, list | tuple) or not all(isinstance(node, Mapping) for node in tree) or not tree:
        raise ValueError("the certificate has no tree")
    found: list[Leaf] = []
    reached = {0}
    stack: list[tuple[int, list[Range], list[StepRange]]] = [(0, [], [])]
    while stack:
        index, ranges, steps = stack.pop()
        node = tree[index]
        if set(node) == LEAF:
            found.append(Leaf(index, node["multipliers"], ranges, steps))
            continue
        down, up = children = _children(index, node, len(tree))
        if down == up or not reached.isdisjoint(children):
            raise ValueError("a node of the certificate has two parents")
        reached.update(children)
        if set(node) == STEP_BRANCH:
            user, place, most = _whole_numbers(index, node, ("user", "place", "most"))
            if not (whole and 0 <= user < users and place in (LOCAL, EDGE) and 0 <= most < MOST_STEPS):
                raise ValueError(
                    f"node {index} of the certificate is not a branch on whole steps of this instance"
                )
            stack.append((down, ranges, [*steps, StepRange(user, place, most, down=True)]))
            stack.append((up, ranges, [*steps, StepRange(user, place, most, down=False)]))
            continue
        begin, end, most = _whole_numbers(index, node, ("begin", "end", "most"))
        if not (0 <= begin < end <= ordered and 0 <= most < end - begin):
            raise ValueError(f"node {index} of the certificate is not a branch")
        stack.append((down, _with(ranges, Range(begin, end, 0, most)), steps))
        stack.append((up, _with(ranges, Range(begin, end, most + 1, end - begin)), steps))
    if len(reached) != len(tree):
        raise ValueError("the certificate has a node that no branch leads to")
    return found


def _children(index: int, node: Mapping[str, Any], size: int) -> tuple[int, int]:
    numbers = node.get("children")
    pair = isinstance(numbers, list | tuple) and len(numbers) == 2 and all(type(n) is int for n in numbers)
    if set(node) not in (COUNT_BRANCH, STEP_BRANCH) or not pair:
        raise ValueError(f"node {index} of the certificate is not a branch")
    first, second = node["children"]
    if not (index < min(first, second) and max(first, second) < size):
        raise ValueError(f"node {index} of the certificate is not a branch")
    return first, second


def _whole_numbers(index: int, node: Mapping[str, Any], keys: Sequence[str]) -> list[int]:
    numbers = [node[key] for key in keys]
    if not all(type(number) is int for number in numbers):
        raise ValueError(f"node {index} of the certificate is not a branch")
    return numbers


def _with(ranges: Sequence[Range], added: Range) -> list[Range]:
    same = [r for r in ranges if (r.begin, r.end) == (added.begin, added.end)]
    lower = max([added.lower, *(r.lower for r in same)])
    upper = min([added.upper, *(r.upper for r in same)])
    return [r for r in ranges if r not in same] + [Range(added.begin, added.end, lower, upper)]


def least_choice(local: FloatArray, edge: FloatArray, ranges: Sequence[Range]) -> BoolArray | None:
    """Who of the ordered users offloads in a choice of least cost whose counts lie in nested ranges.

    Parameters
    ----------
    local, edge : FloatArray
        Cost of each user at each place; infinite where it may not be.
    ranges : sequence of Range
        Nested or disjoint.

    Returns
    -------
    BoolArray or None
        None where there is no choice.
    """
    stay, must = np.isposinf(edge), np.isposinf(local)
    if (stay & must).any():
        return None
    # Who must offload comes first in every order, who may not comes last.
    saving = np.where(must, -np.inf, np.where(stay, np.inf, 0.0))
    both = ~(stay | must)
    saving[both] = edge[both] - local[both]
    whole = Range(0, local.size, 0, local.size)
    taken, further = _choices(saving, whole, sorted(ranges, key=lambda r: (r.begin, -r.end)))
    if taken is None:
        return None
    chosen = np.zeros(local.size, dtype=np.bool_)
    chosen[taken] = True
    chosen[further[saving[further] < 0.0]] = True
    wrong = (chosen & stay) | (~chosen & must)
    return None if wrong.any() else chosen


def _choices(saving: FloatArray, outer: Range, inner: Sequence[Range]) -> tuple[np.ndarray | None, np.ndarray]:
    """Users of an interval that offload at its lower bound, and the further ones that may, the cheapest first.

    None where no choice has counts in the ranges.
    """
    taken: list[np.ndarray] = [np.arange(0)]
    further: list[np.ndarray] = []
    position = outer.begin
    rest = list(inner)
    while rest:
        head = rest.pop(0)
        if head.begin < position or head.end > outer.end:
            raise ValueError("the intervals of the certificate are not nested")
        nested = [r for r in rest if r.begin < head.end]
        rest = rest[len(nested) :]
        further.append(np.arange(position, head.begin))
        head_taken, head_further = _choices(saving, head, nested)
        if head_taken is None:
            return None, head_further
        taken.append(head_taken)
        further.append(head_further)
        position = head.end
    further.append(np.arange(position, outer.end))
    users, at_lower = np.concatenate(further), np.concatenate(taken)
    users = users[np.argsort(saving[users], kind="stable")]
    missing = max(outer.lower - at_lower.size, 0)
    if at_lower.size > outer.upper or missing > users.size or outer.lower > outer.upper:
        return None, users
    return np.concatenate([at_lower, users[:missing]]), users[missing : outer.upper - at_lower.size]
