"""Writes a proof of an optimum that :mod:`solvers.gqap.certificates.check` reads: a small tree of its own.

At each node the linear programme of the relaxation is solved, and its dual solution, rounded, is the node's
multipliers. What they prove is computed by the checker's arithmetic, so that rounding costs nodes, never truth.
"""

from __future__ import annotations

from collections.abc import Mapping
from time import perf_counter
from typing import Any

import numpy as np

from formulations.gqap.parameters import GQAP
from solvers.gqap.bounds.branching_node import NEVER, Node, empty_node
from solvers.gqap.bounds.rlt1_programme import NO_ROW, Programme, programme
from solvers.gqap.bounds.root_multipliers import cost_unit, dual_solution
from solvers.gqap.certificates.check import VERSION
from solvers.gqap.certificates.residual import Multipliers, Residual, Terms
from solvers.gqap.cost_arrays import cost_arrays
from solvers.gqap.tree.symmetry import place_renamings

MOST_LEAVES = 1000
"""Leaves beyond which no certificate is written."""

SCALE_BITS = 36
"""A cost that has to be beaten is about 2 to this power in the parts that multipliers count."""


class TooLarge(Exception):  # noqa: N818 - an expected end
    """The proof has more leaves, or takes more time, than it may."""


def certificate(data: GQAP, cost: float, instance_hash: str, deadline: float) -> Mapping[str, Any] | None:
    """Proof that no assignment of a whole problem costs less, or None where there is none in time and size."""
    if not (data.has_whole_costs and data.has_whole_weights and abs(cost) < 2.0**SCALE_BITS):
        return None
    scale = 1 << max(0, SCALE_BITS - int(abs(cost)).bit_length())
    target = scale * (int(cost) - Terms.of(data).step()) + 1
    writer = _Writer(data, target, deadline)
    everything = np.ones((data.items, data.places), dtype=bool)
    try:
        tree = writer.node(Residual(Terms.of(data), {}, everything, scale))
    except TooLarge:
        return None
    return {"version": VERSION, "instance_hash": instance_hash, "scale": scale, "target": target, "tree": tree}


class _Writer:
    """A proof as it grows."""

    def __init__(self, data: GQAP, target: int, deadline: float) -> None:
        self.target, self.deadline, self.leaves = target, deadline, 0
        self.renamings = place_renamings(cost_arrays(data))

    def node(self, residual: Residual) -> dict[str, Any]:
        """The record of a node and all below it."""
        if self.leaves > MOST_LEAVES or perf_counter() >= self.deadline:
            raise TooLarge
        by = self.best_multipliers(residual)
        record: dict[str, Any] = {name: _sparse(array) for name, array in by._asdict().items()}
        bound, added = residual.bound(by)
        if bound is None or bound >= self.target:
            self.leaves += 1
            return record
        still = np.array([[cost is not None and bound + cost < self.target for cost in row] for row in added])
        decided = [
            sum(min(1.0, cost / (self.target - bound)) if cost is not None else 1.0 for cost in row)
            for row in added
        ]
        row = int(np.argmax(decided))
        record |= {"item": residual.items[row], "children": [], "alike": []}
        others = np.delete(still, row, axis=0)
        used = list(residual.fixed.values())
        stays = self.renamings[(self.renamings[:, used] == used).all(axis=1)]
        done: set[int] = set()
        for place in sorted(np.flatnonzero(still[row]).tolist(), key=lambda j: added[row, j]):
            like = next((r for r in stays if any(r[child] == place for child in done)), None)
            if like is not None:
                record["alike"].append({"at": place, "renaming": like.tolist()})
                continue
            done.add(place)
            fixed = {**residual.fixed, residual.items[row]: place}
            child = self.node(Residual(residual.terms, fixed, others.copy(), residual.scale))
            record["children"].append({"at": place, **child})
        return record

    def best_multipliers(self, residual: Residual) -> Multipliers:
        """Multipliers from the relaxation's dual solution; zeros where a node needs none or none was found."""
        items, places = len(residual.items), residual.room.size
        zeros = Multipliers(
            *(_zeros(*shape) for shape in ((items, places, items), (items, places, places), (places,)))
        )
        bound, _ = residual.bound(zeros)
        if bound is None or bound >= self.target or items < 2:
            return zeros
        exclusive = residual.terms.exclusive()
        node = as_node(residual)
        unit = cost_unit(node, self.target)
        relaxation = programme(node, exclusive, unit)
        dual = dual_solution(relaxation, max(self.deadline - perf_counter(), 0.0))
        return zeros if dual is None else _rounded(residual, relaxation, dual * unit)


def _rounded(residual: Residual, relaxation: Programme, dual: Any) -> Multipliers:
    """A dual solution as multipliers in whole numbers of the right sign."""
    exclusive = residual.terms.exclusive()
    free_sign = exclusive and residual.terms.weight.size == residual.terms.limit.size
    largest = 1.0 if exclusive else float(max(1, *(residual.terms.weight[i] for i in residual.items)))
    padded = np.append(dual, 0.0)
    other = np.rint(np.where(relaxation.row_of_other != NO_ROW, padded[relaxation.row_of_other], 0.0))
    room = np.rint(-np.where(relaxation.row_of_room != NO_ROW, padded[relaxation.row_of_room], 0.0) / largest)
    place = np.rint(-padded[relaxation.row_of_place] / largest)
    if not free_sign:
        room, place = np.maximum(room, 0.0), np.maximum(place, 0.0)
    return Multipliers(*(_whole(array) for array in (other, room, place)))


def as_node(residual: Residual) -> Node:
    """A residual problem as the arrays that the linear programme is made of."""
    items, places = len(residual.items), residual.room.size
    node = empty_node(items, places)
    node.lead[...] = np.where(residual.allowed, residual.lead, NEVER).astype(np.int64)
    node.weight[...] = [residual.terms.weight[i] for i in residual.items]
    node.room[...] = residual.room.astype(np.int64)
    node.price[...], node.own_price[...], node.pair[...] = 0, 0, 0
    node.constant[0] = residual.constant
    for row, i in enumerate(residual.items):
        for other in range(row + 1, items):
            cost = (residual.scale * residual.terms.pair(i, residual.items[other])).astype(np.int64)
            allowed = residual.pair_allowed(row, other)
            node.pair[row, other] = np.where(allowed, cost, NEVER)
            node.pair[other, row] = np.where(allowed, 0, NEVER).T
    return node


def _sparse(array: Any) -> list[list[int]]:
    where = np.flatnonzero(array.ravel() != 0)
    return [where.tolist(), [int(value) for value in array.ravel()[where]]]


def _zeros(*shape: int) -> Any:
    return np.array([0] * int(np.prod(shape)), dtype=object).reshape(shape)


def _whole(values: Any) -> Any:
    return np.array([int(value) for value in values.ravel()], dtype=object).reshape(values.shape)
