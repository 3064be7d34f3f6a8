"""Functions that misbehave, for the tests of isolation to call in a child process."""

from __future__ import annotations

import ctypes
import os
import signal
import subprocess
import sys
import time
from pathlib import Path


def add(left: int, right: int) -> int:
    return left + right


def sleep_with_interpreter_locked(seconds: int, note: str = "") -> None:
    """Block inside C without releasing the interpreter's lock, as a solver that hangs does."""
    if note:
        Path(note).write_text(str(os.getpid()))
    ctypes.PyDLL(None).sleep(seconds)


def whose() -> tuple[int, int]:
    return os.getpid(), os.getppid()


def has_loaded(name: str) -> bool:
    return name in sys.modules


def kill_the_server() -> None:
    os.kill(os.getppid(), signal.SIGKILL)
    time.sleep(60)


def crash() -> None:
    print("about to crash", file=sys.stderr, flush=True)
    os.abort()


def leave() -> None:
    raise SystemExit(7)


def print_everywhere() -> str:
    print("from Python")
    os.write(1, b"from the C level\n")
    subprocess.run(["echo", "from a child"], check=True)
    return "answer"


class AwkwardError(Exception):
    """Pickles, but cannot be rebuilt from its single argument."""

    def __init__(self, left: int, right: int) -> None:
        super().__init__(f"{left} and {right}")


def raise_value_error() -> None:
    raise ValueError("no good")


def raise_awkward() -> None:
    raise AwkwardError(1, 2)


def unpicklable() -> object:
    return lambda: None


def large(size: int) -> bytes:
    return b"x" * size


def start_grandchild_and_hang(note: str) -> None:
    grandchild = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
    Path(note).write_text(str(grandchild.pid))
    time.sleep(60)
