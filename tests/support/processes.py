"""What tests that start and kill processes share."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from pathlib import Path


def alive(pid: int) -> bool:
    """Whether a process runs; one that is dead and waits to be reaped by init does not."""
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except FileNotFoundError:
        return False
    return state != "Z"


def beside_first_run(said: str) -> str:
    """What a command has said on standard error, without the lines about kernels that it had to compile."""
    lines = said.splitlines(keepends=True)
    return "".join(line for line in lines if not re.match(r"diffload: (compiling|\d+) kernels ", line))


def wait_until(condition: Callable[[], bool], seconds: float = 10.0) -> bool:
    """Wait until a condition holds, and return whether it did in time."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if condition():
            return True
        time.sleep(0.02)
    return False
