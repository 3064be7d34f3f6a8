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

ROOT = Path(__file__).parents[2]


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


def register(folder: Path, groups: dict[str, dict[str, str]]) -> None:
    """Write the metadata that an installer would write from a pyproject.toml with these entry points."""
    metadata = folder / "example-1.0.dist-info"
    metadata.mkdir()
    (metadata / "METADATA").write_text("Metadata-Version: 2.1\nName: example\nVersion: 1.0\n")
    lines = [f"[{group}]\n" + "\n".join(f"{k} = {v}" for k, v in names.items()) for group, names in groups.items()]
    (metadata / "entry_points.txt").write_text("\n".join(lines) + "\n")


@pytest.fixture
def installed_method(tmp_path):
    """The example package, as if it were installed."""
    (tmp_path / "cheapest_first").mkdir()
    (tmp_path / "cheapest_first" / "__init__.py").write_text(example("cheapest_first/__init__.py"))
    register(tmp_path, tomllib.loads(example("pyproject.toml"))["project"]["entry-points"])
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


def test_a_constraint_from_another_package_is_honoured_or_refused(tmp_path):
    (tmp_path / "energy_ceiling.py").write_text(example("energy_ceiling.py"))
    register(tmp_path, {"diffload.constraints": {"energy-ceiling": "energy_ceiling:EnergyCeiling"}})
    document = json.loads((ROOT / "instances" / "n10.json").read_text())
    document["constraints"] = [{"on": "step_allocation", "type": "energy_ceiling", "most_joules": 550.0}]
    (tmp_path / "limited.json").write_text(json.dumps(document))
    methods = "price-search,highs-outer-approximation,sca-published,all-local"
    arguments = ["-m", "solvers.compare", str(tmp_path / "limited.json"), "--solvers", methods, "--format", "json"]
    done = run(arguments, tmp_path)
    assert done.returncode == 0, done.stderr
    records = {record["solver"]: record for record in json.loads(done.stdout)}
    assert len(records) == 4
    statuses = {name: record["status"] for name, record in records.items()}
    assert statuses["price-search"] == statuses["highs-outer-approximation"] == "optimal"
    assert statuses["sca-published"] == statuses["all-local"] == "feasible"
    # 55 steps of 10 J at the edge are the most that the ceiling leaves.
    best = records["price-search"]["solution"]
    assert max(s for a, s in zip(best["a"], best["s"], strict=True) if a) == pytest.approx(55.0)
    assert all(record["violations"]["energy_ceiling"] <= 1e-7 * 550.0 for record in records.values())


@pytest.mark.parametrize("thing", ["method", "constraint", "problem"])
def test_adding_something_takes_less_than_sixty_lines(thing):
    text = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    section = re.search(rf"^## How to add a {thing}\n(.*?)(?=^## |\Z)", text, re.DOTALL | re.MULTILINE).group(1)
    assert len(section.strip().splitlines()) < 60
