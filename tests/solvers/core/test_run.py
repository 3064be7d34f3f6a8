"""One method on one instance: what happens to it becomes a result."""

from __future__ import annotations

import pickle
from pathlib import Path
from typing import Any

import fakes
import numpy as np
import pytest

from instances import InstanceError, save
from solvers.core import run
from solvers.core.limits import Limits
from solvers.core.registry import Method
from solvers.core.result import Result, Status
from solvers.core.run import Case
from solvers.core.solve import solve

INSTANCE = fakes.instance()
CASE = Case("small", INSTANCE.sha256, "step_allocation", INSTANCE.section("step_allocation"))


def ran(function: str, limits: Limits | None = None, seed: int = 0, **fields: Any) -> Result:
    return run.run(fakes.method("fake", function, **fields), CASE, limits or Limits(), seed)


OUTCOMES = {
    "heuristic": (Status.FEASIBLE, ""),
    "nothing": (Status.UNKNOWN, "time limit"),
    "refuses": (Status.UNSUPPORTED, "only for one user"),
    "needs_much_memory": (Status.UNSUPPORTED, "it needs more memory than there is: Unable to allocate 8 TiB"),
    "fails": (Status.ERROR, "RuntimeError: broken for a reason"),
    "returns_nonsense": (Status.ERROR, "fakes:returns_nonsense returned int, expected Outcome"),
    "not_there": (Status.ERROR, "AttributeError: module 'fakes' has no attribute 'not_there'"),
    "wrong_shape": (Status.ERROR, "unusable solution: solution array 'a' has shape (5,), expected (4,)"),
}

QUICK = ("heuristic", "refuses", "fails")
"""Those that the ordinary suite runs in a child process, too."""

WHERE = [(function, False) for function in OUTCOMES] + [
    pytest.param(function, True, marks=() if function in QUICK else pytest.mark.long) for function in OUTCOMES
]


@pytest.mark.parametrize(("function", "isolated"), WHERE)
def test_outcomes_are_results_wherever_a_method_runs(function: str, isolated: bool) -> None:
    status, reason = OUTCOMES[function]
    result = ran(function, isolated=isolated)
    assert (result.status, result.reason) == (status, reason)
    assert (result.solver, result.problem, result.instance) == ("fake", "step_allocation", "small")
    assert result.instance_hash == INSTANCE.sha256
    assert "\n" not in result.reason
    assert {"python", "diffload", "numpy"} <= set(result.versions)


def test_the_traceback_of_a_failure_is_its_log() -> None:
    for isolated in (False, True):
        log = ran("fails", isolated=isolated).log
        assert "Traceback" in log
        assert 'raise RuntimeError("broken' in log


def test_a_method_that_ignores_its_limit_is_killed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(run, "GRACE_SECONDS", 0.5)
    result = ran("hangs", Limits(time_limit=1.0), isolated=True)
    assert result.status is Status.UNKNOWN
    assert "time limit of 1 s" in result.reason
    assert 1.5 <= result.seconds < 5.0


def test_a_worker_that_dies_is_an_error() -> None:
    result = ran("dies", isolated=True)
    assert result.status is Status.ERROR
    assert "exited with status 7" in result.reason


def test_a_refusal_of_a_function_in_a_child_process_is_no_error() -> None:
    failure = run.isolated("fakes:refuses", (CASE.data, Limits(), 0), Limits(time_limit=30.0))
    assert failure == run.Failure(Status.UNSUPPORTED, "only for one user")


def test_isolated_and_in_process_results_are_the_same() -> None:
    here, there = ran("randomised", seed=5), ran("randomised", seed=5, isolated=True)
    assert here.objective == there.objective
    assert here.solution is not None
    assert there.solution is not None
    np.testing.assert_array_equal(here.solution["s"], there.solution["s"])
    assert here.seed == there.seed == 5
    assert ran("randomised", seed=6).objective != here.objective


def test_results_can_be_pickled() -> None:
    result = ran("heuristic")
    assert pickle.loads(pickle.dumps(result)).to_record() == result.to_record()


def put_methods(monkeypatch: pytest.MonkeyPatch, *methods: Method) -> None:
    fakes.register(*methods, put=monkeypatch.setattr)


def test_solve_takes_an_instance_or_its_file(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    put_methods(monkeypatch, fakes.method("fake", "heuristic"))
    save(INSTANCE, tmp_path / "small.json")
    results = [solve(item, "fake") for item in (INSTANCE, tmp_path / "small.json", str(tmp_path / "small.json"))]
    assert {result.objective for result in results} == {results[0].objective}
    assert {result.instance_hash for result in results} == {INSTANCE.sha256}
    assert results[0].status is Status.FEASIBLE


def test_solve_refuses_what_does_not_exist(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    elsewhere = Method("elsewhere", "split_offloading", "P1", "fakes:heuristic", "another problem's")
    put_methods(monkeypatch, fakes.method("fake", "heuristic"), elsewhere)
    with pytest.raises(KeyError, match="unknown method 'nobody', expected one of fake"):
        solve(INSTANCE, "nobody")
    with pytest.raises(KeyError, match="unknown method"):
        solve(INSTANCE, "fake", problem="split_offloading")
    with pytest.raises(ValueError, match="poses step_allocation, which 'elsewhere' does not solve"):
        solve(INSTANCE, "elsewhere")
    with pytest.raises(InstanceError):
        solve(tmp_path / "missing.json", "fake")


def test_solve_asks_which_problem_where_several_have_the_method(monkeypatch: pytest.MonkeyPatch) -> None:
    put_methods(monkeypatch, fakes.method("fake", "heuristic"), fakes.method("fake", "nothing"))
    with pytest.raises(ValueError, match="solves several problems"):
        solve(INSTANCE, "fake")
