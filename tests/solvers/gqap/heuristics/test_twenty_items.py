"""QAPs of 20 items: the tabu search ends where long runs do, and the branch and bound says its bound over time."""

from __future__ import annotations

import math
from collections.abc import Callable

import pytest
from qaps_of_twenty import RECIPES, grid_flows

from formulations.gqap.evaluation import evaluate
from formulations.gqap.parameters import GQAP
from solvers.core.limits import Limits
from solvers.gqap.heuristics.tabu import Setting, search
from solvers.gqap.tree.branch_and_bound import solve

LONG = Setting(pool=30, patience=6000)


def cost(data: GQAP, seed: int, setting: Setting | None = None) -> float:
    place = search(data, seed, math.inf, setting).place
    assert place is not None
    return evaluate(data, place).objective


@pytest.mark.long
@pytest.mark.parametrize("seed", [0, 1])
@pytest.mark.parametrize("recipe", RECIPES)
def test_tabu_search_ends_where_long_runs_do(recipe: Callable[[int], GQAP], seed: int):
    data = recipe(seed)
    assert cost(data, 0) == min(cost(data, further, LONG) for further in (1, 2))


@pytest.mark.parametrize("recipe", RECIPES)
def test_two_seeds_of_the_tabu_search_end_at_the_same_cost(recipe: Callable[[int], GQAP]):
    data = recipe(0)
    assert cost(data, 0) == cost(data, 1)


def test_the_bound_over_time_is_reported():
    outcome = solve(grid_flows(0), Limits(time_limit=4.0), 0)
    bounds = [row["bound"] for row in outcome.history if row["bound"] is not None]
    assert outcome.bound is not None
    assert bounds == sorted(bounds)
    assert bounds[-1] <= outcome.bound
