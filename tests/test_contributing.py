"""The examples of CONTRIBUTING.md run as they are printed."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent


def example(name: str) -> str:
    text = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    found = re.search(rf"<!-- file: {re.escape(name)} -->\n```\w+\n(.*?)```", text, re.DOTALL)
    assert found, f"CONTRIBUTING.md has no example {name}"
    return found.group(1)


def run(arguments: list[str], path: Path) -> subprocess.CompletedProcess[str]:
    environment = os.environ | {"PYTHONPATH": str(path)}
    return subprocess.run(
        [sys.executable, *arguments],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


@pytest.fixture
def installed_method(tmp_path):
    """The example package, with the metadata that an installer would write from its pyproject.toml."""
    (tmp_path / "cheapest_first").mkdir()
    (tmp_path / "cheapest_first" / "__init__.py").write_text(example("cheapest_first/__init__.py"))
    groups = tomllib.loads(example("pyproject.toml"))["project"]["entry-points"]
    metadata = tmp_path / "cheapest_first-1.0.dist-info"
    metadata.mkdir()
    (metadata / "METADATA").write_text("Metadata-Version: 2.1\nName: cheapest-first\nVersion: 1.0\n")
    lines = [f"[{group}]\n" + "\n".join(f"{k} = {v}" for k, v in names.items()) for group, names in groups.items()]
    (metadata / "entry_points.txt").write_text("\n".join(lines) + "\n")
    return tmp_path


def test_a_method_from_another_package_stands_in_the_table(installed_method):
    done = run(
        [
            "-m",
            "solvers.compare",
            "instances/n30.json",
            "--solvers",
            "price-search,cheapest-first",
            "--format",
            "json",
        ],
        installed_method,
    )
    assert done.returncode == 0, done.stderr
    records = {record["solver"]: record for record in json.loads(done.stdout)}
    assert records["cheapest-first"]["status"] == "feasible"
    assert 0.0 < records["cheapest-first"]["gap"] < 0.05
    assert records["cheapest-first"]["bound"] is None


def test_a_constraint_by_hand_is_solved_by_the_same_back_end(tmp_path):
    script = tmp_path / "at_most_five.py"
    script.write_text(example("at_most_five.py"))
    done = run([str(script), "instances/n10.json"], tmp_path)
    assert done.returncode == 0, done.stderr
    objective, bound, offloaded = map(float, re.findall(r"-?\d+\.?\d*", done.stdout))
    assert offloaded == 5
    assert bound == pytest.approx(objective, rel=1e-5)
