from __future__ import annotations

import pytest
from builders import split_offloading

from formulations.split_offloading.evaluation import evaluate_solution
from solvers.core.limits import Limits
from solvers.core.registry import load, method, methods_for
from solvers.core.result import Outcome, Status
from solvers.core.validation import validate
from solvers.split_offloading.exact.batch_scan import solve

EXACT = [m for m in methods_for("split_offloading") if m.exact]


def measured(data, seconds):
    """The same snapshot with time in units of 1 / ``seconds``."""
    fields = {name: getattr(data, name) for name in type(data).model_fields}
    times = (
        "accuracy_weight",
        "local_seconds_per_step",
        "edge_seconds_per_step_per_item",
        "edge_seconds_per_step_base",
        "wait_seconds",
    )
    changes = {name: getattr(data, name) * seconds for name in times} | {
        "bandwidth_hz": data.bandwidth_hz / seconds
    }
    return type(data).model_validate(fields | changes)


@pytest.mark.parametrize("exact", EXACT, ids=lambda m: m.name)
@pytest.mark.parametrize("seconds", [1e-9, 1e-6, 1e6, 1e9])
def test_exact_methods_do_not_depend_on_the_unit_of_time(exact, seconds):
    for seed in range(3):
        data = split_offloading(5, seed)
        optimum = seconds * evaluate_solution(data, solve(data, Limits(), 0).solution).objective
        other = measured(data, seconds)
        outcome = load(exact.function)(other, Limits(), 0)
        assert evaluate_solution(other, outcome.solution).objective == pytest.approx(optimum, rel=1e-6)
        assert outcome.bound == pytest.approx(optimum, rel=2e-6)


@pytest.mark.parametrize("exact", EXACT, ids=lambda m: m.name)
def test_long_waits_hide_no_gap(exact):
    data = split_offloading(6, 1)
    fields = {name: getattr(data, name) for name in type(data).model_fields}
    waiting = type(data).model_validate(fields | {"wait_seconds": 1e6})
    best = evaluate_solution(waiting, solve(waiting, Limits(), 0).solution).metrics["gain_over_all_local"]
    found = load(exact.function)(waiting, Limits(), 0)
    gain = evaluate_solution(waiting, found.solution).metrics["gain_over_all_local"]
    assert gain == pytest.approx(best, abs=1e-6 * max(1.0, best))


def test_a_gap_that_is_small_only_beside_the_waits_is_not_closed():
    data = split_offloading(6, 1)
    fields = {name: getattr(data, name) for name in type(data).model_fields}
    waiting = type(data).model_validate(fields | {"wait_seconds": 1e6})
    found = solve(waiting, Limits(), 0)
    short = Outcome(found.solution, bound=found.bound + 0.5)
    scan = method("batch-scan", "split_offloading")
    assert validate(scan, "x", "0" * 64, waiting, found, Limits(), 0).status is Status.OPTIMAL
    assert validate(scan, "x", "0" * 64, waiting, short, Limits(), 0).status is Status.FEASIBLE
