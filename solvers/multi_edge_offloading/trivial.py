"""What is known without a model: nobody may be at a server, or somebody has to be and cannot.

Solvers refuse a model without variables, or with a row that cannot hold.
"""

from __future__ import annotations

import numpy as np

from formulations.multi_edge_offloading.domain import must_offload, rows_of
from formulations.multi_edge_offloading.gains import GainTable
from formulations.multi_edge_offloading.latency import LOCAL
from formulations.multi_edge_offloading.models.batch_indexed import with_models_held
from formulations.multi_edge_offloading.parameters import MultiEdgeOffloading
from formulations.split_offloading.evaluation import all_local_objective
from solvers.core.result import Outcome


def trivial_outcome(data: MultiEdgeOffloading, table: GainTable) -> Outcome | None:
    """All-local with its proof where nobody may be at a server, or that nothing is allowed; None elsewhere."""
    served = np.zeros(data.users, dtype=np.bool_)
    for j, most in enumerate(table.batches.tolist()):
        served[table.reached(j)] |= most > 0
    must = must_offload(data)
    if (must & ~served).any() or must.sum() > table.batches.sum():
        return Outcome(None, infeasible=True, reason="not all who may not stay local can be served")
    if served.any():
        return None
    if any(row.right_hand_side < -row.rounding for row in rows_of(data)):
        return Outcome(None, infeasible=True, reason="constraints do not allow what is left")
    local = np.full(data.users, LOCAL, dtype=np.int64)
    return Outcome(with_models_held(data, local), bound=all_local_objective(data), reason="nobody gains")
