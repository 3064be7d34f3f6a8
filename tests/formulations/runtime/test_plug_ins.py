"""Entry points of other packages that cannot be used: a sentence each, and the rest goes on."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]

PLUG_IN = """
import sys
from solvers.core.registry import Method
from solvers.core.result import Outcome

def end(data, limits, seed):
    sys.exit("enough")

def method(name, problem="step_allocation"):
    return Method(name, problem, "P1", "plugged:end", "ends itself")

GOOD = [method("ending"), method("all-local")]
AGAIN = method("ending")
ELSEWHERE = method("elsewhere", "knapsack")
NUMBER = 42

class Kind:
    pass
"""

ENTRY_POINTS = """
[diffload.solvers]
good = plugged:GOOD
again = plugged:AGAIN
elsewhere = plugged:ELSEWHERE
number = plugged:NUMBER
missing = plugged:MISSING
exits = exiting:METHOD

[diffload.constraints]
none = nowhere:Kind
no-kind = plugged:Kind
own = formulations.constraints.step_allocation.max_offloaded:MaxOffloaded
"""

SENTENCES = (
    "plug-in 'none' (nowhere:Kind) cannot be loaded: ModuleNotFoundError: No module named 'nowhere'",
    "plug-in 'no-kind' (plugged:Kind) is left out: expected a subclass of Constraint, got <class 'plugged.Kind'>",
    "plug-in 'own' (formulations.constraints.step_allocation.max_offloaded:MaxOffloaded) is left out: expected a "
    "name of its own, got 'max_offloaded' on step_allocation, which the package itself has",
    "plug-in 'good' (plugged:GOOD) is left out: expected a name of its own, got 'all-local' of step_allocation, "
    "which the package itself has",
    "plug-in 'again' (plugged:AGAIN) is left out: expected a name of its own, got 'ending' of step_allocation, "
    "which plug-in 'good' has",
    "plug-in 'elsewhere' (plugged:ELSEWHERE) is left out: expected a problem among step_allocation, "
    "split_offloading, gqap, multi_edge_offloading, got 'knapsack'",
    "plug-in 'number' (plugged:NUMBER) is left out: expected a solvers.core.registry.Method, got 42",
    "plug-in 'missing' (plugged:MISSING) cannot be loaded: AttributeError: module 'plugged' has no attribute "
    "'MISSING'",
    "plug-in 'exits' (exiting:METHOD) cannot be loaded: SystemExit: 5",
)


@pytest.fixture
def site(tmp_path: Path) -> Path:
    metadata = tmp_path / "plugged-1.0.dist-info"
    metadata.mkdir()
    (metadata / "METADATA").write_text("Metadata-Version: 2.1\nName: plugged\nVersion: 1.0\n")
    (metadata / "entry_points.txt").write_text(ENTRY_POINTS)
    (tmp_path / "plugged.py").write_text(PLUG_IN)
    (tmp_path / "exiting.py").write_text("raise SystemExit(5)")
    return tmp_path


def compare(site: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    document = json.loads((ROOT / "instances" / "n10.json").read_text())
    document["constraints"] = [{"on": "step_allocation", "type": "error_ceiling", "most_error": 1e3}]
    (site / "limited.json").write_text(json.dumps(document))
    command = [sys.executable, "-m", "solvers.compare", *arguments]
    paths = os.pathsep.join([str(ROOT), str(site)])
    return subprocess.run(
        command,
        env=os.environ | {"PYTHONPATH": paths},
        cwd=site,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def test_each_is_named_in_a_sentence_and_the_rest_goes_on(site: Path) -> None:
    ran = compare(site, "limited.json", "--solvers", "all-local,ending", "--format", "json")
    assert set(ran.stderr.splitlines()) == {f"diffload: {sentence}" for sentence in SENTENCES}
    local, ending = json.loads(ran.stdout)
    assert (local["status"], local["solver"]) == ("feasible", "all-local")
    assert (ending["status"], ending["reason"]) == ("error", "SystemExit: enough")
    assert ran.returncode == 1


def test_asked_for_it_is_unusable_input(site: Path) -> None:
    ran = compare(site, "limited.json", "--solvers", "missing")
    assert (ran.returncode, ran.stdout) == (2, "")
    assert "diffload: unknown method 'missing', expected one of " in ran.stderr
    assert f"diffload: {SENTENCES[7]}\n" in ran.stderr


def test_the_list_names_all(site: Path) -> None:
    ran = compare(site, "--list")
    assert ran.returncode == 0
    assert set(ran.stderr.splitlines()) == {f"diffload: {sentence}" for sentence in SENTENCES}
    assert "ends itself" in ran.stdout
    assert "constraints that an instance may add: error_ceiling, latency_deadline, " in ran.stdout
