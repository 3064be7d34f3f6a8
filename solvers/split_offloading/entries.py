"""Registry entries of split offloading (paper B): its methods in the order they run in."""

from __future__ import annotations

from solvers.core.entry import Method

METHODS = (
    Method(
        "batch-scan",
        "split_offloading",
        "P1",
        "solvers.split_offloading.exact.batch_scan:solve",
        "exact: best users for every batch size, certificate",
        exact=True,
    ),
    Method(
        "scip-minlp",
        "split_offloading",
        "P1 strengthened",
        "solvers.split_offloading.mip.scip:solve",
        "exact: P1 strengthened (chords, batch) by SCIP",
        exact=True,
        isolated=True,
    ),
    Method(
        "highs-batch-indexed",
        "split_offloading",
        "P1 batch-indexed",
        "solvers.split_offloading.mip.highs_batch_indexed:solve",
        "exact: one binary per batch size, MILP by HiGHS",
        exact=True,
        isolated=True,
    ),
    Method(
        "highs-gqap-fixed-split",
        "split_offloading",
        "GQAP (18) linearised",
        "solvers.split_offloading.mip.gqap_fixed_split:solve_linearised",
        "paper B's branch and bound: fixed splits, linearised, by HiGHS",
        isolated=True,
    ),
    Method(
        "scip-gqap-fixed-split",
        "split_offloading",
        "GQAP (18)",
        "solvers.split_offloading.mip.gqap_fixed_split:solve_quadratic",
        "fixed splits, quadratic, by SCIP",
        isolated=True,
    ),
    Method(
        "per-dqn",
        "split_offloading",
        "decision process",
        "solvers.split_offloading.per_dqn.methods:solve",
        "paper B's learned policy, greedy decoding",
    ),
    Method(
        "per-dqn-best-of-16",
        "split_offloading",
        "decision process",
        "solvers.split_offloading.per_dqn.methods:solve_best_of_16",
        "the same, best of 16 sampled episodes",
        random=True,
    ),
    Method(
        "genetic",
        "split_offloading",
        "P1",
        "solvers.split_offloading.heuristics.genetic:solve",
        "paper B's genetic algorithm, best splits inside",
        random=True,
    ),
    Method(
        "greedy",
        "split_offloading",
        "P1",
        "solvers.split_offloading.heuristics.greedy:solve",
        "adds the user that gains most while the objective improves",
    ),
    Method(
        "sorted-stop",
        "split_offloading",
        "P1",
        "solvers.split_offloading.heuristics.greedy:solve_sorted_stop",
        "adds users by their gain alone, stops at the first loss",
    ),
    Method(
        "all-offload-best-split",
        "split_offloading",
        "P1",
        "solvers.split_offloading.heuristics.baselines:solve_all_offload_best_split",
        "baseline 1: all offload up to B_max, best splits",
    ),
    Method(
        "all-offload-fixed-split",
        "split_offloading",
        "P1",
        "solvers.split_offloading.heuristics.baselines:solve_all_offload_fixed_split",
        "baseline 2: all offload up to B_max, N_hat steps each",
    ),
    Method(
        "all-local",
        "split_offloading",
        "P1",
        "solvers.split_offloading.heuristics.baselines:solve_all_local",
        "baseline 3: nobody offloads",
    ),
)
