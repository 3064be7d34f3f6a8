"""What the evaluator of step allocation counts as rounding."""

from __future__ import annotations

import numpy as np
import pytest
from builders import step_allocation

from formulations.step_allocation.evaluation import evaluate
from formulations.step_allocation.parameters import StepAllocation
from solvers.core.limits import Limits
from solvers.step_allocation import price_search
from solvers.step_allocation.certificates.check import check


def with_one_large_limit() -> StepAllocation:
    limits = np.full(6, 40.0)
    limits[0] = 1e12
    return step_allocation(6, local_max_steps=limits)


@pytest.mark.parametrize("change", [1e-3, 60.0, -100.0])
def test_the_large_limit_of_one_user_lets_no_other_miss_its_own(change: float) -> None:
    data = with_one_large_limit()
    steps = np.full(6, 40.0)
    assert evaluate(data, np.zeros(6), steps).feasible
    steps[1] += change
    found = evaluate(data, np.zeros(6), steps)
    assert not found.feasible
    family, violation = found.worst_violation
    assert family == ("step_limit" if change > 0.0 else "nonnegative_steps")
    assert violation == pytest.approx(change if change > 0.0 else -change - 40.0)


def test_the_checker_of_certificates_refuses_steps_beyond_a_users_own_limit() -> None:
    data = with_one_large_limit()
    outcome = price_search.solve(data, Limits(), 0)
    assert outcome.solution is not None
    assert outcome.certificate is not None
    local = np.flatnonzero(outcome.solution["a"] < 0.5)
    local = local[local > 0]
    assert local.size
    check(data, outcome.certificate, outcome.solution)
    forged = dict(outcome.solution, s=outcome.solution["s"].copy())
    forged["s"][local] += 60.0
    with pytest.raises(ValueError, match="violates the limits of steps of user"):
        check(data, outcome.certificate, forged)
