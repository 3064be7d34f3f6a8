"""The examples of docs/constraints/how_to.md run as they are printed, and its table is complete."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import solvers
from formulations.constraints.registry import own_types
from instances import load
from instances.files.documents import validate
from solvers.core.result import Status

ROOT = Path(__file__).parents[2]
HOW_TO = (ROOT / "docs" / "constraints" / "how_to.md").read_text(encoding="utf-8")
PACKAGE = ROOT / "docs" / "examples" / "mean_latency"
N10 = ROOT / "instances" / "n10.json"


def example(name: str) -> str:
    found = re.search(rf"<!-- file: {re.escape(name)} -->\n```\w+\n(.*?)```", HOW_TO, re.DOTALL)
    assert found, name
    return found.group(1)


def run(*arguments: object, path: Path | None = None) -> str:
    search = os.pathsep.join([str(ROOT), *([str(path)] if path else [])])
    done = subprocess.run(
        [sys.executable, *map(str, arguments)],
        cwd=ROOT,
        env=os.environ | {"PYTHONPATH": search},
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_the_table_lists_every_type_with_its_parameters():
    for kind in own_types():
        on, name = (kind.model_fields[field].annotation.__args__[0] for field in ("on", "type"))
        (row,) = re.findall(rf"^\| `{on}` \| `{name}` \| (.*)$", HOW_TO, re.MULTILINE)
        for field in kind.model_fields.keys() - {"on", "type", "users"}:
            assert f"`{field}`" in row


def test_the_constraints_of_a_file_are_honoured():
    document = json.loads(N10.read_text()) | {"constraints": json.loads(example("constraints.json"))}
    limited = validate("x.json", document)
    free, result = (solvers.solve(i, "price-search") for i in (load(N10), limited))
    assert result.status is Status.OPTIMAL
    assert result.solution["a"].sum() <= 4
    assert {"latency_deadline", "error_ceiling", "max_offloaded"} <= set(result.evaluation.violations)
    assert result.objective > free.objective + 1e-3


@pytest.fixture(scope="session")
def installed(tmp_path_factory):
    """The example package as pip installs it, in a folder of its own."""
    target = tmp_path_factory.mktemp("site")
    source = tmp_path_factory.mktemp("source") / "mean_latency"
    left_behind = shutil.ignore_patterns("__pycache__", "build", "*.egg-info")  # by an installation by hand
    shutil.copytree(PACKAGE, source, ignore=left_behind)
    run("-m", "pip", "install", "--quiet", "--no-deps", "--no-build-isolation", "--target", target, source)
    return target


def test_a_class_of_ones_own_is_honoured_or_refused_by_every_method(installed, tmp_path):
    document = json.loads(N10.read_text())
    document["constraints"] = [{"on": "step_allocation", "type": "mean_latency", "most_seconds": 0.06}]
    path = tmp_path / "limited.json"
    path.write_text(json.dumps(document))
    printed = run("-m", "solvers.compare", path, "--format", "json", "--seeds", 1, path=installed)
    records = {record["solver"]: record for record in json.loads(printed)}
    for record in records.values():
        assert record["status"] in ("optimal", "feasible", "unsupported"), (record["solver"], record["reason"])
        assert record["status"] == "unsupported" or record["violations"]["mean_latency"] <= 1e-8
    proven = [name for name, record in records.items() if record["status"] == "optimal"]
    assert {"price-search", "scip-convex", "highs-outer-approximation"} <= set(proven)
    assert records["sca-published-cvxpy"]["status"] == "unsupported"


def test_a_class_of_ones_own_from_python(installed, tmp_path):
    script = tmp_path / "own_class.py"
    script.write_text(example("own_class.py"))
    objectives = [float(line.split()[-1]) for line in run(script, N10, path=installed).splitlines()]
    assert objectives == sorted(objectives)
    assert objectives[0] < objectives[-1]


@pytest.mark.parametrize("name", ["by_hand.py", "by_hand_p2.py"])
def test_a_constraint_by_hand(name: str, tmp_path):
    script = tmp_path / name
    script.write_text(example(name))
    printed = run(script, N10)
    first, second, *_ = json.loads(printed.partition(", a ")[2])
    assert first == second
    assert printed.startswith("optimal" if name == "by_hand.py" else "feasible")
