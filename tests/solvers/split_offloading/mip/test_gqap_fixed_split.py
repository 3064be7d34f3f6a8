"""The restriction to fixed splits: both models reach its optimum, and neither claims anything about P1."""

from __future__ import annotations

import itertools
from collections.abc import Callable

import numpy as np
import pytest
from builders import split_offloading
from split_enumeration import brute_force, random_snapshot

from formulations.split_offloading.evaluation import evaluate, evaluate_solution
from formulations.split_offloading.parameters import SplitOffloading
from solvers.core import registry
from solvers.core.limits import Limits
from solvers.core.result import Outcome, Status
from solvers.core.validation import validate
from solvers.split_offloading.mip import gqap_fixed_split

METHODS = {
    "scip-gqap-fixed-split": gqap_fixed_split.solve_quadratic,
    "highs-gqap-fixed-split": gqap_fixed_split.solve_linearised,
}

LIMITS = Limits(time_limit=30.0)


def best_with_fixed_splits(data: SplitOffloading) -> float:
    """Optimum of P1 with n_i = N_hat for the granted, by enumeration of x."""
    best = -np.inf
    for choice in itertools.product((0.0, 1.0), repeat=data.users):
        granted = np.array(choice)
        split = np.where(granted > 0.5, float(data.min_local_steps), float(data.total_steps))
        evaluation = evaluate(data, granted, split)
        if evaluation.feasible:
            best = max(best, evaluation.objective)
    return best


@pytest.mark.parametrize("seed", range(10))
@pytest.mark.parametrize(("name", "solve"), METHODS.items())
def test_both_reach_the_optimum_of_the_restriction(
    name: str, solve: Callable[[SplitOffloading, Limits, int], Outcome], seed: int
) -> None:
    data = random_snapshot(seed, most_users=8)
    outcome = solve(data, LIMITS, 0)
    method = registry.method(name, "split_offloading")
    result = validate(method, "random", "", data, outcome, LIMITS, 0)
    assert result.status is Status.FEASIBLE
    assert result.bound is None
    assert not method.exact
    assert result.objective == pytest.approx(best_with_fixed_splits(data), rel=1e-6, abs=1e-6)
    assert result.objective <= brute_force(data) + 1e-6


@pytest.mark.parametrize("solve", METHODS.values())
def test_fixed_splits_cost_something_with_the_published_data(
    solve: Callable[[SplitOffloading, Limits, int], Outcome],
) -> None:
    data = split_offloading(8, seed=1)
    outcome = solve(data, LIMITS, 0)
    assert outcome.solution is not None
    assert set(np.unique(outcome.solution["n"])) <= {80.0, 200.0}
    assert evaluate_solution(data, outcome.solution).objective < brute_force(data) - 1.0
    assert outcome.reason == "restriction to n = N_hat: gap closed"
