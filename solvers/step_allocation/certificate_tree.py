"""The tree of a certificate as its checkers read it: complete branches over counts and steps, and its leaves.

Nothing of it is trusted: a branch's two children split the choices of their parent whatever the numbers are, so
that the leaves together hold every choice.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np

from formulations.fields import FloatArray
from formulations.step_allocation.parameters import EDGE, LOCAL, StepAllocation


class Range(NamedTuple):
    """How many of the ordered free users begin..end-1 offload."""

    begin: int
    end: int
    fewest: int
    most: int


class StepRange(NamedTuple):
    """Steps of one user at one place: at most ``most``, or more than that."""

    user: int
    place: int
    most: int
    at_most: bool


class Leaf(NamedTuple):
    """A leaf, and what the branches above it leave of the choices."""

    node: Mapping[str, Any]
    ranges: list[Range]
    steps: list[StepRange]


def leaves(tree: Any, free: int, users: int) -> list[Leaf]:
    """Every leaf of a tree over ``free`` ordered users, out of ``users`` in all.

    Raises
    ------
    ValueError
        If it is not a tree of branches.
    """
    if not isinstance(tree, list) or not all(isinstance(node, Mapping) for node in tree) or not tree:
        raise ValueError("the certificate has no tree")
    found: list[Leaf] = []
    stack: list[tuple[int, list[Range], list[StepRange]]] = [(0, [], [])]
    visited = 0
    while stack:
        index, ranges, steps = stack.pop()
        visited += 1
        if visited > len(tree):
            raise ValueError("a node of the certificate has two parents")
        node = tree[index]
        if "children" not in node:
            found.append(Leaf(node, ranges, steps))
            continue
        at_most, more = _children(index, node, len(tree))
        if "user" in node:
            user, place, most = _whole_numbers(index, node, ("user", "place", "most"))
            if not (0 <= user < users and place in (LOCAL, EDGE)):
                raise ValueError(f"node {index} of the certificate is not a branch")
            stack.append((at_most, ranges, [*steps, StepRange(user, place, most, at_most=True)]))
            stack.append((more, ranges, [*steps, StepRange(user, place, most, at_most=False)]))
            continue
        begin, end, most = _whole_numbers(index, node, ("begin", "end", "most"))
        if not 0 <= begin < end <= free:
            raise ValueError(f"node {index} of the certificate is not a branch")
        stack.append((at_most, _with(ranges, Range(begin, end, 0, most)), steps))
        stack.append((more, _with(ranges, Range(begin, end, most + 1, end - begin)), steps))
    return found


def _children(index: int, node: Mapping[str, Any], size: int) -> tuple[int, int]:
    children = node["children"]
    numbers = list(children) if isinstance(children, list | tuple) else []
    if len(numbers) != 2 or not all(type(number) is int for number in numbers):
        raise ValueError(f"node {index} of the certificate is not a branch")
    if not (index < min(numbers) and max(numbers) < size):
        raise ValueError(f"node {index} of the certificate is not a branch")
    return numbers[0], numbers[1]


def _whole_numbers(index: int, node: Mapping[str, Any], keys: Sequence[str]) -> list[int]:
    numbers = [node.get(key) for key in keys]
    if not all(type(number) is int for number in numbers):
        raise ValueError(f"node {index} of the certificate is not a branch")
    return [int(number) for number in numbers if number is not None]


def _with(ranges: Sequence[Range], added: Range) -> list[Range]:
    same = [r for r in ranges if (r.begin, r.end) == (added.begin, added.end)]
    fewest = max([added.fewest, *(r.fewest for r in same)])
    most = min([added.most, *(r.most for r in same)])
    return [r for r in ranges if r not in same] + [Range(added.begin, added.end, fewest, most)]


def least_choice(saving: FloatArray, ranges: Sequence[Range]) -> float:
    """Least sum of savings over choices whose counts lie in nested ranges; infinite if there is none."""
    whole = Range(0, saving.size, 0, saving.size)
    cost, _, marginals = _choices(saving, whole, sorted(ranges, key=lambda r: (r.begin, -r.end)))
    return cost + float(np.minimum(marginals, 0.0).sum())


def _choices(saving: FloatArray, outer: Range, inner: Sequence[Range]) -> tuple[float, int, FloatArray]:
    """Cost of the fewest users of an interval, their number, and the sorted cost of each further one."""
    cost, count = 0.0, 0
    marginals: list[FloatArray] = []
    position = outer.begin
    rest = list(inner)
    while rest:
        head = rest.pop(0)
        if head.begin < position or head.end > outer.end:
            raise ValueError("the intervals of the certificate are not nested")
        nested = [r for r in rest if r.begin < head.end]
        rest = rest[len(nested) :]
        marginals.append(saving[position : head.begin])
        head_cost, head_count, head_marginals = _choices(saving, head, nested)
        cost, count = cost + head_cost, count + head_count
        marginals.append(head_marginals)
        position = head.end
    marginals.append(saving[position : outer.end])
    further = np.sort(np.concatenate(marginals))
    missing = max(outer.fewest - count, 0)
    if count > outer.most or missing > further.size:
        return np.inf, count, further
    return cost + float(further[:missing].sum()), count + missing, further[missing : outer.most - count]


def read_price(value: Any) -> float:
    """A price, finite and not negative."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0.0 <= value < np.inf:
        raise ValueError(f"a price of the certificate is {value!r}, expected a finite number >= 0")
    return float(value)


def read_users(data: StepAllocation, certificate: Mapping[str, Any], key: str) -> np.ndarray:
    """Users that the certificate lists, shape (M,)."""
    users = np.asarray(certificate.get(key, [None]))
    if users.size and not (users.dtype.kind in "iu" and users.min() >= 0 and users.max() < data.users):
        raise ValueError(f"'{key}' of the certificate is no list of users of the instance")
    return users.astype(np.int64)
