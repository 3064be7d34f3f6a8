"""A file in the working folder that bears the name of a package of ours is named in one sentence."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]


def run(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run Python in a folder, which it searches before the packages."""
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    command = [sys.executable, *arguments]
    return subprocess.run(
        command, cwd=folder, env=environment, capture_output=True, text=True, timeout=60, check=False
    )


@pytest.mark.parametrize(
    ("shadow", "command"),
    [
        ("instances.py", "solvers.compare"),
        ("reports.py", "solvers.compare"),
        ("solvers.py", "reports.gaps"),
        ("instances.py", "reports.figures"),
        ("solvers/__init__.py", "reports.rolling_horizon"),
        ("formulations.py", "solvers.compare"),
        ("formulations/__init__.py", "instances.generate"),
        ("formulations.py", "reports.gaps"),
    ],
)
def test_the_file_is_named(tmp_path: Path, shadow: str, command: str) -> None:
    path = tmp_path / shadow
    path.parent.mkdir(exist_ok=True)
    path.write_text("raise RuntimeError('a script, run by an import')\n")
    ran = run(tmp_path, "-m", command, "--list")
    assert (ran.returncode, ran.stdout) == (2, "")
    name = Path(shadow).parts[0].removesuffix(".py")
    assert ran.stderr.startswith(f"diffload: {path}: expected no module named '{name}'")
    assert ran.stderr.count("\n") == 1


@pytest.mark.parametrize(("shadow", "package"), [("instances.py", "solvers"), ("solvers.py", "diffload")])
def test_from_python_it_is_an_import_error(tmp_path: Path, shadow: str, package: str) -> None:
    (tmp_path / shadow).write_text("a = 1\n")
    ran = run(tmp_path, "-c", f"import {package}")
    assert ran.returncode == 1
    name = shadow.removesuffix(".py")
    assert f"ImportError: {tmp_path / shadow}: expected no module named '{name}'" in ran.stderr


def test_a_file_in_the_way_of_nothing_is_no_matter(tmp_path: Path) -> None:
    (tmp_path / "reports.py").write_text("a = 1\n")
    ran = run(tmp_path, "-c", "import solvers, instances, reports; print(reports.a)")
    assert (ran.returncode, ran.stdout, ran.stderr) == (0, "1\n", "")
