"""The tables that README.md and the page of the gap table show are what the command prints, but for times."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from instances import load
from solvers.core import registry
from solvers.core.limits import Limits
from solvers.core.solve import solve

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")
PAGE = (ROOT / "docs" / "gap_table.md").read_text(encoding="utf-8")
TABLE, SHORT = (
    re.search(r"<!-- table -->\n```text\n(.*?)```", text, re.DOTALL).group(1) for text in (PAGE, README)
)


def row(method: str) -> list[str]:
    return rows(method)[0]


def rows(method: str, table: str = TABLE) -> list[list[str]]:
    fields = (re.split(r"\s{2,}", line.strip()) for line in table.splitlines())
    return [found for found in fields if found[0].split(" (")[0] == method]


@pytest.mark.parametrize("problem", ["step_allocation", "split_offloading"])
def test_every_method_has_its_row(problem):
    names = [method.name for method in registry.methods_for(problem)]
    assert [name for name in names if not rows(name)] == []


@pytest.mark.parametrize("name", ["price-search", "sca-improved", "sca-published", "all-local", "all-edge"])
def test_the_objective_is_the_one_of_today(name):
    result = solve(load(ROOT / "instances" / "n30.json"), name, problem="step_allocation", limits=Limits())
    _, status, objective, *_ = row(name)
    assert status == str(result.status)
    assert float(objective) == pytest.approx(result.objective, abs=1e-6)


def test_the_short_table_says_the_same():
    for method in registry.methods_for("step_allocation"):
        assert rows(method.name, SHORT)[0][:3] == rows(method.name)[0][:3]


def test_the_readme_is_short():
    assert len(README.splitlines()) <= 150


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


def test_every_module_that_a_page_names_exists():
    for page in (ROOT / "README.md", ROOT / "CONTRIBUTING.md", *(ROOT / "docs").rglob("*.md")):
        for path in re.findall(r"`([\w/.-]+/\w+\.py)`", page.read_text()):
            top, _, _ = path.partition("/")
            places = [ROOT] if (ROOT / top).exists() else ROOT.glob(f"*/**/{top}")
            name = path if (ROOT / top).exists() else path.partition("/")[2]
            assert any((place / name).exists() for place in places), f"{page}: {path}"
