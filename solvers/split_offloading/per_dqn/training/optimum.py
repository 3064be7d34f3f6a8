"""Certified optima of cases, which policies are measured against."""

from __future__ import annotations

import numpy as np

from formulations.fields import FloatArray
from formulations.multi_edge_offloading.evaluation import evaluate_solution
from solvers.core.limits import Limits
from solvers.multi_edge_offloading.tree.branch_and_bound import solve
from solvers.split_offloading.exact.batch_scan_many import scan_many
from solvers.split_offloading.per_dqn.decision_process.cases import Cases
from solvers.split_offloading.per_dqn.decision_process.several_servers import instances_of_cases


def optimal_gains(cases: Cases) -> FloatArray:
    """Optimal gain over all-local of every case [s], by the exact method of its problem, shape (S,)."""
    if cases.servers == 1:
        return scan_many(cases.snapshots).gain
    gains = np.empty(cases.size)
    for number, data in enumerate(instances_of_cases(cases)):
        solution = solve(data, Limits(), 0).solution
        assert solution is not None  # nobody has to offload
        gains[number] = evaluate_solution(data, solution).metrics["gain_over_all_local"]
    return gains
