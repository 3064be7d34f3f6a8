from __future__ import annotations

from collections import Counter
from collections.abc import Callable

import cvxpy as cp
import numpy as np
import pytest
from builders import step_allocation

from solvers.core.limits import Limits
from solvers.core.result import Unsupported
from solvers.processes import isolation
from solvers.step_allocation.kkt import bisection, p2_cvxpy
from solvers.step_allocation.kkt.p2_validation import TAUS, example, validate


def test_rows_agree_and_show_the_cost_of_the_late_clamp() -> None:
    rows = validate(step_allocation(10, 1))
    assert [row.tau for row in rows] == list(TAUS)
    for row in rows:
        assert row.worst_residual < 1e-8
        assert row.offload_difference < 1e-5
        assert row.relative_difference == (row.objective_kkt - row.objective_cvxpy) / max(
            1.0, abs(row.objective_kkt)
        )
        assert row.ratio == row.seconds_cvxpy / row.seconds_kkt
        assert row.appendix_loss <= 1e-9
        assert row.appendix_capacity_excess <= 1e-9
        if row.tau <= 10.0:
            assert abs(row.relative_difference) < 1e-7
            assert row.steps_difference < 1e-3
    last = rows[-1]
    assert last.printed_loss > 1e-3 or last.printed_capacity_excess > 1e-3 or last.printed_limit_excess > 1.0


@pytest.mark.parametrize("compiled_users", [3, 2])
def test_both_solvers_run_equally_often(compiled_users: int, monkeypatch: pytest.MonkeyPatch) -> None:
    calls: Counter[str] = Counter()

    def counted(name: str, solve: Callable[..., object]) -> Callable[..., object]:
        def call(*given: object) -> object:
            calls[name] += 1
            return solve(*given)

        return call

    monkeypatch.setattr(p2_cvxpy, "MOST_COMPILED_USERS", compiled_users)
    monkeypatch.setattr(bisection, "solve", counted("ours", bisection.solve))
    monkeypatch.setattr(p2_cvxpy.CvxpyP2, "solve", counted("theirs", p2_cvxpy.CvxpyP2.solve))
    (row,) = validate(step_allocation(3, 1), taus=(1.0,))
    assert row.runs == (5 if compiled_users == 3 else 1)
    assert calls == {"ours": row.runs, "theirs": row.runs + 1}, "one more compiles the model"


def test_the_example_is_the_same_every_time_and_keeps_tau_at_work() -> None:
    data = step_allocation(10, 1)
    first, second = example(data, 10.0), example(data, 10.0)
    for name in ("u", "v", "z", "previous_offload"):
        assert (getattr(first, name) == getattr(second, name)).all()
    assert np.abs(first.penalty_slope).min() > 0.0


@pytest.mark.long  # as the main job does
def test_it_runs_in_a_child_process() -> None:
    rows = isolation.call(
        "solvers.step_allocation.kkt.p2_validation:validate", (step_allocation(3, 1), Limits()), 60.0
    )
    assert [row.tau for row in rows] == list(TAUS)
    assert rows[0].objective_kkt == pytest.approx(rows[0].objective_cvxpy, rel=1e-7)


def test_without_a_solution_of_cvxpy_there_is_nothing_to_compare_with(monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(*_: object, **__: object) -> None:
        raise cp.SolverError("Solver 'CLARABEL' failed.")

    monkeypatch.setattr(cp.Problem, "solve", fails)
    with pytest.raises(Unsupported, match=r"nothing to compare with .*CLARABEL"):
        validate(step_allocation(3, 1))


def test_no_rows_without_an_edge_step() -> None:
    assert validate(step_allocation(3, 1, edge_step_capacity=0.0)) == []
