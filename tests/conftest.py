"""Saves the processes of the tests work that each would do for itself: they are hundreds."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

WARM_UP = Path(__file__).parent / "support" / "warm_up.py"


def pytest_configure(config: pytest.Config) -> None:
    """Keep what Python compiles, and have the kernels compiled once before several workers start."""
    sys.dont_write_bytecode = False
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    is_worker = hasattr(config, "workerinput")
    if not is_worker and config.getoption("numprocesses", None) and not config.option.collectonly:
        compile_kernels()


def compile_kernels() -> None:
    """Run every method with kernels once where that was not done for this version yet, side by side."""
    from formulations.compiled import cache_folder

    done = cache_folder(os.environ.get("NUMBA_CACHE_DIR", "")) / "compiled-for-the-tests"
    if done.exists():
        return
    print("compiling the kernels, once for all tests", file=sys.stderr)
    root = WARM_UP.parents[2]
    environment = os.environ | {"PYTHONPATH": os.pathsep.join([str(root), str(WARM_UP.parent)])}
    halves = [subprocess.Popen([sys.executable, str(WARM_UP), half], env=environment) for half in ("0", "1")]
    statuses = [half.wait() for half in halves]
    if not any(statuses):
        done.touch()
