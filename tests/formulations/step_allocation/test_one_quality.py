"""Utility (7) is written in four files: with another one there, everything still agrees."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import another_utility
import pytest


def run_check(folder: Path, check: str) -> None:
    ended = subprocess.run(
        [sys.executable, another_utility.__file__, check], cwd=folder, capture_output=True, text=True, check=False
    )
    assert ended.returncode == 0, ended.stderr


@pytest.mark.parametrize(
    "check",
    ["models", *(pytest.param(name, marks=pytest.mark.long) for name in ("kkt", "searches", "solvers"))],
)
def test_another_utility_in_its_files_alone(tmp_path, check):
    another_utility.copy_packages(tmp_path)
    run_check(tmp_path, check)


@pytest.mark.long
def test_the_checker_has_a_utility_of_its_own(tmp_path):
    """One that knows the old utility alone does not repeat what methods compute with the new one."""
    another_utility.copy_packages(tmp_path, "solvers/step_allocation/certificates/quality.py")
    run_check(tmp_path, "refusal")
