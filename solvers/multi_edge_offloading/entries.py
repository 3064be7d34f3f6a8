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
    Method(
        "scip-minlp",
        "multi_edge_offloading",
        "MINLP",
        "solvers.multi_edge_offloading.mip.scip:solve",
        "exact on small instances: servers, splits and batches by SCIP",
        exact=True,
        isolated=True,
    ),
    Method(
        "local-search",
        "multi_edge_offloading",
        "assignment",
        "solvers.multi_edge_offloading.heuristics.local_search:solve",
        "chains of moves from nobody until none gains",
    ),
    Method(
        "transportation",
        "multi_edge_offloading",
        "transportation",
        "solvers.multi_edge_offloading.heuristics.local_search:solve_transportation",
        "transportation at fixed batch sizes, sizes changed one by one",
    ),
    Method(
        "genetic",
        "multi_edge_offloading",
        "assignment",
        "solvers.multi_edge_offloading.heuristics.genetic:solve",
        "paper B's genetic algorithm on servers, best splits inside",
        random=True,
    ),
    Method(
        "greedy",
        "multi_edge_offloading",
        "assignment",
        "solvers.multi_edge_offloading.heuristics.greedy:solve",
        "adds the user and server that gain most, while that gains",
    ),
    Method(
        "nearest-server",
        "multi_edge_offloading",
        "assignment",
        "solvers.multi_edge_offloading.heuristics.baselines:solve_nearest",
        "baseline: everybody to the server with the best channel",
    ),
    Method(
        "least-loaded",
        "multi_edge_offloading",
        "assignment",
        "solvers.multi_edge_offloading.heuristics.baselines:solve_least_loaded",
        "baseline: everybody to the server with the fewest users per GPU",
    ),
    Method(
        "random",
        "multi_edge_offloading",
        "assignment",
        "solvers.multi_edge_offloading.heuristics.baselines:solve_random",
        "baseline: a random server or local",
        random=True,
    ),
    Method(
        "all-local",
        "multi_edge_offloading",
        "assignment",
        "solvers.multi_edge_offloading.heuristics.baselines:solve_all_local",
        "baseline: nobody offloads",
    ),
)
