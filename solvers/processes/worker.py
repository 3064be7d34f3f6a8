"""What a child process of :mod:`solvers.processes.isolation` does: reads one call, answers it, ends.

A socket carries what it is to do. First the server that forks it reads what to import, and a byte says when that
is done. Then the pickled call follows, and the pickled answer comes back. On the standard streams anybody may
print: the function, a solver's C++ code, a library that is imported.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import pickle
import signal
import socket
import sys
import traceback
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from importlib import import_module
from typing import Any

from solvers.core.registry import load

PR_SET_PDEATHSIG = 1
"""Linux ``prctl`` option: the signal that a process gets when its parent ends."""

CALL, IMPORT = b"c", b"i"
"""What the server is asked for: a call, with its descriptors, or to import what is on the socket that comes."""

READY = b"r"
"""What says that the imports are done."""

LENGTH_BYTES = 8
"""Of the number in front of a message that is no stream's last one."""

READ_BYTES = 1 << 20
"""Most that is read at once."""


@dataclass(frozen=True)
class Request:
    """One call as its child process gets it.

    Attributes
    ----------
    call : socket
        To the caller.
    printed : int
        Descriptor of the file for what is printed.
    parent : int
        Number of the process that forks the child.
    folder : str
        Working directory.
    cpu_seconds : int
        Most processor time [s].
    needed : sequence of str
        What to import before the clock starts, as ``package.module:function``.
    """

    call: socket.socket
    printed: int
    parent: int
    folder: str
    cpu_seconds: int
    needed: Sequence[str]


def answer(request: Request) -> None:
    """Answer a call, in the process that is forked for it."""
    os.setpgid(0, 0)
    die_with(request.parent)
    nothing = os.open(os.devnull, os.O_RDONLY)
    for stream, instead in enumerate((nothing, request.printed, request.printed)):
        os.dup2(instead, stream)
    os.chdir(request.folder)
    limit_cpu(request.cpu_seconds)
    import_first(request.needed)
    request.call.sendall(READY)
    request.call.sendall(answer_to(receive(request.call)))
    sys.stdout.flush()
    sys.stderr.flush()
    # Destructors of a solver that has crashed inside can hang or crash again; the answer is out already.
    os._exit(0)


def send(to: socket.socket, message: bytes) -> None:
    """Send a message of which :func:`receive` knows the end."""
    to.sendall(len(message).to_bytes(LENGTH_BYTES, "big"))
    to.sendall(message)


def receive(sender: socket.socket) -> bytes:
    """Return the next message that :func:`send` sent; what is there of it where the sender has gone."""
    return _exactly(sender, int.from_bytes(_exactly(sender, LENGTH_BYTES), "big"))


def _exactly(sender: socket.socket, size: int) -> bytes:
    found = bytearray()
    while len(found) < size:
        part = sender.recv(min(size - len(found), READ_BYTES))
        if not part:
            break
        found += part
    return bytes(found)


def die_with(parent: int) -> None:
    """End this process when the process ``parent`` ends, where the system offers that (Linux)."""
    if sys.platform == "linux":
        with contextlib.suppress(OSError, AttributeError):
            ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:
        os._exit(1)


def limit_cpu(seconds: int) -> None:
    """Have the system kill this process after ``seconds`` of processor time, where it can."""
    with contextlib.suppress(ImportError, OSError, ValueError):
        import resource

        _, hard = resource.getrlimit(resource.RLIMIT_CPU)
        allowed = seconds if hard == resource.RLIM_INFINITY else min(seconds, hard)
        resource.setrlimit(resource.RLIMIT_CPU, (allowed, hard))


def import_first(functions: Iterable[str]) -> None:
    """Import what a call needs, kernels included; what is wrong with it is for the call itself to find."""
    for function in functions:
        module = function.partition(":")[0]
        with contextlib.suppress(Exception):
            getattr(import_module(module), "load_kernels", int)()


def answer_to(payload: bytes) -> bytes:
    """Pickle ``(True, value)``, or ``(False, exception)`` where the call raised one."""
    try:
        function, arguments = unpacked(payload)
        return pickle.dumps((True, load(function)(*arguments)))
    except Exception as fault:
        return pickle.dumps((False, portable(fault)))


def unpacked(payload: bytes) -> Any:
    """The call as it was packed.

    Raises
    ------
    ImportError
        If it holds something that only the caller's script or notebook defines.
    """
    try:
        return pickle.loads(payload)
    except AttributeError as fault:
        raise ImportError(
            f"what a script or notebook defines is unknown to a child process, put it into a module ({fault})"
        ) from fault


def portable(fault: Exception) -> Exception:
    """The exception itself where it survives the way to the caller, else one with the same words."""
    note = "In the child process:\n" + traceback.format_exc()
    try:
        fault.add_note(note)
        returned: Any = pickle.loads(pickle.dumps(fault))
        if type(returned) is type(fault):
            return fault
    except Exception:
        pass
    stand_in = RuntimeError(f"{type(fault).__name__}: {fault}")
    stand_in.add_note(note)
    return stand_in
