"""Calls a function in a child process, with a time limit that holds whatever the function does.

External solvers hold the interpreter's lock, ignore their own limits, crash, and print. A child process per call
keeps all of that away from the caller. A server (:mod:`.fork_server`) forks it, an interpreter of its own that has
imported once what the calls need: this asks for no ``if __name__ == "__main__"`` in scripts, and forks no process
that has threads.
"""

from __future__ import annotations

import contextlib
import math
import os
import pickle
import signal
import socket
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from typing import IO, Any

from solvers.processes import servers
from solvers.processes.servers import Server
from solvers.processes.worker import CALL, IMPORT, READ_BYTES, send

START_SECONDS = 120.0
"""How long the interpreter and the imports may take before the clock of the call starts anyway [s]."""

REAP_SECONDS = 5.0
"""How long a killed child may take to disappear before the caller goes on without it [s]."""

TAIL_BYTES = 4000
"""How much of what a dead child has printed its exception quotes."""

_running: set[socket.socket] = set()
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
    # The second barrier: ends a child that outlives its caller where the system has no death signal.
    cpu_seconds = math.ceil(limit_seconds + START_SECONDS) * (os.cpu_count() or 1)
    asked = {"folder": os.getcwd(), "cpu_seconds": cpu_seconds, "needed": (function, *load_first)}
    server = servers.current()
    with tempfile.TemporaryFile() as printed:
        with _child(server, pickle.dumps(asked), printed) as (call, child):
            try:
                answer = _answer(call, payload, limit_seconds)
            except TimeoutError:
                raise Overrun(f"{function} was killed at its limit of {limit_seconds:g} s") from None
            status = _ended(child)
        if status != 0 or not answer:
            raise WorkerDied(_cause_of_death(function, status, server.printed if status is None else printed))
    succeeded, value = pickle.loads(answer)
    if not succeeded:
        raise value
    return value


def warm_up(functions: Sequence[str]) -> None:
    """Have the server import what calls will need, meanwhile; see ``load_first`` of :func:`call`."""
    names, for_server = socket.socketpair()
    with names:
        with for_server:
            servers.current().ask(IMPORT, (for_server,))
        with contextlib.suppress(OSError):
            send(names, pickle.dumps(tuple(functions)))


def stop_all() -> None:
    """Kill every child that runs now, from any thread; the calls that wait for them raise :class:`WorkerDied`."""
    with _running_lock:
        for child in _running:
            _give_up(child)


@contextlib.contextmanager
def _child(server: Server, asked: bytes, printed: IO[bytes]) -> Iterator[tuple[socket.socket, socket.socket]]:
    """A child process that is asked for something: the socket to it, and the one to its server.

    The server writes there how the child has ended. It kills the child, with its whole process group, once the
    socket says no more to it.
    """
    call, for_child = socket.socketpair()
    child, for_server = socket.socketpair()
    with call, child:
        with for_child, for_server:
            server.ask(CALL, (for_child, for_server, printed))
        with _running_lock:
            _running.add(child)
        try:
            with contextlib.suppress(OSError):
                send(call, asked)
            yield call, child
        finally:
            with _running_lock:
                _running.discard(child)
            _give_up(child)
            with contextlib.suppress(OSError):
                _ended(child)


def _answer(call: socket.socket, payload: bytes, limit_seconds: float) -> bytes:
    """Return what the child answers, nothing where it dies.

    Raises
    ------
    TimeoutError
        If the limit is reached; the clock starts when the child is ready, at the latest after
        :data:`START_SECONDS`.
    """
    with contextlib.suppress(ConnectionError):
        call.settimeout(START_SECONDS)
        with contextlib.suppress(TimeoutError):
            call.recv(1)
        end = time.monotonic() + limit_seconds
        call.settimeout(limit_seconds)
        send(call, payload)
        parts: list[bytes] = []
        while not parts or parts[-1]:
            call.settimeout(max(end - time.monotonic(), 1e-6))
            parts.append(call.recv(READ_BYTES))
        return b"".join(parts)
    return b""


def _give_up(child: socket.socket) -> None:
    """Have the server kill a child that still runs."""
    with contextlib.suppress(OSError):
        child.shutdown(socket.SHUT_WR)


def _ended(child: socket.socket) -> int | None:
    """Return how a child has ended, once it has: its exit status or minus its signal; None if it did not."""
    child.settimeout(REAP_SECONDS)
    with contextlib.suppress(OSError):
        said = child.recv(64)
        return int(said) if said else None
    return None


def _cause_of_death(function: str, returncode: int | None, printed: IO[bytes]) -> str:
    if returncode is None:
        cause = "was lost with its server"
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
