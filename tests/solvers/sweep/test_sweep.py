"""A sweep in one process: what is run, what is not run again, and what is filed."""

from __future__ import annotations

import signal
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import fakes
import pytest

from formulations.runtime.program import UsageError
from formulations.runtime.progress import Lines, duration
from formulations.runtime.version import versions
from instances import Instance
from solvers.core.limits import Limits
from solvers.core.registry import Method
from solvers.core.result import Status
from solvers.sweep import ledger
from solvers.sweep import run_tasks as sweep
from solvers.sweep.estimate import Estimate
from solvers.sweep.ledger import Ledger
from solvers.sweep.payload import Payload, Refused, pack, perform_payload
from solvers.sweep.run_tasks import Finished, Lost, Serial, Swept
from solvers.sweep.task import Task, perform, tasks

RANDOM = fakes.method("random", "randomised", random=True)
PLAIN = fakes.method("plain", "heuristic")
ISOLATED = fakes.method("isolated", "heuristic", isolated=True)
BROKEN = fakes.method("broken", "fails")
SMALL, OTHER = fakes.instance("small"), fakes.instance("other", users=3)


@pytest.fixture(autouse=True)
def _methods(monkeypatch: pytest.MonkeyPatch) -> None:
    fakes.register(RANDOM, PLAIN, ISOLATED, BROKEN, put=monkeypatch.setattr)


def wanted(
    *names: str, seeds: range = range(3), instances: Sequence[Instance] = (SMALL, OTHER), **limits: float
) -> tuple[Task, ...]:
    return tasks(instances, names or None, None, seeds, Limits(**limits))  # type: ignore[arg-type]


def swept(folder: Path, todo: Sequence[Task], **options: object) -> Swept:
    with Ledger(folder) as book:
        return sweep.run(todo, book, **options)  # type: ignore[arg-type]


def test_tasks_are_instances_times_methods_times_seeds() -> None:
    found = wanted("random", "plain", seeds=range(4, 6))
    assert [(task.instance.name, task.method.name, task.seed) for task in found] == [
        (name, *run) for name in ("small", "other") for run in (("random", 4), ("random", 5), ("plain", 0))
    ]
    assert len({task.key.digest for task in found}) == len(found)


def test_an_instance_counts_once_whatever_its_name() -> None:
    assert len(wanted("plain", instances=(SMALL, fakes.instance("renamed")))) == 1


def test_names_that_do_not_exist_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(UsageError, match="unknown method 'nobody'"):
        wanted("nobody")
    elsewhere = Method("elsewhere", "split_offloading", "P1", "fakes:heuristic", "")
    fakes.register(PLAIN, elsewhere, put=monkeypatch.setattr)
    with pytest.raises(UsageError, match="no solver named solves step_allocation"):
        wanted("elsewhere")
    with pytest.raises(UsageError, match="expected at least one instance"):
        wanted("plain", instances=())


def test_only_what_is_missing_is_run(tmp_path: Path) -> None:
    assert swept(tmp_path, wanted("random", seeds=range(2))) == Swept(4)
    assert swept(tmp_path, wanted("random", seeds=range(2))) == Swept(0)
    assert swept(tmp_path, wanted("random", "plain", seeds=range(3))) == Swept(4)
    assert swept(tmp_path, wanted("plain", seeds=range(7, 9))) == Swept(0)
    assert swept(tmp_path, wanted("plain", gap=1e-3)) == Swept(2)
    found = ledger.read(tmp_path)
    assert len(found) == len({item.key.digest for item in found}) == 10
    assert {item.users for item in found} == {3, 4}
    assert all(item.result.log == "" for item in found)


def test_other_versions_are_other_results(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert swept(tmp_path, wanted("plain")) == Swept(2)
    for module in ("solvers.sweep.task", "solvers.core.validation"):
        monkeypatch.setattr(f"{module}.versions", lambda: {"numpy": "99"})
    assert swept(tmp_path, wanted("plain")) == Swept(2)
    assert len(ledger.read(tmp_path)) == 4


def test_errors_are_results_and_run_again_on_request_only(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert swept(tmp_path, wanted("broken", "plain")) == Swept(4)
    broken = [item.result for item in ledger.read(tmp_path) if item.result.status is Status.ERROR]
    assert [result.reason for result in broken] == ["RuntimeError: broken for a reason"] * 2
    assert "Traceback" in broken[0].log
    assert swept(tmp_path, wanted("broken", "plain")) == Swept(0)
    fakes.register(PLAIN, replace(BROKEN, function="fakes:heuristic"), put=monkeypatch.setattr)
    assert swept(tmp_path, wanted("broken", "plain"), retry_errors=True) == Swept(2)
    assert {item.result.status for item in ledger.read(tmp_path)} == {Status.FEASIBLE}
    assert swept(tmp_path, wanted("broken", "plain"), retry_errors=True) == Swept(0)


def test_isolated_and_other_methods_file_the_same(tmp_path: Path) -> None:
    assert swept(tmp_path, wanted("isolated", "plain"), scheduler=Serial(side_by_side=2)) == Swept(4)
    objective = {
        (item.result.instance, item.result.solver): item.result.objective for item in ledger.read(tmp_path)
    }
    for name in ("small", "other"):
        assert objective[name, "isolated"] == objective[name, "plain"] is not None


def test_ctrl_c_keeps_what_is_done(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    stopping = replace(BROKEN, name="stopping", function="fakes:interrupts")
    fakes.register(PLAIN, stopping, RANDOM, put=monkeypatch.setattr)
    assert swept(tmp_path, wanted(instances=(SMALL,))) == Swept(1, interrupted=True)
    assert [item.result.solver for item in ledger.read(tmp_path)] == ["plain"]


@dataclass(frozen=True)
class LosesEverySecond:
    """A scheduler whose workers die over every second task."""

    def run(self, todo: Sequence[Task], finished: Finished) -> None:
        for index, task in enumerate(todo):
            finished(task, Lost("every worker died") if index % 2 else perform(task))


def test_what_is_lost_is_not_filed_and_run_next_time(tmp_path: Path) -> None:
    todo = wanted("random", seeds=range(2))
    first = swept(tmp_path, todo, scheduler=LosesEverySecond())
    assert first == Swept(2, ((todo[1], "every worker died"), (todo[3], "every worker died")))
    assert swept(tmp_path, todo) == Swept(2)
    assert len(ledger.read(tmp_path)) == 4


def test_a_payload_is_the_instance(tmp_path: Path) -> None:
    payload = pack(SMALL)
    there = perform_payload(payload, RANDOM, 1, Limits(), versions())
    here = perform(Task(SMALL, RANDOM, 1, Limits()))
    assert there.key == here.key
    assert there.result.objective == here.result.objective


def test_a_payload_with_other_content_is_refused() -> None:
    swapped = Payload(OTHER.sha256, "other", pack(SMALL).data)
    with pytest.raises(Refused, match=f"expected instance 'other' with hash {OTHER.sha256}, got {SMALL.sha256}"):
        perform_payload(swapped, PLAIN, 0, Limits(), versions())


def test_a_worker_with_other_versions_refuses() -> None:
    expected = dict(versions()) | {"numpy": "1.0"}
    with pytest.raises(Refused, match=r"expected numpy 1\.0 as on the machine that drives the sweep, got 2"):
        perform_payload(pack(SMALL), PLAIN, 0, Limits(), expected)


def test_the_estimate_counts_work_not_runs() -> None:
    todo = [*wanted("plain", instances=(SMALL,)), *wanted("random", seeds=range(4), instances=(SMALL,))]
    estimate = Estimate(todo)
    assert estimate.remaining(5.0) is None
    estimate.finished(todo[1], 9.99)  # 10 s with its start, two workers side by side: 5 s have passed
    assert estimate.remaining(5.0) == pytest.approx(4 * 5.0)
    estimate.finished(todo[0], 0.99)
    assert estimate.remaining(5.5) == pytest.approx(3 * 5.0)


def test_progress_in_words(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    todo = wanted("plain")
    with Ledger(tmp_path) as book:
        assert sweep.run(todo, book, progress=Lines()).done == 2
    first, last = capsys.readouterr().err.splitlines()
    assert first.startswith("1 of 2 done, about ")
    assert last == "2 of 2 done"
    assert [duration(value) for value in (8.2, 200.0, 9000.0)] == ["8 s", "3 min", "2.5 h"]


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_a_run_whose_library_swallowed_ctrl_c_is_not_filed(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    fakes.register(PLAIN, fakes.method("swallowing", "swallows_ctrl_c"), put=monkeypatch.setattr)
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        assert swept(tmp_path, wanted("plain", "swallowing", instances=(SMALL,))) == Swept(1, interrupted=True)
    finally:
        signal.signal(signal.SIGINT, before)
    assert [item.result.solver for item in ledger.read(tmp_path)] == ["plain"]
