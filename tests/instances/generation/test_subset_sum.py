"""P1 decides subset-sum: against enumeration of all subsets, for continuous and for whole steps."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest
from builders import step_allocation

import instances
from formulations.step_allocation.evaluation import evaluate_solution
from formulations.step_allocation.parameters import StepAllocation
from instances.generation import subset_sum
from instances.generation.generator import generate
from solvers.core.limits import Limits
from solvers.step_allocation import dynamic_programme, price_search

LIMITS = Limits(time_limit=20.0)


def saving(data: StepAllocation, solve: object) -> float:
    """What a method saves against leaving everybody on its device."""
    solution = solve(data, LIMITS, 0).solution  # type: ignore[operator]
    alone = {"a": np.zeros(data.users), "s": data.local_step_limit}
    return evaluate_solution(data, alone).objective - evaluate_solution(data, solution).objective


@pytest.mark.parametrize("integer_steps", [False, True])
@pytest.mark.parametrize("seed", range(6))
def test_the_edge_saves_its_budget_if_and_only_if_a_subset_adds_up_to_it(seed: int, integer_steps: bool) -> None:
    draw = np.random.default_rng(seed)
    weights = draw.integers(1, 12, 7).astype(np.float64)
    target = float(draw.integers(1, int(weights.sum())))
    sums = {sum(chosen) for count in range(8) for chosen in combinations(weights.tolist(), count)}
    data = StepAllocation(**subset_sum.fields(weights, target, integer_steps=integer_steps))
    methods = [price_search.solve, *([dynamic_programme.solve] if integer_steps else [])]
    for solve in methods:
        found = saving(data, solve)
        assert found <= target + 1e-7
        if target in sums:
            assert found == pytest.approx(target, abs=1e-7)
        else:
            assert found < target - 1.0 / (3.0 * weights.size * weights.max())


@pytest.mark.parametrize("seed", range(5))
def test_the_dynamic_programme_and_the_price_search_agree(seed: int) -> None:
    data = generate(users=8, seed=seed, integer_steps=True, tightness=0.3).section("step_allocation")
    found = dynamic_programme.solve(data, LIMITS, 0)
    other = price_search.solve(data, LIMITS, 0)
    ours, theirs = (evaluate_solution(data, each.solution).objective for each in (found, other))
    assert ours == pytest.approx(theirs, rel=1e-9)
    assert found.bound is not None
    assert found.bound <= ours
    assert ours - found.bound <= 1e-9 * abs(ours)


def test_large_costs_that_no_optimum_has_do_not_loosen_the_bound_of_the_dynamic_programme() -> None:
    data = step_allocation(
        3,
        integer_steps=True,
        error_weight=0.0,
        energy_weight_per_joule=0.0,
        utility_weight=0.0,
        edge_max_steps=90.0,
    )
    found = dynamic_programme.solve(data, LIMITS, 0)
    assert evaluate_solution(data, found.solution).objective == 0.0
    assert found.bound == 0.0


def test_the_preset_draws_even_weights_and_a_whole_budget() -> None:
    data = generate("subset-sum", users=12, seed=1, tightness=0.5).section("step_allocation")
    assert (data.edge_max_steps % 2 == 0).all()
    assert data.edge_step_capacity == np.round(0.5 * data.edge_max_steps.sum())


@pytest.mark.parametrize(
    ("name", "met"),
    [("subset_sum_12", False), ("subset_sum_24_integer", False), ("subset_sum_40", True)],
)
def test_the_shipped_instances_save_what_their_subsets_add_up_to(name: str, met: bool) -> None:
    data = instances.load(name).section("step_allocation")
    target = data.edge_step_capacity
    sums = {0.0}
    for weight in data.edge_max_steps:
        sums |= {total + weight for total in sums}
    assert (target in sums) == met
    best = max(total for total in sums if total <= target)
    whole = data.integer_steps
    found = saving(data, dynamic_programme.solve if whole else price_search.solve)
    if met or whole:
        assert found == pytest.approx(best, abs=1e-7)
    else:
        assert best - 1e-7 <= found <= target - 1.0 / (2.0 * data.users * data.edge_max_steps.max())
