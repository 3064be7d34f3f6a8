"""Registry entries of split offloading (paper B): its methods in the order they run in."""

from __future__ import annotations

from solvers.core.entry import own

_method = own("split_offloading")

METHODS = (
    _method(
        "batch-scan",
        "P1",
        "exact.batch_scan:solve",
        "exact: best users for every batch size, certificate",
        exact=True,
    ),
    _method(
        "scip-minlp",
        "P1 strengthened",
        "mip.scip:solve",
        "exact: P1 strengthened (chords, batch) by SCIP",
        exact=True,
        isolated=True,
    ),
    _method(
        "highs-batch-indexed",
        "P1 batch-indexed",
        "mip.highs_batch_indexed:solve",
        "exact: one binary per batch size, MILP by HiGHS",
        exact=True,
        isolated=True,
    ),
    _method(
        "highs-batch-lp",
        "P1 batch-indexed, LP",
        "mip.highs_batch_lp:solve",
        "exact: the plain LP of the same, written for HiGHS itself",
        exact=True,
        isolated=True,
    ),
    _method(
        "highs-gqap-fixed-split",
        "GQAP (18) linearised",
        "mip.gqap_fixed_split:solve_linearised",
        "paper B's branch and bound: fixed splits, linearised, by HiGHS",
        isolated=True,
    ),
    _method(
        "scip-gqap-fixed-split",
        "GQAP (18)",
        "mip.gqap_fixed_split:solve_quadratic",
        "fixed splits, quadratic, by SCIP",
        isolated=True,
    ),
    _method(
        "per-dqn", "decision process", "per_dqn.methods:solve", "paper B's learned policy, trained as published"
    ),
    _method(
        "dqn-tuned",
        "decision process",
        "per_dqn.methods:solve_tuned",
        "the same decisions by a network and a training of our own",
    ),
    _method(
        "dqn-tuned-best-of-16",
        "decision process",
        "per_dqn.methods:solve_best_of_16",
        "the same, best of 16 sampled episodes",
        random=True,
    ),
    _method(
        "genetic", "P1", "heuristics.genetic:solve", "paper B's genetic algorithm, best splits inside", random=True
    ),
    _method(
        "greedy", "P1", "heuristics.greedy:solve", "adds the user that gains most while the objective improves"
    ),
    _method(
        "sorted-stop",
        "P1",
        "heuristics.greedy:solve_sorted_stop",
        "adds users by their gain alone, stops at the first loss",
    ),
    _method(
        "all-offload-best-split",
        "P1",
        "heuristics.baselines:solve_all_offload_best_split",
        "baseline 1: all offload up to B_max, best splits",
    ),
    _method(
        "all-offload-fixed-split",
        "P1",
        "heuristics.baselines:solve_all_offload_fixed_split",
        "baseline 2: all offload up to B_max, N_hat steps each",
    ),
    _method(
        "all-offload-at-n-hat",
        "P1",
        "heuristics.baselines:solve_all_offload_at_n_hat",
        "baseline 2 in its other reading: N - N_hat steps each",
    ),
    _method("all-local", "P1", "heuristics.baselines:solve_all_local", "baseline 3: nobody offloads"),
)
