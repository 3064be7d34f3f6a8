"""The bound with a price on every row, maximised by cutting planes, against SciPy's LP of the same dual."""

from __future__ import annotations

import numpy as np
import pytest
from builders import step_allocation
from constrained import boxed, random_row
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import linprog

from solvers.step_allocation.coupled.dual_function import bound_at_prices, maximise_prices
from solvers.step_allocation.coupled.row_offloading import choices, multiplier_bound
from solvers.step_allocation.coupled.row_problem import largest_cost, row_problem
from solvers.step_allocation.lagrangian.cardinality_branching import NO_RANGES
from solvers.step_allocation.lagrangian.dual_function import maximise
from solvers.step_allocation.lagrangian.stopping import NEVER
from solvers.step_allocation.lagrangian.unpriced import at_zero_price
from solvers.step_allocation.price_search import instance_of


def value(problem, price):
    saving, chosen = np.empty(problem.free.size), np.empty(problem.free.size, dtype=np.bool_)
    steps, excess = np.empty(problem.edge.rate.size), np.empty(price.size)
    return bound_at_prices(problem, NO_RANGES, price, saving, chosen, steps, excess), excess


def by_kelley_with_scipy(problem, rows, rounds=200):
    """Cutting planes whose master HiGHS solves, far from the compiled simplex."""
    box = 64.0 * multiplier_bound(problem)
    cuts, best, price = [], -np.inf, np.zeros(rows)
    for _ in range(rounds):
        height, slope = value(problem, price)
        best = max(best, height)
        cuts.append((*(-slope), 1.0, height - slope @ price))
        table = np.array(cuts)
        found = linprog(
            np.append(np.zeros(rows), -1.0),
            A_ub=table[:, : rows + 1],
            b_ub=table[:, -1],
            bounds=[(0.0, box)] * rows + [(None, None)],
        )
        price = np.clip(found.x[:rows], 0.0, box)
        if -found.fun - best <= 1e-9 * max(1.0, abs(best)):
            break
    return best, -found.fun


@settings(max_examples=25, deadline=None)
@given(seed=st.integers(0, 5000), users=st.integers(1, 12), integer=st.booleans(), rows=st.integers(1, 4))
def test_the_maximum_over_the_prices_is_found(seed, users, integer, rows):
    data = step_allocation(users, seed, edge_step_capacity=12.0 * users, integer_steps=integer)
    if seed % 2:
        data = boxed(data, seed, banned=0.0, whole=integer)
    for row in range(rows):
        data = random_row(data, seed + row, signed=seed % 3 == 0)
    problem, _ = row_problem(data)
    ceiling = largest_cost(problem) + 1.0
    count = problem.right_hand_side.size
    point = maximise_prices(problem, NO_RANGES, np.zeros(count), multiplier_bound(problem), ceiling, NEVER)
    if point.bound >= ceiling:
        return
    assert point.bound == pytest.approx(value(problem, point.price)[0], abs=1e-12)
    reached, above = by_kelley_with_scipy(
        problem, count
    )  # a value at some price, and the planes above all of them
    assert reached - 1e-8 * max(1.0, abs(reached)) <= point.bound <= above + 1e-7 * max(1.0, abs(above))
    assert point.weight.sum() == pytest.approx(1.0, abs=1e-9)
    mixed = sum(
        w * value(problem, np.ascontiguousarray(p))[1] for w, p in zip(point.weight, point.cut_points, strict=True)
    )
    assert (mixed <= 1e-8).all()
    assert len(choices(problem, NO_RANGES, point)) <= count + 1


@pytest.mark.parametrize("integer", [False, True], ids=["continuous", "integer"])
def test_with_the_budget_alone_it_is_the_bound_of_the_price_search(integer):
    for seed in range(5):
        data = step_allocation(20, seed, edge_step_capacity=240.0, integer_steps=integer)
        problem, _ = row_problem(data)
        point = maximise_prices(problem, NO_RANGES, np.zeros(1), multiplier_bound(problem), np.inf, NEVER)
        single = maximise(at_zero_price(instance_of(data)).users, NO_RANGES, 0.0, np.inf, 1e-13, NEVER)
        assert point.bound == pytest.approx(single.bound, rel=1e-10)
