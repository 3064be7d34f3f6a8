"""Checks a proof of the GQAP's optimum in exact integers, without the branch and bound and without a solver.

A certificate is a tree. A node holds multipliers, which prove a bound of every assignment that it stands for, and
of each further choice. Where the bound reaches the target the node is done. Else its children give one item all
its places, but those that the bound rules out, and those that a renaming of places makes of another child's place.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from formulations.gqap.parameters import GQAP
from solvers.core.certificate import Checked, refuse_others
from solvers.gqap.certificates.residual import Choices, Residual, Terms, multipliers, whole

VERSION = 1
"""Version of the layout that is written and read."""


def check(
    data: GQAP,
    certificate: Mapping[str, Any],
    solution: Mapping[str, Any] | None,
    instance_hash: str | None = None,
) -> Checked:
    """What a certificate proves of a problem.

    Raises
    ------
    ValueError
        If it proves nothing, or a node does not hold.
    """
    refuse_others(certificate, VERSION, instance_hash)
    terms = Terms.of(data)
    (scale, target) = whole([certificate["scale"], certificate["target"]]).tolist()
    if scale < 1:
        raise ValueError("the scale is not positive")
    everything = np.ones(terms.own.shape, dtype=bool)
    leaves = _check_node(Residual(terms, {}, everything, scale), certificate["tree"], target)
    if solution is None:
        return Checked(np.inf, float(-(-target // scale)), leaves, 0.0, 0.0)
    cost = cost_of(terms, solution["assignment"])
    below = max(0, cost + target // -scale) // terms.step() * terms.step()
    return Checked(float(cost), float(cost - below), leaves, 0.0, 0.0)


def cost_of(terms: Terms, assignment: Sequence[int]) -> int:
    """Cost of an assignment.

    Raises
    ------
    ValueError
        If it is none, or exceeds a capacity.
    """
    places = whole(assignment).tolist()
    if len(places) != terms.weight.size or not all(0 <= j < terms.limit.size for j in places):
        raise ValueError("the solution is no assignment of the items to places")
    load = [0] * terms.limit.size
    for i, j in enumerate(places):
        load[j] += terms.weight[i]
    if any(load[j] > terms.limit[j] for j in range(len(load))):
        raise ValueError("the solution exceeds a capacity")
    alone = sum(terms.own[i, j] for i, j in enumerate(places))
    pairs = range(len(places))
    return int(alone + sum(terms.pair(i, k)[places[i], places[k]] for i in pairs for k in range(i)))


def _check_node(node: Residual, record: Mapping[str, Any], target: int) -> int:
    """Leaves below a node.

    Raises
    ------
    ValueError
        If the node's children leave something out.
    """
    bound, added = node.bound(multipliers(record, len(node.items), node.room.size))
    if bound is None or bound >= target:
        return 1
    still: Choices = np.array([[cost is not None and bound + cost < target for cost in row] for row in added])
    if "item" not in record or not isinstance(record["item"], int) or record["item"] not in node.items:
        raise ValueError(f"a leaf with {node.fixed or 'nothing'} fixed is bounded by {bound}, expected {target}")
    item = record["item"]
    row = node.items.index(item)
    children = {int(child["at"]): child for child in record["children"]}
    alike = {int(entry["at"]): entry for entry in record.get("alike", ())}
    for place in np.flatnonzero(still[row]).tolist():
        if place not in children and not _is_alike(node, place, alike, children):
            raise ValueError(f"with {node.fixed or 'nothing'} fixed, item {item} at place {place} is left out")
    others = np.delete(still, row, axis=0)
    return sum(
        _check_node(Residual(node.terms, {**node.fixed, item: place}, others.copy(), node.scale), child, target)
        for place, child in children.items()
        if 0 <= place < node.room.size
    )


def _is_alike(
    node: Residual, place: int, alike: Mapping[int, Mapping[str, Any]], children: Mapping[int, object]
) -> bool:
    """Whether a renaming that changes nothing, and no place in use, makes a place of a child's place."""
    if place not in alike:
        return False
    renaming = whole(alike[place]["renaming"]).tolist()
    terms, size = node.terms, node.room.size
    if sorted(renaming) != list(range(size)) or any(renaming[j] != j for j in node.fixed.values()):
        return False
    keeps = (
        np.array_equal(terms.limit[renaming], terms.limit)
        and np.array_equal(terms.own[:, renaming], terms.own)
        and np.array_equal(terms.distance[np.ix_(renaming, renaming)], terms.distance)
    )
    return keeps and any(renaming[child] == place for child in children if 0 <= child < size)
