from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest
from processes import alive, wait_until

from solvers.processes import isolation, servers

HERE = Path(__file__).parents[2] / "support"
GRACE_SECONDS = 2.0


@pytest.fixture(autouse=True)
def _functions_are_importable(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(str(HERE))


def run(name: str, *arguments: object, limit_seconds: float = 30.0) -> object:
    return isolation.call(f"isolated_functions:{name}", arguments, limit_seconds)


def children() -> set[int]:
    """Children of this process, zombies included; in place of each server, its own."""
    ours, started = children_of(os.getpid()), {server.process.pid for server in servers._servers}
    return (ours - started).union(*map(children_of, ours & started))


def children_of(number: int) -> set[int]:
    """Direct children of a process."""
    listed = Path(f"/proc/{number}/task/{number}/children").read_text()
    return {int(pid) for pid in listed.split()}


def test_returns_the_value() -> None:
    assert run("add", 2, 3) == 5


def test_large_arguments_and_values_pass() -> None:
    assert run("large", 5_000_000) == b"x" * 5_000_000
    assert isolation.call("builtins:len", (b"y" * 5_000_000,), 30.0) == 5_000_000


def test_hang_with_the_interpreter_locked_is_killed_at_the_limit() -> None:
    before = children()
    began = time.monotonic()
    with pytest.raises(isolation.Overrun, match="limit of 1 s"):
        run("sleep_with_interpreter_locked", 30, limit_seconds=1.0)
    assert time.monotonic() - began < 1.0 + GRACE_SECONDS
    assert children() == before


def test_the_whole_process_group_is_killed(tmp_path: Path) -> None:
    note = tmp_path / "pid"
    with pytest.raises(isolation.Overrun):
        run("start_grandchild_and_hang", str(note), limit_seconds=2.0)
    assert wait_until(lambda: not alive(int(note.read_text())))


def test_crash_names_the_signal_and_quotes_standard_error() -> None:
    before = children()
    with pytest.raises(isolation.WorkerDied, match=r"SIGABRT.*about to crash"):
        run("crash")
    assert children() == before


def test_exit_names_the_status() -> None:
    with pytest.raises(isolation.WorkerDied, match="status 7"):
        run("leave")


def test_nothing_leaks_into_standard_output(capfd: pytest.CaptureFixture[str]) -> None:
    assert run("print_everywhere") == "answer"
    assert capfd.readouterr() == ("", "")


def test_exceptions_travel_back_with_the_childs_traceback() -> None:
    with pytest.raises(ValueError, match="no good") as caught:
        run("raise_value_error")
    assert "raise_value_error" in caught.value.__notes__[0]


def test_exceptions_that_cannot_travel_are_replaced_by_their_words() -> None:
    with pytest.raises(RuntimeError, match="AwkwardError: 1 and 2"):
        run("raise_awkward")


def test_value_that_cannot_travel_is_an_exception() -> None:
    with pytest.raises((AttributeError, TypeError), match="lambda"):
        run("unpicklable")


def test_a_class_of_the_callers_script_is_refused_with_advice(tmp_path: Path) -> None:
    script = tmp_path / "script.py"
    script.write_text(
        "from solvers.processes import isolation\n"
        "class Mine:\n    pass\n"
        "try:\n    isolation.call('math:sqrt', (Mine(),), 60.0)\n"
        "except ImportError as fault:\n    print(fault)\n"
    )
    done = subprocess.run([sys.executable, script], capture_output=True, text=True, check=True)
    assert "put it into a module" in done.stdout
    assert "Mine" in done.stdout


def test_calls_have_processes_of_their_own_and_one_server() -> None:
    first, second = run("whose"), run("whose")
    assert isinstance(first, tuple)
    assert isinstance(second, tuple)
    assert first[0] != second[0]
    assert first[1] == second[1] == servers.current().process.pid


def test_a_child_gets_the_folder_and_the_environment_of_today(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = servers.current()
    monkeypatch.chdir(tmp_path)
    assert isolation.call("os:getcwd", (), 30.0) == str(tmp_path)
    assert servers.current() is before
    monkeypatch.setenv("SAID_TO_CHILDREN", "today")
    assert isolation.call("os:getenv", ("SAID_TO_CHILDREN",), 30.0) == "today"
    assert wait_until(lambda: before.process.poll() is not None)


def test_what_is_warmed_up_is_imported_for_all_children() -> None:
    assert not run("has_loaded", "solvers.split_offloading.exact.batch_scan")
    isolation.warm_up(["solvers.split_offloading.exact.batch_scan:solve"])
    assert run("has_loaded", "solvers.split_offloading.exact.batch_scan")


def test_a_call_whose_server_dies_says_so_and_the_next_has_a_new_one() -> None:
    with pytest.raises(isolation.WorkerDied, match="lost with its server"):
        run("kill_the_server")
    assert run("add", 2, 3) == 5


def test_a_fork_of_the_caller_has_a_server_of_its_own() -> None:
    ours = servers.current()
    child = os.fork()
    if child == 0:
        os._exit(0 if servers.current().process.pid != ours.process.pid and run("add", 2, 3) == 5 else 1)
    assert os.waitpid(child, 0)[1] == 0
    assert servers.current() is ours


def test_unknown_function_is_an_exception() -> None:
    with pytest.raises(ModuleNotFoundError):
        isolation.call("no_such_module:f", (), 30.0)


def test_stop_all_ends_calls_of_other_threads() -> None:
    before = children()
    caught: list[BaseException] = []

    def wait() -> None:
        try:
            run("sleep_with_interpreter_locked", 60, limit_seconds=60.0)
        except isolation.WorkerDied as fault:
            caught.append(fault)

    threads = [threading.Thread(target=wait) for _ in range(2)]
    for thread in threads:
        thread.start()
    assert wait_until(lambda: len(isolation._running) == 2)
    began = time.monotonic()
    isolation.stop_all()
    for thread in threads:
        thread.join(10.0)
    assert time.monotonic() - began < GRACE_SECONDS
    assert len(caught) == 2
    assert "SIGKILL" in str(caught[0])
    assert children() == before


CALLER = """
import signal, sys
signal.signal(signal.SIGINT, signal.default_int_handler)  # a background job of a script inherits it ignored
sys.path.insert(0, {here!r})
from solvers.processes import isolation
isolation.call("isolated_functions:sleep_with_interpreter_locked", (60, {note!r}), 60.0)
"""


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGINT])
def test_child_ends_with_its_caller(how: signal.Signals, tmp_path: Path) -> None:
    note = tmp_path / "pid"
    caller = subprocess.Popen(
        [sys.executable, "-c", CALLER.format(here=str(HERE), note=str(note))], stderr=subprocess.PIPE
    )
    assert wait_until(lambda: note.exists() and note.read_text() != "")
    child = int(note.read_text())
    assert alive(child)
    caller.send_signal(how)
    _, stderr = caller.communicate(timeout=10.0)
    assert wait_until(lambda: not alive(child), GRACE_SECONDS)
    if how is signal.SIGINT:
        assert b"KeyboardInterrupt" in stderr


def test_the_clock_starts_when_what_is_needed_is_imported(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "slow_to_import.py").write_text(
        "import time\ntime.sleep(1.5)\nloaded = []\n\n"
        "def load_kernels():\n    time.sleep(0.5)\n    loaded.append(1)\n\n"
        "def answer():\n    return len(loaded)\n"
    )
    (tmp_path / "forwards.py").write_text(
        "def answer():\n    import slow_to_import\n    return slow_to_import.answer()\n"
    )
    monkeypatch.syspath_prepend(str(tmp_path))
    assert isolation.call("slow_to_import:answer", (), 1.0) == 1
    assert isolation.call("forwards:answer", (), 1.0, ["slow_to_import:answer"]) == 1
    with pytest.raises(isolation.Overrun):
        isolation.call("forwards:answer", (), 1.0)
