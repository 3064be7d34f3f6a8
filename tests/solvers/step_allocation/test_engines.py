"""Every engine of the price search on the same instances, whatever their size."""

from __future__ import annotations

from time import perf_counter

import numpy as np
import pytest
from builders import step_allocation
from engines import ENGINES, TAKE_INTERVALS

from formulations.constraints.step_allocation.error_ceiling import ErrorCeiling
from formulations.constraints.step_allocation.max_offloaded import MaxOffloaded
from formulations.step_allocation.evaluation import evaluate
from solvers.core.limits import Limits
from solvers.step_allocation import price_search

ASKED = Limits(time_limit=20.0, gap=1e-6)


def proven_objective(data, outcome, gap=1e-6):
    """Objective of a plan that the engine proves to be optimal."""
    evaluation = evaluate(data, outcome.solution["a"], outcome.solution["s"])
    assert evaluation.feasible
    assert evaluation.objective - outcome.bound <= gap * max(1e-3, abs(evaluation.objective))
    assert outcome.bound <= evaluation.objective + 1e-12 * max(1.0, abs(evaluation.objective))
    return evaluation.objective


def behind_a_ceiling(users, steps, budget, *, named=None, **fields):
    """Identical users that need the given number of steps."""
    data = step_allocation(
        users,
        error_decay_per_step=0.02,
        utility_decay_per_step=0.02,
        local_max_steps=30.0,
        edge_max_steps=60.0,
        edge_step_capacity=budget * users,
        **fields,
    )
    ceiling = ErrorCeiling(
        on="step_allocation",
        type="error_ceiling",
        most_error=float(np.exp(-0.02 * steps)),
        users=None if named is None else tuple(range(named)),
    )
    return data.replaced({"constraints": (ceiling,)})


@pytest.mark.parametrize("engine", TAKE_INTERVALS)
@pytest.mark.parametrize("users", [1, 2, 3, 30, 130])
def test_identical_users_whose_first_plans_exceed_the_budget(engine, users):
    """At the best price more of them offload than the budget has room for at their fewest steps."""
    for steps, budget, named in ((29.9, 6.0, users), (29.9, 0.1, users), (25.0, 12.0, (users + 1) // 2)):
        data = behind_a_ceiling(users, steps, budget, named=named)
        others = [name for name in TAKE_INTERVALS if name != engine]
        objective = proven_objective(data, TAKE_INTERVALS[engine](data, ASKED))
        for name in others[:1]:
            assert objective == pytest.approx(proven_objective(data, TAKE_INTERVALS[name](data, ASKED)), rel=1e-6)


@pytest.mark.parametrize("engine", TAKE_INTERVALS)
def test_identical_users_behind_any_ceiling(engine):
    """In some of these draws the use at the best price is the budget, and the bound seems higher beside it."""
    for seed in range(24):
        draw = np.random.default_rng(seed)
        needed, budget, share = draw.uniform(5.0, 29.0), draw.uniform(1.0, 20.0), draw.uniform(0.3, 1.0)
        data = behind_a_ceiling(50, needed, budget, named=round(50 * share))
        proven_objective(data, TAKE_INTERVALS[engine](data, ASKED))


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("decay", [0.0, 1.0], ids=["constant", "vanishing"])
@pytest.mark.parametrize("error", [1e5, 1e10, 1e12])
def test_an_error_that_no_decision_changes_hides_no_gap(engine, decay, error):
    """One user's error dwarfs all else, and is either a constant or gone at any useful number of steps."""
    plain = step_allocation(10, 3)
    first = {"forward_error": np.ones(10), "error_decay_per_step": plain.error_decay_per_step.copy()}
    first["forward_error"][0], first["error_decay_per_step"][0] = error, decay
    data = plain.replaced(first)
    without = (
        plain.replaced(first | {"forward_error": np.where(np.arange(10) > 0, 1.0, 0.0)}) if decay == 0.0 else data
    )
    expected = price_search.solve(without, Limits(gap=1e-9), 0)
    outcome = ENGINES[engine](data, ASKED)
    found, wanted = (evaluate(without, *(plan.solution[name] for name in "as")) for plan in (outcome, expected))
    assert found.objective - wanted.objective <= 1e-6 * abs(wanted.objective)
    evaluation = evaluate(data, outcome.solution["a"], outcome.solution["s"])
    assert evaluation.objective - outcome.bound <= 1e-6 * abs(wanted.objective) + 2e-15 * error
    assert outcome.reason in ("gap closed", "", "nothing left to branch on but rounding")


def test_many_limits_at_once_are_kept_within_the_time():
    """Four hundred limits of the same users are one; of different ones they take longer than there is time."""
    draw = np.random.default_rng(0)
    named = [tuple(sorted(draw.choice(30, 15, replace=False).tolist())) for _ in range(400)]
    price_search.solve(limited(step_allocation(3), [(2, None)]), ASKED, 0)
    for limits in (
        [(4 + k % 10, None) for k in range(400)],
        [(3 + k % 5, users) for k, users in enumerate(named)],
    ):
        data = limited(step_allocation(30), limits)
        started = perf_counter()
        outcome = price_search.solve(data, Limits(time_limit=0.5), 0)
        assert perf_counter() - started < 0.5 + 2.0
        assert evaluate(data, outcome.solution["a"], outcome.solution["s"]).objective >= outcome.bound
    alone = price_search.solve(limited(step_allocation(30), [(4, None)]), ASKED, 0)
    data = limited(step_allocation(30), [(4 + k % 10, None) for k in range(400)])
    assert proven_objective(data, price_search.solve(data, ASKED, 0)) == pytest.approx(alone.bound, rel=1e-6)


def limited(data, limits):
    """With limits on how many of some users offload."""
    return data.replaced(
        {
            "constraints": tuple(
                MaxOffloaded(on="step_allocation", type="max_offloaded", most_users=most, users=users)
                for most, users in limits
            )
        }
    )


@pytest.mark.parametrize("seconds", [0.0, 0.02])
def test_a_large_search_with_rows_ends_in_time(seconds):
    data = limited(step_allocation(100_000, edge_step_capacity=1e6), [(20_000, None)])
    price_search.solve(limited(step_allocation(3), [(2, None)]), ASKED, 0)
    started = perf_counter()
    outcome = price_search.solve(data, Limits(time_limit=seconds), 0)
    assert perf_counter() - started < seconds + 2.0
    evaluation = evaluate(data, outcome.solution["a"], outcome.solution["s"])
    assert evaluation.feasible
    assert outcome.bound <= evaluation.objective
    assert outcome.reason == "time limit"
