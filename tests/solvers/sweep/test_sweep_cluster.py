"""Sweeps on real schedulers and workers, some of them killed: complete in the end, nothing twice, nothing lost."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import fakes
import pytest
from processes import alive, wait_until

from formulations.runtime.program import UsageError
from formulations.runtime.progress import Progress
from instances import save
from solvers.core.limits import Limits
from solvers.sweep import cluster as sweep_cluster
from solvers.sweep import ledger
from solvers.sweep import run_tasks as sweep
from solvers.sweep.cluster import connected
from solvers.sweep.ledger import FILE, Ledger
from solvers.sweep.ledger_record import Recorded
from solvers.sweep.task import tasks

METHODS = (
    fakes.method("noted", "noted", random=True),
    fakes.method("isolated", "noted", random=True, isolated=True),
)
SEEDS = 20
WAIT_SECONDS = 60.0

COMMAND = f"""
import signal, sys
signal.signal(signal.SIGINT, signal.default_int_handler)  # a background job of a script inherits it ignored
sys.path[:0] = {fakes.SEARCH_PATH}
import fakes
from reports.gap_report.command import main
fakes.register(fakes.method("noted", "noted", random=True))
if __name__ == "__main__":
    sys.exit(main())
"""


class Machines:
    """A scheduler and workers on the loopback interface, each a process of its own."""

    def __init__(self, folder: Path) -> None:
        self.notes = folder / "runs"
        self.file = folder / "scheduler.json"
        self.workers: list[subprocess.Popen[bytes]] = []
        self.environment = os.environ | {
            "PYTHONPATH": os.pathsep.join(fakes.SEARCH_PATH),
            "FAKE_RUNS": str(self.notes),
            "OMP_NUM_THREADS": "1",
        }
        self.log = (folder / "log").open("wb")
        options = ["--host", "127.0.0.1", "--port", "0", "--no-dashboard", "--scheduler-file", str(self.file)]
        self.scheduler = self._start("dask_scheduler", *options)
        assert wait_until(self.file.exists, WAIT_SECONDS)

    def _start(self, program: str, *options: str) -> subprocess.Popen[bytes]:
        return subprocess.Popen(
            [sys.executable, "-m", f"distributed.cli.{program}", *options],
            env=self.environment,
            stdout=self.log,
            stderr=self.log,
        )

    def start_worker(self) -> None:
        options = ["--no-nanny", "--nthreads", "1", "--no-dashboard", "--scheduler-file", str(self.file)]
        self.workers.append(self._start("dask_worker", *options))

    def close(self) -> None:
        for process in (*self.workers, self.scheduler):
            process.kill()
            process.wait()
        self.log.close()


@pytest.fixture(scope="module")
def machines(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Machines]:
    started = Machines(tmp_path_factory.mktemp("cluster"))
    yield started
    started.close()


def lines(path: Path) -> int:
    return path.read_bytes().count(b"\n") if path.exists() else 0


def outcome(item: Recorded) -> dict[str, Any]:
    """What a result says apart from the time it took."""
    record = item.result.to_record()
    return {name: value for name, value in record.items() if "seconds" not in name}


def test_a_worker_killed_half_way_loses_nothing(
    machines: Machines, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fakes.register(*METHODS, put=monkeypatch.setattr)
    instances = [fakes.instance("small"), fakes.instance("other", users=7)]
    todo = tasks(instances, ["noted"], None, range(SEEDS), Limits())
    todo += tasks(instances[:1], ["isolated"], None, range(2), Limits())
    for _ in range(2):
        machines.start_worker()
    killed: list[int] = []

    class KillsHalfWay(Progress):
        count = 0

        def finished(self, name: str, line: str = "", rest: str = "") -> None:
            self.count += 1
            if self.count == len(todo) // 2:
                victim = machines.workers.pop(0)
                victim.send_signal(signal.SIGKILL)
                killed.append(victim.wait())

    with Ledger(tmp_path / "cluster") as book, connected(str(machines.file)) as cluster:
        assert wait_until(lambda: len(cluster._client.nthreads()) == 2, WAIT_SECONDS)
        swept = sweep.run(todo, book, cluster, progress=KillsHalfWay())
    assert killed == [-signal.SIGKILL]
    assert swept == sweep.Swept(len(todo))
    assert lines(tmp_path / "cluster" / FILE) == len(todo)
    found = {item.key: item for item in ledger.read(tmp_path / "cluster")}
    assert set(found) == {task.key for task in todo}
    assert len({line.split()[0] for line in machines.notes.read_text().splitlines()}) >= 2

    monkeypatch.setenv("FAKE_RUNS", str(tmp_path / "runs"))
    with Ledger(tmp_path / "here") as book:
        assert sweep.run(todo, book) == sweep.Swept(len(todo))
    here = {item.key: outcome(item) for item in ledger.read(tmp_path / "here")}
    assert here == {key: outcome(item) for key, item in found.items()}


def start_command(environment: dict[str, str], *arguments: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", COMMAND, *arguments],
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )


def test_a_driver_killed_and_started_again_runs_the_rest_only(machines: Machines, tmp_path: Path) -> None:
    file, out = tmp_path / "small.json", tmp_path / "out"
    save(fakes.instance(), file)
    if not machines.workers:
        machines.start_worker()
    arguments = [str(file), "--seeds", "40", "--out", str(out), "--scheduler", str(machines.file)]
    driver = start_command(machines.environment, *arguments)
    assert wait_until(lambda: lines(out / FILE) >= 10, WAIT_SECONDS)
    driver.kill()
    driver.communicate()
    kept = lines(out / FILE)
    assert 10 <= kept < 40
    before = lines(machines.notes)
    driver = start_command(machines.environment, *arguments)
    printed, said = driver.communicate(timeout=WAIT_SECONDS)
    assert driver.returncode == 0, said
    assert f"{kept} of 40 results are in the ledger, {40 - kept} to run" in said
    assert "Traceback" not in said
    assert "noted" in printed
    assert lines(out / FILE) == len({item.key for item in ledger.read(out)}) == 40
    # What a worker had begun for the dead driver may still end.
    assert 40 - kept <= lines(machines.notes) - before <= 40 - kept + 2


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGKILL])
def test_workers_of_this_machine_end_with_their_driver(how: signal.Signals, tmp_path: Path) -> None:
    file, out, notes = tmp_path / "small.json", tmp_path / "out", tmp_path / "runs"
    save(fakes.instance(), file)
    environment = os.environ | {"FAKE_RUNS": str(notes), "OMP_NUM_THREADS": "1"}
    arguments = [str(file), "--out", str(out), "--scheduler", "local", "--workers", "1", "--seeds"]
    driver = start_command(environment, *arguments, "1000")
    assert wait_until(lambda: lines(out / FILE) >= 5, WAIT_SECONDS)
    if how is signal.SIGINT:
        os.killpg(driver.pid, how)  # to the workers too, as a terminal does
    else:
        driver.send_signal(how)
    printed, said = driver.communicate(timeout=WAIT_SECONDS)
    assert "Traceback" not in said
    kept = len(ledger.read(out))
    assert kept >= 5
    worker = int(notes.read_text().split()[0])
    assert worker != driver.pid
    assert wait_until(lambda: not alive(worker), WAIT_SECONDS)
    if how is signal.SIGINT:
        assert driver.returncode == 130
        assert lines(out / FILE) == kept
        assert f"{1000 - kept} results are still missing" in printed
    else:
        driver = start_command(environment, *arguments, str(kept + 1))
        _, said = driver.communicate(timeout=WAIT_SECONDS)
        assert driver.returncode == 0, said
        assert f"{kept} of {kept + 1} results are in the ledger, 1 to run\n" in said
        assert said.endswith(f"\n1 of 1 done\ndiffload: the files are in {out}\n")
        assert len(ledger.read(out)) == kept + 1


def test_a_run_that_kills_its_workers_is_given_up_and_the_others_are_not(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    deadly, plain = fakes.method("deadly", "dies"), fakes.method("plain", "heuristic")
    fakes.register(deadly, plain, put=monkeypatch.setattr)
    monkeypatch.setitem(sweep_cluster._SETTINGS, "distributed.scheduler.allowed-failures", 0)
    todo = tasks([fakes.instance()], None, None, range(1), Limits())
    with Ledger(tmp_path) as book, sweep_cluster.local(1) as cluster:
        swept = sweep.run(todo[:1], book, cluster)
        assert swept == sweep.Swept(0, ((todo[0], "every worker that ran it died"),))
        assert sweep.run(todo[1:], book, cluster) == sweep.Swept(1)
    assert [item.result.solver for item in ledger.read(tmp_path)] == ["plain"]


def test_a_scheduler_that_is_not_there_is_a_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("solvers.sweep.cluster.CONNECT_SECONDS", 0.5)
    with (
        pytest.raises(UsageError, match=r"expected a scheduler at 'tcp://127\.0\.0\.1:9'"),
        connected("tcp://127.0.0.1:9"),
    ):
        pass
