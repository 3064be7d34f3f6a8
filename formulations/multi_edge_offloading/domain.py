"""What further constraints leave with several servers: each is asked about the snapshot that a server sees.

A constraint is one class for one server and for several. What it says of single users depends on server and batch,
so it is asked about :func:`formulations.multi_edge_offloading.snapshots.server_snapshot`. Its rows count a user as
granted wherever it is served.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from formulations.constraints.evaluation import constraint_tolerances, families
from formulations.constraints.split_offloading.base import Row
from formulations.constraints.view import ConstraintView
from formulations.fields import BoolArray, FloatArray
from formulations.multi_edge_offloading.latency import LOCAL
from formulations.multi_edge_offloading.parameters import MultiEdgeOffloading
from formulations.multi_edge_offloading.snapshots import server_snapshot
from formulations.section import once
from formulations.split_offloading.domain import CouplingRow, coupling_rows, must_grant
from formulations.split_offloading.parameters import SplitOffloading


def constrained_snapshot(data: MultiEdgeOffloading, server: int) -> SplitOffloading:
    """What a server sees, with every further constraint."""
    constraints = tuple(_seen(constraint, server) for constraint in data.constraints)
    return server_snapshot(data, server).replaced({"constraints": constraints})


def _seen(constraint: Any, server: int) -> Any:
    """The constraint; one that is asked about other units than the instance's, about the server's in these."""
    if isinstance(constraint, ConstraintView) and isinstance(constraint.original, MultiEdgeOffloading):
        return replace(constraint, original=server_snapshot(constraint.original, server))
    return constraint


def all_servers_snapshot(data: MultiEdgeOffloading) -> SplitOffloading:
    """What rows are asked about: all users with the bits that they send, whatever their channels are."""
    sent = {"prompt_bits": data.prompt_bits, "latent_bits": data.latent_bits}
    return server_snapshot(data, 0).replaced(sent | {"constraints": data.constraints})


def rows_of(data: MultiEdgeOffloading) -> tuple[CouplingRow, ...]:
    """Rows of all constraints on who is served at all; computed once for a snapshot."""
    return once(_rows_of, data) if data.constraints else ()


def _rows_of(data: MultiEdgeOffloading) -> tuple[CouplingRow, ...]:
    return coupling_rows(all_servers_snapshot(data))


def must_offload(data: MultiEdgeOffloading) -> BoolArray:
    """Users that may not stay local, shape (I,); what a constraint says of local users depends on no batch."""
    if not data.constraints:
        return np.zeros(data.users, dtype=np.bool_)
    return must_grant(constrained_snapshot(data, 0), 0)


def may_lose(data: MultiEdgeOffloading) -> BoolArray:
    """Users that a constraint may make go to a server at which they gain nothing, shape (I,)."""
    counted = [row.granted < 0.0 for row in rows_of(data)]
    return np.asarray(np.any([must_offload(data), *counted], axis=0))


def violations(data: MultiEdgeOffloading, server: NDArray[np.int64], split: FloatArray) -> dict[str, float]:
    """Largest violation of every further constraint in its own unit, by family; infinite where not a number."""
    found = {}
    for family, constraint in families(data):
        largest = float(np.max(_violation(data, constraint, server, split), initial=0.0))
        found[family] = np.inf if np.isnan(largest) else largest
    return found


def _violation(data: MultiEdgeOffloading, constraint: Any, server: NDArray[np.int64], split: FloatArray) -> Any:
    everywhere = all_servers_snapshot(data)
    if _rows(constraint, everywhere):
        solution: Mapping[str, Any] = {"x": (server != LOCAL).astype(np.float64), "n": split}
        return constraint.violation(everywhere, solution)
    found = np.zeros(data.users)
    for place in np.unique(server).tolist():
        here = server == place
        seen = everywhere if place == LOCAL else server_snapshot(data, place)
        served = np.zeros(data.users) if place == LOCAL else here.astype(np.float64)
        excess = constraint.violation(seen, {"x": served, "n": split})
        found[here] = np.broadcast_to(excess, data.users)[here]
    return found


def _rows(constraint: Any, everywhere: SplitOffloading) -> tuple[Row, ...]:
    return tuple(constraint.rows(everywhere))


def tolerances(data: MultiEdgeOffloading) -> dict[str, float]:
    """Violation of every further constraint that counts as rounding, by family."""
    return constraint_tolerances(all_servers_snapshot(data)) if data.constraints else {}
