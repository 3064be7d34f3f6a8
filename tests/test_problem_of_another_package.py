"""The example problem of docs/examples goes through every command; broken ones are named and left out."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import tomllib
from itertools import product
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

ROOT = Path(__file__).parent.parent
PACKAGE = ROOT / "docs" / "examples" / "cache_placement"

BROKEN = """
from dataclasses import replace
from cache_placement import PROBLEM
TAKEN = replace(PROBLEM, name="gqap")
NO_DATA = replace(PROBLEM, name="no_data", data="cache_placement.nowhere:Data")
OF_ANOTHER_NAME = replace(PROBLEM, name="of_another_name")
HEADER = replace(PROBLEM, name="constraints")
NO_PROBLEM = 42
"""

FROM_PYTHON = """
import json, pickle, sys
from instances import InstanceError, load, save
from instances.json_schema import SCHEMA_FILE, schema_text

instance = load(sys.argv[1])
save(instance, sys.argv[2])
again = load(sys.argv[2])
assert again.sha256 == instance.sha256 == pickle.loads(pickle.dumps(instance)).sha256
assert (again.cache_placement.megabytes == instance.cache_placement.megabytes).all()
assert instance.cache_placement is instance.section("cache_placement") and instance.step_allocation is None
other = instance.replace(memory_megabytes=0)
assert other.cache_placement.memory_megabytes == 0 and other.sha256 != instance.sha256
assert SCHEMA_FILE.read_text() == schema_text()
document = json.load(open(sys.argv[1]))
for changes in ({"models": 0}, {"megabytes": [1.0]}, {"megabyte": 1.0}):
    try:
        type(instance).model_validate(document | {"cache_placement": document["cache_placement"] | changes})
    except InstanceError as refusal:
        print(refusal)
limit = {"on": "cache_placement", "type": "max_offloaded", "most_users": 1}
try:
    instance.with_constraints(limit)
except InstanceError as refusal:
    print(refusal)
"""


def run(path: Path, *arguments: object, status: int = 0) -> subprocess.CompletedProcess[str]:
    done = subprocess.run(
        [sys.executable, *map(str, arguments)],
        cwd=ROOT,
        env=os.environ | {"PYTHONPATH": os.pathsep.join([str(ROOT), str(path)])},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == status, done.stderr
    return done


def register(folder: Path, name: str, entries: dict[str, str]) -> None:
    """Write the metadata that an installer would write from these entry points."""
    metadata = folder / f"{name}-1.0.dist-info"
    metadata.mkdir()
    (metadata / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n")
    lines = ["[diffload.problems]", *(f"{key} = {value}" for key, value in entries.items())]
    (metadata / "entry_points.txt").write_text("\n".join(lines) + "\n")


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The example package as an installer leaves it."""
    target = tmp_path_factory.mktemp("site")
    shutil.copytree(PACKAGE / "cache_placement", target / "cache_placement")
    groups = tomllib.loads((PACKAGE / "pyproject.toml").read_text())["project"]["entry-points"]
    register(target, "cache_placement", groups["diffload.problems"])
    return target


@pytest.fixture(scope="module")
def made(installed: Path) -> Path:
    """An instance that its generator made."""
    path = installed / "cache.json"
    arguments = ["--problem", "cache_placement", "--seed", 5, "--set", "models=12", "--set", "share=0.35"]
    assert "12 models" in run(installed, "-m", "instances.generate", *arguments, "--out", path).stdout
    return path


def enumerated(path: Path) -> float:
    """The most hits of any choice that fits."""
    data = json.loads(path.read_text())["cache_placement"]
    kept = np.array(list(product((0, 1), repeat=data["models"])))
    fits = kept @ np.array(data["megabytes"]) <= data["memory_megabytes"]
    return float((kept[fits] @ np.array(data["hits_per_hour"])).max())


def test_compare_and_the_gap_report_know_it(installed: Path, made: Path, tmp_path: Path) -> None:
    best = enumerated(made)
    compared = json.loads(run(installed, "-m", "solvers.compare", made, "--format", "json").stdout)
    exact, greedy = ({record["solver"]: record for record in compared}[name] for name in ("highs", "density"))
    assert (exact["status"], greedy["status"]) == ("optimal", "feasible")
    assert exact["objective"] == pytest.approx(best, rel=1e-9)
    assert greedy["objective"] < best  # the instance tells the two apart, and the sense: the greedy one is below
    assert greedy["gap"] == pytest.approx((best - greedy["objective"]) / best, rel=1e-6)
    out = tmp_path / "sweep"
    run(installed, "-m", "reports.gaps", made, "--out", out, "--scheduler", "none")
    summary = pd.read_csv(out / "summary_cache_placement.csv").set_index("method")
    assert summary.loc["highs", "optimal"] == summary.loc["density", "found"] == 1
    assert "cache placement" in (out / "report.html").read_text()


def test_files_changes_and_refusals_of_its_data(installed: Path, made: Path, tmp_path: Path) -> None:
    script = tmp_path / "from_python.py"
    script.write_text(FROM_PYTHON)
    refusals = run(installed, script, made, tmp_path / "cache.npz").stdout.splitlines()
    assert refusals[0] == "cache_placement.models: expected a whole number from 1 to 1000, got 0"
    assert refusals[1].startswith("cache_placement.megabytes: expected 12 numbers")
    assert refusals[2].endswith("got an unknown one (did you mean megabytes?)")
    assert refusals[3].startswith(
        "constraints[0].on: expected one of multi_edge_offloading, split_offloading, step_allocation, got"
    )


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["--set", "model=3"], 'expected options among models, share, got "model" (did you mean models?)'),
        (["--set", "models=-1"], "expected data from its generator cache_placement.data:generate, got ValueError"),
        (["--users", "3"], "--users: expected --problem step_allocation or split_offloading or gqap with it, got"),
    ],
)
def test_the_generator_refuses_in_one_sentence(
    installed: Path, tmp_path: Path, arguments: list[str], sentence: str
) -> None:
    command = ["-m", "instances.generate", "--problem", "cache_placement", "--out", tmp_path / "x.json"]
    said = run(installed, *command, *arguments, status=2).stderr
    assert sentence in said
    assert said.count("\n") == 1


def test_broken_problems_are_named_and_the_rest_goes_on(installed: Path, made: Path, tmp_path: Path) -> None:
    names = ["TAKEN", "NO_DATA", "OF_ANOTHER_NAME", "HEADER", "NO_PROBLEM", "MISSING"]
    (tmp_path / "broken.py").write_text(BROKEN)
    register(tmp_path, "broken", {name.lower(): f"broken:{name}" for name in names})
    path = Path(os.pathsep.join([str(tmp_path), str(installed)]))
    done = run(path, "-m", "solvers.compare", made, "--solvers", "density")
    said = done.stderr.splitlines()
    for name in names:
        assert sum(f"plug-in '{name.lower()}'" in line for line in said) == 1
    assert "density" in done.stdout


@pytest.mark.parametrize("name", ["cache_placement/__init__.py", "pyproject.toml"])
def test_what_contributing_shows_is_the_example(name: str) -> None:
    text = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    shown = re.search(rf"<!-- file: cache_placement/{re.escape(name)} -->\n```\w+\n(.*?)```", text, re.DOTALL)
    assert shown
    assert shown.group(1).strip() in (PACKAGE / name).read_text()
