"""Commands that write, killed at each of their accesses to files: every file is the old one or the new one."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import fakes
import pytest

from instances import save


def kill(module: str, folder: Path, words: list[str], first: list[str]) -> None:
    """Kill a command at every access to files below the folder, where it ran with other words first."""
    answer = folder.parent / "answer.json"
    script = Path(__file__).parent / "support" / "killed_writer.py"
    process = subprocess.run(
        [sys.executable, str(script), module, str(folder), json.dumps(words), json.dumps(first), str(answer)],
        env=os.environ | {"OMP_NUM_THREADS": "1", "PYTHONPATH": os.pathsep.join(fakes.SEARCH_PATH)},
        stderr=subprocess.PIPE,
        text=True,
        check=False,
        timeout=600,
    )
    assert process.returncode == 0, process.stderr
    found = json.loads(answer.read_text())
    assert found["changed"]
    assert found["kills"] >= 2
    assert (found["whole"], found["strange"]) == (found["kills"], [])


@pytest.fixture
def out(tmp_path: Path) -> Path:
    (tmp_path / "out").mkdir()
    return tmp_path / "out"


@pytest.mark.parametrize("ending", ["json", pytest.param("npz", marks=pytest.mark.long)])
def test_generate(out: Path, ending: str) -> None:
    words = ["--preset", "paper", "--users", "40", "--out", str(out / f"x.{ending}"), "--seed"]
    kill("instances.generate", out, [*words, "2", "--force"], [*words, "1", "--force"])


@pytest.mark.long
@pytest.mark.parametrize("ending", ["gms", "nl", "lp", "mps"])
def test_export(out: Path, ending: str) -> None:
    files = []
    for users in (3, 4):
        files.append(str(out.parent / f"{users}.json"))
        save(fakes.instance(users=users), files[-1])
    words = ["--model", "p1-tangents", "--out", str(out / f"x.{ending}")]
    kill("solvers.export", out, [files[1], *words], [files[0], *words])


@pytest.mark.long
@pytest.mark.parametrize(("module", "more"), [("solvers.compare", []), ("reports.gaps", ["--scheduler", "none"])])
def test_results(out: Path, module: str, more: list[str]) -> None:
    file = str(out.parent / "small.json")
    save(fakes.instance(), file)
    words = [file, "--out", str(out), *more, "--seeds"]
    kill(module, out, [*words, "3"], [*words, "2"])
