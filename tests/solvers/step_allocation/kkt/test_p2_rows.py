from __future__ import annotations

import numpy as np
import pytest
from builders import step_allocation
from subproblems import random_subproblem

from formulations.constraints.registry import constraint_types
from formulations.constraints.step_allocation.base import Row, StepConstraint
from formulations.step_allocation.domain import model_steps
from formulations.step_allocation.models.surrogate import Subproblem, cost_shift, subproblem
from formulations.step_allocation.parameters import EDGE, LOCAL, StepAllocation
from solvers.core.result import Unsupported
from solvers.step_allocation.kkt.p2_cvxpy import CvxpyP2


def with_constraint(data: StepAllocation, kind: str, **fields: object) -> StepAllocation:
    found = constraint_types()["step_allocation", kind].model_validate(
        {"on": "step_allocation", "type": kind, **fields}
    )
    return data.replaced({"constraints": (found,)})


def on(data: StepAllocation, p2: Subproblem) -> Subproblem:
    """The same subproblem of a scenario that differs in its limits only."""
    return Subproblem(data, p2.shift, p2.u, p2.v, p2.z, p2.previous_offload, p2.tau)


@pytest.mark.parametrize("seed", range(3))
def test_an_energy_row_that_says_what_the_budget_says_is_the_budget(seed: int):
    """10 J a step: an energy budget of 10 S joules is a budget of S edge steps."""
    data = step_allocation(5, seed, edge_step_capacity=200.0)
    p2 = random_subproblem(data, seed, tau=0.5, margin=0.1)
    tight = data.replaced({"edge_step_capacity": 40.0})
    limited = with_constraint(data, "edge_energy_budget", most_joules=400.0)
    by_budget = CvxpyP2(tight, p2.shift).solve(on(tight, p2))
    by_row = CvxpyP2(limited, p2.shift).solve(on(limited, p2))
    free = CvxpyP2(data, p2.shift).solve(p2)
    assert by_row.objective == pytest.approx(by_budget.objective, rel=1e-7)
    np.testing.assert_allclose(by_row.offload, by_budget.offload, atol=1e-5)
    np.testing.assert_allclose(by_row.steps, by_budget.steps, atol=1e-3)
    assert by_row.objective > free.objective + 1e-4


def test_a_row_on_the_number_of_users_holds():
    data = with_constraint(step_allocation(5, 1), "max_offloaded", most_users=1)
    p2 = random_subproblem(data, 1, tau=0.0, margin=0.1)
    assert CvxpyP2(data, p2.shift).solve(p2).offload.sum() <= 1.0 + 1e-6


@pytest.mark.parametrize("seed", range(3))
def test_steps_stay_between_the_mixed_ends(seed: int):
    data = with_constraint(step_allocation(5, seed), "latency_deadline", most_seconds=0.05)
    floor = constraint_types()["step_allocation", "utility_floor"].model_validate(
        {"on": "step_allocation", "type": "utility_floor", "least_utility": 0.35}
    )
    data = data.replaced({"constraints": (*data.constraints, floor)})
    half = np.full(5, 0.5)
    local, edge = model_steps(data, LOCAL), model_steps(data, EDGE)
    start = 0.5 * (local.lower + edge.upper)
    p2 = subproblem(data, cost_shift(data), half, start, half, 0.0)
    found = CvxpyP2(data, p2.shift).solve(p2)
    mix = [(1.0 - found.offload) * a + found.offload * b for a, b in zip(local, edge, strict=True)]
    assert (found.steps >= mix[0] - 1e-6).all()
    assert (found.steps <= mix[1] + 1e-6).all()


class LocalRow(StepConstraint):
    """At most so many steps on all devices together."""

    title, unit, limit = "local steps", "steps", "on"

    def rows(self, data: StepAllocation) -> tuple[Row, ...]:
        nothing = np.zeros(data.users)
        return (Row(nothing, np.ones(data.users), nothing, 100.0),)


def test_a_row_without_a_surrogate_is_refused():
    data = step_allocation(3).replaced({"constraints": (LocalRow(type="local_row", on="step_allocation"),)})
    with pytest.raises(Unsupported, match="no convex surrogate for the rows of 'local_row'"):
        CvxpyP2(data, cost_shift(data))
