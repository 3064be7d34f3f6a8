from __future__ import annotations

import numpy as np
import pytest
from conftest import step_allocation

from solvers.limits import Limits
from solvers.step_allocation import price_search
from solvers.step_allocation.price_search_many import solve_many, stack


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
    with pytest.raises(ValueError, match=r"budget has shape \(2,\), expected \(3,\)"):
        solve_many(stacked._replace(budget=stacked.budget[:2]))
    with pytest.raises(ValueError, match=r"edge\.rate has shape"):
        solve_many(stacked._replace(local=stacked.edge, edge=stacked.edge._replace(rate=stacked.budget)))
    with pytest.raises(ValueError, match="counts are outside"):
        solve_many(stacked._replace(user_count=stacked.user_count + 3))
    with pytest.raises(ValueError, match="one kind of steps"):
        stack([*scenarios(False, 1), *scenarios(True, 1)])
