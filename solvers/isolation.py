"""A function call in a child process of its own, with a time limit that holds whatever the function does.

External solvers hold the interpreter's lock, ignore their own limits, crash, and print. A fresh interpreter per
call keeps all of that away from the caller; it needs no ``if __name__ == "__main__"`` in scripts, and no fork of
a process that has threads.
"""

from __future__ import annotations

import contextlib
import math
import os
import pickle
import signal
import subprocess
import sys
import tempfile
import threading
from typing import IO, Any

REAP_SECONDS = 5.0
"""How long a killed child may take to disappear before the caller goes on without it [s]."""

STDERR_TAIL_BYTES = 4000
"""How much of a dead child's standard error its exception quotes."""

_running: set[subprocess.Popen[bytes]] = set()
_running_lock = threading.Lock()


class Overrun(Exception):  # noqa: N818 - named after what happened, as ``Unsupported`` is
    """The call was killed at its time limit."""


class WorkerDied(Exception):  # noqa: N818 - named after what happened
    """The child process ended without an answer: it crashed, was killed, or exited by itself."""


def call(function: str, arguments: tuple[Any, ...], limit_seconds: float) -> Any:
    """Return ``function(*arguments)``, computed in a child process.

    Parameters
    ----------
    function : str
        What to call: ``package.module:function``, importable from the caller's ``sys.path``.
    arguments : tuple
        Its arguments; they and the value returned have to be picklable.
    limit_seconds : float
        Wall-clock limit [s], start-up of the interpreter included; at the limit the child is killed together
        with every process of its group.

    Raises
    ------
    Overrun
        If the limit was reached.
    WorkerDied
        If the child ended without an answer; the message names its signal or exit status and quotes the end of
        its standard error.
    Exception
        Whatever the function raised, with the child's traceback as a note.
    """
    payload = pickle.dumps((function, arguments))
    with tempfile.TemporaryFile() as stderr:
        process = _start(limit_seconds, stderr)
        try:
            answer, _ = process.communicate(payload, timeout=limit_seconds)
        except subprocess.TimeoutExpired:
            raise Overrun(f"{function} was killed at its limit of {limit_seconds:g} s") from None
        finally:
            _end(process)
        if process.returncode != 0 or not answer:
            raise WorkerDied(_cause_of_death(function, process.returncode, stderr))
    succeeded, value = pickle.loads(answer)
    if not succeeded:
        raise value
    return value


def stop_all() -> None:
    """Kill every child that runs now, from any thread; the calls that wait for them raise :class:`WorkerDied`."""
    with _running_lock:
        for process in _running:
            _kill_group(process)


def _start(limit_seconds: float, stderr: IO[bytes]) -> subprocess.Popen[bytes]:
    # The second barrier: ends a child that outlives its caller where the system has no death signal.
    cpu_seconds = math.ceil(limit_seconds + 1.0) * (os.cpu_count() or 1)
    search_path = os.pathsep.join(entry or os.getcwd() for entry in sys.path)
    process = subprocess.Popen(
        [sys.executable, "-P", "-m", "solvers.worker", str(os.getpid()), str(cpu_seconds)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=stderr,
        env=os.environ | {"PYTHONPATH": search_path},
        start_new_session=True,
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


def _cause_of_death(function: str, returncode: int | None, stderr: IO[bytes]) -> str:
    if returncode is None:
        cause = "did not end"
    elif returncode < 0:
        cause = f"was killed by {_signal_name(-returncode)}"
    else:
        cause = f"exited with status {returncode}"
    size = stderr.seek(0, os.SEEK_END)
    stderr.seek(max(0, size - STDERR_TAIL_BYTES))
    tail = stderr.read().decode(errors="replace").strip()
    return f"the process that ran {function} {cause} without an answer" + (f": {tail}" if tail else "")


def _signal_name(number: int) -> str:
    try:
        return signal.Signals(number).name
    except ValueError:
        return f"signal {number}"
