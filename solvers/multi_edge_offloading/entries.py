"""Registry entries of split offloading with several edge servers: its methods in the order they run in."""

from __future__ import annotations

from solvers.core.entry import Method

METHODS = (
    Method(
        "price-decomposition",
        "multi_edge_offloading",
        "set partitioning",
        "solvers.multi_edge_offloading.tree.branch_and_bound:solve",
        "exact: a price per user, a batch scan per server, branch and bound",
        exact=True,
    ),
    Method(
        "highs-native",
        "multi_edge_offloading",
        "batch-indexed",
        "solvers.multi_edge_offloading.mip.highs_native:solve",
        "exact: one binary per server and batch size, MILP by HiGHS, as arrays",
        exact=True,
        isolated=True,
    ),
    Method(
        "highs-batch-indexed",
        "multi_edge_offloading",
        "batch-indexed",
        "solvers.multi_edge_offloading.mip.highs_batch_indexed:solve",
        "exact: the same as a Pyomo model",
        exact=True,
        isolated=True,
    ),
)
