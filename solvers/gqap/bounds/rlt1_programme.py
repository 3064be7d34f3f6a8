"""The level-1 RLT relaxation of a node as a linear programme in sparse arrays, without what is ruled out.

The relaxation is that of Adams and Johnson [1]_, with the capacity products of Pessoa et al. [2]_.
Columns are x_ij, y_iji'j' for i < i', and the unused room s_ijj' and s_j at their prices; all rows are equations.
The dual solution says how far each move of docs/theory/gqap_branch_and_bound.md should go.

References
----------
.. [1] W. P. Adams, T. A. Johnson, "Improved linear programming-based lower bounds for the quadratic
   assignment problem", DIMACS Series in Discrete Mathematics and Theoretical Computer Science 16 (1994).
.. [2] A. A. Pessoa, P. M. Hahn, M. Guignard, Y.-R. Zhu, "Algorithms for the generalized quadratic assignment
   problem combining Lagrangean decomposition and the Reformulation-Linearization Technique", European Journal of
   Operational Research 206 (2010).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from formulations.fields import FloatArray
from solvers.gqap.bounds.branching_node import FORBIDDEN, IntArray, Mask, Node, allowed_pairs, room_left
from solvers.gqap.bounds.cliques import Cliques, no_cliques

NO_ROW = -1
"""Stands for a row that the programme does not have."""


class Programme(NamedTuple):
    """minimise cost x subject to matrix x = right_hand_side, x >= 0."""

    matrix: sparse.csc_matrix
    cost: FloatArray
    right_hand_side: FloatArray
    row_of_other: IntArray
    """Row that gives item k one place times x_ij, or NO_ROW, shape (N, m, N), indexed [i, j, k]."""
    row_of_room: IntArray
    """Row of the room at place q times x_ij, or NO_ROW, shape (N, m, m)."""
    row_of_place: IntArray
    """Row of the room at each place, shape (m,)."""
    row_of_clique: IntArray
    """Row of the clique of place q times x_ij, or NO_ROW, shape (N, m, m)."""
    row_of_clique_at: IntArray
    """Row of the clique of each place, or NO_ROW, shape (m,)."""


@dataclass
class _Entries:
    """Rows, columns and values of a sparse matrix as they come, and the sizes reached."""

    rows: list[IntArray] = field(default_factory=list)
    columns: list[IntArray] = field(default_factory=list)
    values: list[FloatArray] = field(default_factory=list)
    costs: list[FloatArray] = field(default_factory=list)
    sides: list[FloatArray] = field(default_factory=list)

    def column(self, cost: NDArray[Any]) -> IntArray:
        """New columns of given costs."""
        first = sum(part.size for part in self.costs)
        self.costs.append(np.asarray(cost, dtype=float))
        return np.arange(first, first + cost.size)

    def row(self, side: FloatArray) -> IntArray:
        """New rows of given right-hand sides."""
        first = sum(part.size for part in self.sides)
        self.sides.append(np.asarray(side, dtype=float))
        return np.arange(first, first + side.size)

    def add(self, rows: IntArray, columns: IntArray, values: FloatArray | float) -> None:
        """Entries of the matrix; those in no row are left out."""
        real = rows != NO_ROW
        self.rows.append(rows[real])
        self.columns.append(columns[real])
        self.values.append(np.broadcast_to(values, rows.shape)[real].astype(float))


def programme(node: Node, exclusive: bool, unit: float, cliques: Cliques | None = None) -> Programme:
    """The relaxation of a node with costs in multiples of ``unit``, with cutting planes of cliques where given."""
    items, places = node.lead.shape
    choice = node.lead < FORBIDDEN
    pairs = allowed_pairs(node, exclusive)
    entries = _Entries()
    x = np.full((items, places), NO_ROW)
    x[choice] = entries.column(node.lead[choice] / unit)
    item, place = np.nonzero(choice)
    upper = np.triu(np.ones((items, items), dtype=bool), 1)[:, :, None, None]
    i, k, j, q = np.nonzero(pairs & upper)
    y = entries.column((node.pair[i, k, j, q] + node.pair[k, i, q, j]) / unit)

    one_place = entries.row(np.ones(items))
    entries.add(one_place[item], x[item, place], 1.0)
    row_of_other = _rows_times_x(entries, x, choice[:, :, None] & ~np.eye(items, dtype=bool)[:, None, :])
    entries.add(row_of_other[i, j, k], y, 1.0)
    entries.add(row_of_other[k, q, i], y, 1.0)

    largest = 1.0 if exclusive else float(max(1, node.weight.max()))
    share = np.ones(items) if exclusive else node.weight / largest
    left = np.ones((items, places, places)) if exclusive else room_left(node) / largest
    load = np.einsum("ikjq,k->ijq", pairs, share)
    binds = (load > left * (1.0 + 1e-12)) | (node.price > 0)
    if exclusive:
        binds = ~np.eye(places, dtype=bool)[None] & np.ones((items, 1, 1), dtype=bool)
    row_of_room = _rows_times_x(entries, x, choice[:, :, None] & binds, left)
    entries.add(row_of_room[i, j, q], y, share[k])
    entries.add(row_of_room[k, q, j], y, share[i])
    room = entries.row(np.ones(places) if exclusive else node.room / largest)
    entries.add(room[place], x[item, place], share[item])
    if not (exclusive and items == places):
        a, b, c = np.nonzero(row_of_room != NO_ROW)
        entries.add(row_of_room[a, b, c], entries.column(node.price[a, b, c] * (largest / unit)), 1.0)
        entries.add(room, entries.column(node.own_price * (largest / unit)), 1.0)
    members = cliques or no_cliques(node)
    row_of_clique = _rows_times_x(entries, x, choice[:, :, None] & members.given.any(axis=3))
    entries.add(np.where(members.given[i, j, q, k], row_of_clique[i, j, q], NO_ROW), y, 1.0)
    entries.add(np.where(members.given[k, q, j, i], row_of_clique[k, q, j], NO_ROW), y, 1.0)
    row_of_clique_at = np.full(places, NO_ROW)
    has_one = members.at_place.any(axis=1)
    row_of_clique_at[has_one] = entries.row(np.ones(int(has_one.sum())))
    a, b = np.nonzero(members.at_place)
    entries.add(row_of_clique_at[a], x[b, a], 1.0)
    for rows in (row_of_clique, row_of_clique_at):
        unused = rows[rows != NO_ROW]
        entries.add(unused, entries.column(np.zeros(unused.size)), 1.0)
    return _assembled(entries, row_of_other, row_of_room, room, row_of_clique, row_of_clique_at)


def _rows_times_x(entries: _Entries, x: IntArray, wanted: Mask, left: FloatArray | float = 1.0) -> IntArray:
    """Rows ``... = left x_ij`` for the wanted (i, j, .), and where they are."""
    rows = np.full(wanted.shape, NO_ROW)
    i, j, _ = np.nonzero(wanted)
    rows[wanted] = entries.row(np.zeros(i.size))
    entries.add(rows[wanted], x[i, j], -np.broadcast_to(left, wanted.shape)[wanted])
    return rows


def _assembled(entries: _Entries, *rows: IntArray) -> Programme:
    cost, side = np.concatenate(entries.costs), np.concatenate(entries.sides)
    places = (np.concatenate(entries.rows), np.concatenate(entries.columns))
    matrix = sparse.csc_matrix((np.concatenate(entries.values), places), shape=(side.size, cost.size))
    return Programme(matrix, cost, side, *rows)
