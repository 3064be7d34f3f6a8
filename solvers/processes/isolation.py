"""Calls a function in a child process, with a time limit that holds whatever the function does.

External solvers hold the interpreter's lock, ignore their own limits, crash, and print. A fresh interpreter per
call keeps all of that away from the caller; it needs no ``if __name__ == "__main__"`` in scripts, and no fork of
a process that has threads.
"""

from __future__ import annotations

import contextlib
import math
import os
import pickle
import select
import signal
import subprocess
import sys
import tempfile
import threading
from collections.abc import Sequence
from typing import IO, Any

from solvers.processes.child_pipe import ChildPipe

START_SECONDS = 120.0
"""How long the interpreter and the imports may take before the clock of the call starts anyway [s]."""

REAP_SECONDS = 5.0
"""How long a killed child may take to disappear before the caller goes on without it [s]."""

TAIL_BYTES = 4000
"""How much of what a dead child has printed its exception quotes."""

_running: set[subprocess.Popen[bytes]] = set()
_running_lock = threading.Lock()


class Overrun(Exception):  # noqa: N818 - named after what happened, as ``Unsupported`` is
    """The call was killed at its time limit."""


class WorkerDied(Exception):  # noqa: N818 - named after what happened
    """The child process ended without an answer: it crashed, was killed, or exited by itself."""


def call(function: str, arguments: tuple[Any, ...], limit_seconds: float, load_first: Sequence[str] = ()) -> Any:
    """Return ``function(*arguments)``, computed in a child process.

    Parameters
    ----------
    function : str
        What to call: ``package.module:function``, importable from the caller's ``sys.path``.
    arguments : tuple
        Its arguments; they and the value returned have to be picklable.
    limit_seconds : float
        Wall-clock limit [s] from when the child has started and imported what it needs; at the limit it is
        killed together with every process of its group.
    load_first : sequence of str
        What else to import before the clock starts, named like ``function``. Where a module has a function
        ``load_kernels``, it is called.

    Raises
    ------
    Overrun
        If the limit was reached.
    WorkerDied
        If the child ended without an answer; the message names its signal or exit status and quotes the end of
        what it has printed.
    Exception
        Whatever the function raised, with the child's traceback as a note.
    """
    payload = pickle.dumps((function, arguments))
    needed = pickle.dumps((function, *load_first))
    with tempfile.TemporaryFile() as printed, ChildPipe() as started, ChildPipe() as answers:
        process = _start(limit_seconds, printed, (started.child_end, answers.child_end))
        try:
            process.stdout = answers.reader()
            _wait_for_start(process, needed, started.reader())
            answer, _ = process.communicate(payload, timeout=limit_seconds)
        except subprocess.TimeoutExpired:
            raise Overrun(f"{function} was killed at its limit of {limit_seconds:g} s") from None
        finally:
            _end(process)
        if process.returncode != 0 or not answer:
            raise WorkerDied(_cause_of_death(function, process.returncode, printed))
    succeeded, value = pickle.loads(answer)
    if not succeeded:
        raise value
    return value


def _wait_for_start(process: subprocess.Popen[bytes], needed: bytes, started: IO[bytes]) -> None:
    """Say what to import, and wait until that is done or :data:`START_SECONDS` are over.

    A child that has started closes its end of the pipe, and so does one that dies before.
    """
    assert process.stdin is not None
    with contextlib.suppress(BrokenPipeError):
        process.stdin.write(needed)
        process.stdin.flush()
    select.select([started], [], [], START_SECONDS)


def stop_all() -> None:
    """Kill every child that runs now, from any thread; the calls that wait for them raise :class:`WorkerDied`."""
    with _running_lock:
        for process in _running:
            _kill_group(process)


def _start(limit_seconds: float, printed: IO[bytes], pipes: tuple[int, int]) -> subprocess.Popen[bytes]:
    # The second barrier: ends a child that outlives its caller where the system has no death signal.
    cpu_seconds = math.ceil(limit_seconds + START_SECONDS) * (os.cpu_count() or 1)
    search_path = os.pathsep.join(entry or os.getcwd() for entry in sys.path)
    process = subprocess.Popen(
        [sys.executable, "-P", "-m", "solvers.processes.worker", *map(str, (os.getpid(), cpu_seconds, *pipes))],
        stdin=subprocess.PIPE,
        stdout=printed,
        stderr=printed,
        # Pyomo is made from docstrings, which PYTHONOPTIMIZE=2 takes away.
        env=os.environ | {"PYTHONPATH": search_path, "PYTHONOPTIMIZE": ""},
        start_new_session=True,
        pass_fds=pipes,
    )
    with _running_lock:
        _running.add(process)
    return process


def _end(process: subprocess.Popen[bytes]) -> None:
    """Leave neither a running child nor a zombie behind."""
    with _running_lock:
        _running.discard(process)
    _kill_group(process)
    with contextlib.suppress(subprocess.TimeoutExpired):
        process.wait(REAP_SECONDS)
    for pipe in (process.stdin, process.stdout):
        if pipe is not None:
            with contextlib.suppress(OSError):
                pipe.close()


def _kill_group(process: subprocess.Popen[bytes]) -> None:
    # Only while the leader is not reaped: afterwards its number may belong to somebody else.
    if process.poll() is None:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, signal.SIGKILL)


def _cause_of_death(function: str, returncode: int | None, printed: IO[bytes]) -> str:
    if returncode is None:
        cause = "did not end"
    elif returncode < 0:
        cause = f"was killed by {_signal_name(-returncode)}"
    else:
        cause = f"exited with status {returncode}"
    size = printed.seek(0, os.SEEK_END)
    printed.seek(max(0, size - TAIL_BYTES))
    tail = printed.read().decode(errors="replace").strip()
    return f"the process that ran {function} {cause} without an answer" + (f": {tail}" if tail else "")


def _signal_name(number: int) -> str:
    try:
        return signal.Signals(number).name
    except ValueError:
        return f"signal {number}"
