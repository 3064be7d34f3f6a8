"""Where no user gains at any server, all-local is optimal; solvers refuse a model without variables."""

from __future__ import annotations

import numpy as np

from formulations.multi_edge_offloading.evaluation import all_local_objective
from formulations.multi_edge_offloading.gains import GainTable
from formulations.multi_edge_offloading.latency import LOCAL
from formulations.multi_edge_offloading.models.batch_indexed import with_models_held
from formulations.multi_edge_offloading.parameters import MultiEdgeOffloading
from solvers.core.result import Outcome


def all_local_outcome(data: MultiEdgeOffloading, table: GainTable) -> Outcome | None:
    """All-local with its proof where nobody gains; None elsewhere."""
    if (table.values > 0.0).any():
        return None
    local = np.full(data.users, LOCAL, dtype=np.int64)
    return Outcome(with_models_held(data, local), bound=all_local_objective(data), reason="nobody gains")
