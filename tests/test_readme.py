"""The table that README.md shows is the one that the command prints, but for times."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from instances import load
from solvers import registry
from solvers.limits import Limits
from solvers.run import solve

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")
TABLE = re.search(r"<!-- table -->\n```text\n(.*?)```", README, re.DOTALL).group(1)


def row(method: str) -> list[str]:
    line = next(line for line in TABLE.splitlines() if line.startswith(method) and "able" not in line.split()[0])
    return re.split(r"\s{2,}", line.strip())


@pytest.mark.parametrize("method", [m for m in registry.methods_for("step_allocation") if not m.random])
def test_every_method_has_its_row(method):
    assert row(method.name)[0] == method.name


@pytest.mark.parametrize("name", ["price-search", "sca-improved", "sca-published", "all-local", "all-edge"])
def test_the_objective_is_the_one_of_today(name):
    result = solve(load(ROOT / "instances" / "n30.json"), name, problem="step_allocation", limits=Limits())
    _, status, objective, *_ = row(name)
    assert status == str(result.status)
    assert float(objective) == pytest.approx(result.objective, abs=1e-6)


def test_both_commands_are_there():
    main_job, tests = (
        re.search(rf"<!-- {name} -->\n```bash\n(.*?)```", README, re.DOTALL).group(1)
        for name in ("main job", "tests")
    )
    assert "python -m solvers.compare instances/n30.json" in main_job
    assert "python -m pytest" in tests


def test_every_file_that_is_named_exists():
    for path in re.findall(r"\]\((?!https?:)([^)#]+)\)", README):
        assert (ROOT / path).exists(), path
