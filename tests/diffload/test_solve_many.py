"""Many snapshots in one call: the results of single solves, judged, whatever they are given as."""

from __future__ import annotations

import numpy as np
import pytest
from builders import split_offloading, step_allocation

import diffload
from diffload import Instance
from solvers.snapshots import arrays, solve
from solvers.split_offloading.exact import batch_scan_many
from solvers.step_allocation.lagrangian import many

STEPS = [Instance(step_allocation=step_allocation(users, users)) for users in (3, 12, 7)]
SPLITS = [Instance(split_offloading=split_offloading(users, users)) for users in (3, 12, 7)]


@pytest.mark.parametrize("instances", [STEPS, SPLITS], ids=["steps", "splits"])
def test_instances_give_what_each_gives_alone(instances):
    found = diffload.solve_many(instances)
    alone = [diffload.solve(instance) for instance in instances]
    assert found.objective.tolist() == pytest.approx([result.objective for result in alone], rel=1e-9)
    assert found.status.tolist() == ["optimal"] * 3
    assert [result.instance_hash for result in found] == [instance.sha256 for instance in instances]
    assert found[1].to_frame().shape == alone[1].to_frame().shape
    assert found.user_count.tolist() == [3, 12, 7]
    assert list(found.to_frame()["users"]) == [3, 12, 7]
    assert len(found[:2]) == 2
    assert "3 snapshots" in str(found)


def test_further_constraints_are_kept():
    limited = STEPS[1].with_constraint("max_offloaded", most_users=1)
    found = diffload.solve_many([STEPS[0], limited, STEPS[1]])
    assert found[1].solution["a"].sum() <= 1
    assert found.objective[1] == pytest.approx(diffload.solve(limited).objective, rel=1e-9)
    assert found.status.tolist() == ["optimal"] * 3


def test_arrays_of_steps_are_judged_as_instances_are():
    stacked = many.stack([instance.step_allocation for instance in STEPS])
    found = diffload.solve_many(stacked)
    expected = diffload.solve_many(STEPS)
    assert found.objective.tolist() == pytest.approx(expected.objective.tolist(), rel=1e-12)
    assert found.bound.tolist() == pytest.approx(expected.bound.tolist(), rel=1e-12)
    assert found.status.tolist() == expected.status.tolist()
    assert found[2].solution["s"].size == 7
    assert found[2].versions == expected[2].versions != {}
    wrong = arrays.step_allocation(stacked, np.ones_like(found.solution["a"]), found.solution["s"] + 1.0)
    assert not wrong.feasible.any()


def test_arrays_of_splits_are_judged_as_instances_are():
    stacked = batch_scan_many.stack([instance.split_offloading for instance in SPLITS])
    found = diffload.solve_many(stacked)
    gains = [result.evaluation.metrics["gain_over_all_local"] for result in diffload.solve_many(SPLITS)]
    assert found.objective.tolist() == pytest.approx(gains, rel=1e-9, abs=1e-9)
    assert found.status.tolist() == ["optimal"] * 3
    wrong = arrays.split_offloading(stacked, found.solution["x"] > 0.5, found.solution["n"] + 0.5)
    assert not wrong.feasible.any()


ARRAYS = {
    "steps": many.stack([step_allocation(3 + seed % 5, seed) for seed in range(60)]),
    "splits": batch_scan_many.stack([split_offloading(3 + seed % 5, seed) for seed in range(60)]),
}


@pytest.mark.parametrize("kind", ARRAYS)
def test_threads_and_parts_change_nothing(kind, monkeypatch):
    expected = diffload.solve_many(ARRAYS[kind])
    monkeypatch.setattr(solve, "ROWS_BETWEEN_CLOCKS", 7)
    monkeypatch.setattr(arrays, "ROWS_AT_ONCE", 4)
    found = diffload.solve_many(ARRAYS[kind], threads=3)
    for name in ("objective", "bound", "status", "reason"):
        np.testing.assert_array_equal(getattr(found, name), getattr(expected, name))
    for symbol, values in expected.solution.items():
        np.testing.assert_array_equal(found.solution[symbol], values)
    assert found[59].instance == "snapshot 59"
    assert list(found.instance[:2]) == ["snapshot 0", "snapshot 1"]
    assert list(found.to_frame()["instance"])[-1] == "snapshot 59"


@pytest.mark.parametrize("kind", ARRAYS)
def test_arrays_that_had_no_time_are_feasible_and_say_so(kind):
    found = diffload.solve_many(ARRAYS[kind], time_limit=1e-9)
    assert set(found.status) == {"feasible"}
    assert all("time limit" in reason for reason in found.reason)


def test_small_whole_numbers_are_evaluated_as_numbers():
    one = many.stack([step_allocation(3, 1)])
    place = type(one.edge)(*(np.full((1, 3), value, dtype=np.uint8) for value in (20, 200, 1, 200, 1, 0, 30)))
    small = one._replace(local=place, edge=place)
    as_floats = type(place)(*(array.astype(np.float64) for array in place))
    expected = diffload.solve_many(small._replace(local=as_floats, edge=as_floats))
    found = diffload.solve_many(small)
    assert found.objective.tolist() == expected.objective.tolist()
    assert found.status.tolist() == expected.status.tolist() == ["optimal"]


def test_a_bound_on_the_wrong_side_is_an_error():
    found = arrays.Evaluated(np.array([1.0, 1.0]), np.array([True, False]), np.ones(2), np.zeros(2))
    assert arrays.statuses(found, np.array([2.0, 1.0]), 1e-6, minimise=True).tolist() == ["error", "error"]
    assert arrays.statuses(found, np.array([0.5, 0.5]), 1e-6, minimise=False).tolist() == ["error", "error"]
    assert arrays.statuses(found, np.array([0.5, 0.5]), 1e-6, minimise=True)[0] == "feasible"


@pytest.mark.parametrize("instances", [STEPS, SPLITS], ids=["steps", "splits"])
def test_the_time_limit_is_read(instances):
    found = diffload.solve_many(instances * 10, time_limit=1e-9)
    assert set(found.status) == {"feasible"}
    assert all("time limit" in reason for reason in found.reason)


def test_numbers_that_are_none_are_refused():
    stacked = many.stack([instance.step_allocation for instance in STEPS])
    with pytest.raises(ValueError, match=r"budget\[0\]: expected a finite number"):
        diffload.solve_many(stacked._replace(budget=np.full(3, np.nan)))
    splits = batch_scan_many.stack([instance.split_offloading for instance in SPLITS])
    with pytest.raises(ValueError, match="base"):
        diffload.solve_many(splits._replace(base=np.full(3, np.inf)))
