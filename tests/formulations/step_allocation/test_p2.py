from __future__ import annotations

import cvxpy as cp
import numpy as np
import pytest
from builders import step_allocation
from reference import CORNERS
from subproblems import random_subproblem

from formulations.step_allocation.costs import quality_cost
from formulations.step_allocation.models import p2, surrogate


def test_the_model_is_disciplined_in_its_parameters_and_names_its_parts() -> None:
    data = step_allocation(4)
    model = p2.build(data, surrogate.cost_shift(data))
    assert model.problem.is_dcp(dpp=True)
    assert {name: variable.name() for name, variable in model.variables.items()} == {
        "a": "a",
        "s": "s",
        "phi": "phi",
    }
    assert all(constraint.label == name for name, constraint in model.constraints.items())
    assert {parameter.name() for parameter in model.problem.parameters()} == set(model.parameters)


def test_solving_again_does_not_compile_again() -> None:
    data = step_allocation(4)
    model = p2.build(data, surrogate.cost_shift(data))
    p2.load(model, random_subproblem(data, 0, 1.0))
    model.problem.solve(solver=cp.CLARABEL)
    compiled, first = model.problem._cache.param_prog, model.variables["a"].value
    p2.load(model, random_subproblem(data, 1, 1.0))
    model.problem.solve(solver=cp.CLARABEL)
    assert compiled is not None
    assert model.problem._cache.param_prog is compiled
    assert not np.allclose(first, model.variables["a"].value)


@pytest.mark.parametrize("corner", CORNERS)
@pytest.mark.parametrize("tau", [0.0, 7.0])
def test_expressions_equal_the_formulas_of_the_surrogate(corner: str, tau: float) -> None:
    data = step_allocation(5, 2, **CORNERS[corner])
    subproblem = random_subproblem(data, 4, tau)
    model = p2.build(data, subproblem.shift)
    p2.load(model, subproblem)
    draw = np.random.default_rng(0)
    offload = draw.uniform(0.0, 1.0, data.users)
    steps = draw.uniform(0.0, 1.5, data.users) * surrogate.mixed_limit(data, offload)
    model.variables["a"].value, model.variables["s"].value = offload, steps
    model.variables["phi"].value = quality_cost(data, steps)
    constant = tau * surrogate.linearised_penalty(np.zeros(data.users), subproblem.previous_offload)
    assert model.problem.objective.value - constant == pytest.approx(
        surrogate.objective(subproblem, offload, steps), rel=1e-11
    )
    use = surrogate.capacity_use(subproblem, offload, steps) - data.edge_step_budget
    assert float(model.constraints["capacity"].expr.value) == pytest.approx(use, rel=1e-11)
    above = steps - surrogate.mixed_limit(data, offload)
    assert model.constraints["step_limit"].expr.value == pytest.approx(above, abs=1e-11)
    assert model.constraints["quality"].expr.value == pytest.approx(np.zeros(data.users), abs=1e-12)
