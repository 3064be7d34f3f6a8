"""Main program of the child process of :mod:`solvers.processes.isolation`: reads one call, answers it, ends.

Standard input carries what to import, pickled, and then the pickled call; the end of one pipe says that the
imports are done, and another carries the pickled answer. On the standard streams anybody may print: the function,
a solver's C++ code, a library that is imported.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import pickle
import signal
import sys
import traceback
from collections.abc import Iterable
from importlib import import_module
from typing import Any

from solvers.core.registry import load

PR_SET_PDEATHSIG = 1
"""Linux ``prctl`` option: the signal that a process gets when its parent ends."""


def main(parent: int, cpu_seconds: int, started: int, answers: int) -> None:
    """Answer the call that comes on standard input."""
    die_with(parent)
    limit_cpu(cpu_seconds)
    for descriptor in (started, answers):
        os.set_inheritable(descriptor, False)  # a process of the function's own would hold them open
    import_first(pickle.load(sys.stdin.buffer))
    os.close(started)
    answer = answer_to(sys.stdin.buffer.read())
    with os.fdopen(answers, "wb") as pipe:
        pipe.write(answer)
    sys.stdout.flush()
    sys.stderr.flush()
    # Destructors of a solver that has crashed inside can hang or crash again; the answer is out already.
    os._exit(0)


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


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
