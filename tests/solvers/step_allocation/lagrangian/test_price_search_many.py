from __future__ import annotations

from time import perf_counter

import numpy as np
import pytest
from builders import step_allocation

from formulations.step_allocation.best_response import PlaceCosts
from formulations.step_allocation.evaluation import evaluate
from solvers.core.limits import Limits
from solvers.step_allocation import price_search
from solvers.step_allocation.lagrangian.many import Snapshots, solve_many, stack


def scenarios(integer, count=60):
    for seed in range(count):
        alike = {"error_decay_per_step": 0.03, "utility_decay_per_step": 0.04} if seed % 5 == 0 else {}
        users = 1 + seed % 20
        yield step_allocation(users, seed, integer_steps=integer, edge_step_capacity=17.3 * users, **alike)


@pytest.mark.parametrize("integer", [False, True], ids=["continuous", "integer"])
def test_snapshots_together_are_solved_as_one_by_one(integer):
    data = list(scenarios(integer))
    limits = Limits(gap=1e-8)
    found = solve_many(stack(data), limits)
    for row, scenario in enumerate(data):
        alone = price_search.solve(scenario, limits, 0)
        here = slice(scenario.users)
        assert found.nodes[row] == alone.nodes
        assert found.bound[row] == pytest.approx(alone.bound, rel=1e-13)
        assert found.price[row] == pytest.approx(alone.duals["delta"], rel=1e-12)
        np.testing.assert_array_equal(found.offload[row, here], alone.solution["a"])
        np.testing.assert_allclose(found.steps[row, here], alone.solution["s"], rtol=1e-12)
        assert found.cost[row] - found.bound[row] <= 1e-8 * abs(found.cost[row])


def test_threads_change_nothing():
    stacked = stack(list(scenarios(False)))
    for one, two in zip(*(solve_many(stacked, Limits(threads=count)) for count in (1, 2)), strict=True):
        np.testing.assert_array_equal(one, two)


def test_arrays_that_do_not_fit_are_refused():
    stacked = stack(list(scenarios(False, 3)))
    with pytest.raises(ValueError, match=r"budget: expected shape \(3,\), got \(2,\)"):
        solve_many(stacked._replace(budget=stacked.budget[:2]))
    with pytest.raises(ValueError, match=r"edge\.rate: expected shape"):
        solve_many(stacked._replace(local=stacked.edge, edge=stacked.edge._replace(rate=stacked.budget)))
    with pytest.raises(ValueError, match=r"user_count\[0\]: expected a whole number from 1 to"):
        solve_many(stacked._replace(user_count=stacked.user_count + 3))
    with pytest.raises(ValueError, match="one kind of steps"):
        stack([*scenarios(False, 1), *scenarios(True, 1)])


def test_padding_changes_nothing():
    data = [step_allocation(3, 1, edge_step_capacity=60.0), step_allocation(20, 2)]
    stacked = stack(data)
    expected = solve_many(stacked, Limits(gap=1e-8))
    for padding in (1e12, np.nan, -1.0, np.inf):
        for place in (stacked.local, stacked.edge):
            for array in place:
                array[0, 3:] = padding
        for name, values in solve_many(stacked, Limits(gap=1e-8))._asdict().items():
            np.testing.assert_array_equal(values, getattr(expected, name), err_msg=f"{name} at {padding}")


@pytest.mark.parametrize("kind", [">f8", "<f4", ">f4", "<i4"])
def test_numbers_of_any_kind_are_read_for_what_they_are(kind):
    stacked = stack(list(scenarios(True, 6)))
    whole = np.float64 if kind != "<i4" else np.int32
    rounded = [PlaceCosts(*(array.astype(whole).astype(kind) for array in place)) for place in stacked[:2]]
    given = Snapshots(*rounded, stacked.user_count.astype(">i4"), stacked.budget.astype(kind), True)
    native = [PlaceCosts(*(array.astype(np.float64) for array in place)) for place in rounded]
    expected = solve_many(Snapshots(*native, stacked.user_count, stacked.budget, True))
    for one, two in zip(solve_many(given), expected, strict=True):
        np.testing.assert_array_equal(one, two)


@pytest.mark.parametrize("number", [np.nan, np.inf, -1.0])
def test_numbers_that_no_scenario_has_are_refused(number):
    for field in PlaceCosts._fields:
        stacked = stack(list(scenarios(False, 6)))
        getattr(stacked.edge, field)[4, 2] = number
        with pytest.raises(ValueError, match=rf"edge\.{field}\[4, 2\]: expected a finite number >= 0, got"):
            solve_many(stacked)
    stacked = stack(list(scenarios(False, 6)))
    stacked.budget[3] = number
    with pytest.raises(ValueError, match=r"budget\[3\]: expected a finite number >= 0, got"):
        solve_many(stacked)


def test_other_kinds_of_arrays_are_refused():
    stacked = stack(list(scenarios(True, 6)))
    with pytest.raises(ValueError, match=r"user_count\[0\]: expected a whole number"):
        solve_many(stacked._replace(user_count=stacked.user_count + 0.5))
    with pytest.raises(ValueError, match="budget: expected an array of numbers, got one of complex128"):
        solve_many(stacked._replace(budget=stacked.budget.astype(complex)))
    with pytest.raises(ValueError, match=r"budget\[0\]: expected whole steps, got 17.5"):
        solve_many(stacked._replace(budget=stacked.budget + 0.5))
    with pytest.raises(ValueError, match=r"local\.lower\[0, 0\]: expected at most local.limit, got 99"):
        solve_many(stacked._replace(local=stacked.local._replace(lower=np.full(stacked.local.rate.shape, 99.0))))


@pytest.mark.parametrize("seconds", [0.0, 0.05])
def test_when_time_is_over_every_snapshot_has_a_plan_and_a_bound(seconds):
    """Users that are nearly alike and nearly linear: each of these trees would take seconds."""
    draw = np.random.default_rng(0)
    data = [
        step_allocation(
            300,
            seed,
            error_decay_per_step=1e-4,
            utility_decay_per_step=1e-4,
            local_max_steps=draw.uniform(15.0, 24.0, 300),
            edge_max_steps=draw.uniform(50.0, 80.0, 300),
            edge_step_capacity=9000.3,
            time_weight_per_second=0.0,
            energy_weight_per_joule=0.0,
        )
        for seed in range(200)
    ]
    started = perf_counter()
    found = solve_many(stack(data), Limits(time_limit=seconds, gap=1e-9))
    assert perf_counter() - started < seconds + 2.0
    assert found.nodes[-1] == 0
    for row, scenario in enumerate(data[::40]):
        evaluation = evaluate(scenario, found.offload[40 * row], found.steps[40 * row])
        assert evaluation.feasible
        assert evaluation.objective == pytest.approx(found.cost[40 * row], rel=1e-12)
        assert found.bound[40 * row] <= found.cost[40 * row]
