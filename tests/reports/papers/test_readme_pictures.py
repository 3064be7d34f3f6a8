"""What README.md shows of our own runs: made by commands, and what it shows is what the commands make."""

from __future__ import annotations

import re
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pandas as pd
import pytest
from builders import split_offloading, step_allocation

from instances import Instance, save
from reports.drawing.figure import OPTIMUM
from reports.papers import readme_command as readme
from reports.papers import readme_text
from reports.papers.audit import page
from reports.papers.figures.decisions import Draw, decide, registered
from solvers.core import registry

ROOT = Path(__file__).parents[3]


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    exact = [method for method in registry.methods() if method.name in ("price-search", "batch-scan")]
    monkeypatch.setattr(registry, "methods", lambda: exact)


@pytest.mark.usefixtures("quick")
def test_every_picture_is_made(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "tiny.json"
    instance = Instance(
        schema_version=1, name="tiny", step_allocation=step_allocation(4), split_offloading=split_offloading(4)
    )
    save(instance, file)
    arguments = [str(file), "--out", str(tmp_path / "out"), "--sweep", str(tmp_path / "sweep")]
    arguments += ["--part", "pictures"]
    assert readme.main(arguments) == 0
    made = {path.name for path in (tmp_path / "out").iterdir()}
    assert made == {f"{name}.{ending}" for name in readme.PICTURES for ending in ("svg", "pdf", "csv")}
    profile = pd.read_csv(tmp_path / "out" / "performance_profile.csv")
    assert set(profile["series"]) == {"price-search", "batch-scan"}
    assert (profile["y"] == 100.0).all()
    capsys.readouterr()
    assert readme.main(arguments) == 0
    assert "done" not in capsys.readouterr().err


def test_a_file_that_cannot_be_used_is_a_sentence(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert readme.main([str(tmp_path / "none.json"), "--sweep", str(tmp_path / "sweep")]) == 2
    assert capsys.readouterr().err.count("\n") == 1


PAGE = f"top\n<!-- table -->\n```text\nold\n```\nmiddle\n{page.BEGIN}\nold\n{page.END}\nbottom\n"


@pytest.mark.usefixtures("quick")
def test_the_table_is_what_the_main_job_prints(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file, shown, whole = tmp_path / "tiny.json", tmp_path / "README.md", tmp_path / "gap_table.md"
    both = {"step_allocation": step_allocation(4), "split_offloading": split_offloading(4)}
    save(Instance(schema_version=1, name="tiny", **both), file)
    for path in (shown, whole):
        path.write_text(PAGE)
    monkeypatch.setattr(readme_text, "INSTANCE", str(file))
    assert readme.main(["--part", "table", "--readme", str(shown), "--page", str(whole)]) == 0
    fence = re.search(r"<!-- table -->\n```text\n(.*?)```", whole.read_text(), re.DOTALL)
    assert fence is not None
    assert fence.group(1).startswith("tiny - step allocation (P1, paper A): 4 users")
    assert "\nbatch-scan " in fence.group(1)
    assert whole.read_text().replace(fence.group(1), "old\n") == PAGE
    short = shown.read_text()
    assert "\nprice-search " in short
    assert "batch-scan" not in short


def test_the_overview_is_that_of_the_audit(tmp_path: Path) -> None:
    shown, audit = tmp_path / "README.md", tmp_path / "claims.md"
    shown.write_text(PAGE)
    audit.write_text(f"# Audit\n{page.BEGIN}\nnew\n{page.END}\n## More\n")
    assert readme.main(["--part", "audit", "--readme", str(shown), "--audit", str(audit)]) == 0
    assert shown.read_text() == PAGE.replace(f"{page.BEGIN}\nold", f"{page.BEGIN}\nnew")


def test_a_page_without_marks_is_a_sentence(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    shown, audit = tmp_path / "README.md", tmp_path / "claims.md"
    shown.write_text("nothing\n")
    audit.write_text("nothing\n")
    assert readme.main(["--part", "audit", "--readme", str(shown), "--audit", str(audit)]) == 2
    assert capsys.readouterr().err.startswith("diffload: expected a part between ")


README = (ROOT / "README.md").read_text(encoding="utf-8")


def test_readme_shows_the_overview_of_the_kept_audit() -> None:
    kept = (ROOT / "docs" / "claims.md").read_text(encoding="utf-8")
    assert page.copied_overview(kept, README) == README


def test_pictures_need_nothing_but_the_clone() -> None:
    shown = re.findall(r"!\[[^\]]*\]\(([^)]+)\)", README)
    assert shown == ["docs/pictures/who_runs_what.svg"]
    for path in shown:
        file = ROOT / path
        assert ElementTree.parse(file).getroot().tag.endswith("svg")
        assert file.stat().st_size < 200_000
        assert file.with_suffix(".csv").exists()


def test_the_kept_figure_10a_has_the_certified_optimum_of_today() -> None:
    kept = pd.read_csv(ROOT / "docs" / "figures" / "b-fig10a.csv")
    drawn = kept[kept["series"] == OPTIMUM].set_index("x")["y"]
    scan = registered("batch-scan")
    today = np.mean([decide(scan, Draw(5, 8, seed), 60.0)["objective"] for seed in range(100)])
    assert drawn[5] == pytest.approx(today, rel=1e-9)
    assert set(kept["series"]) > {OPTIMUM, "dqn-tuned, general network"}


def test_the_kept_profile_has_every_exact_method() -> None:
    kept = pd.read_csv(ROOT / "docs" / "pictures" / "performance_profile.csv")
    exact = {method.name for method in registry.methods() if method.exact}
    assert set(kept["series"]) == exact - {"cp-sat"}  # a peer that is registered where OR-tools is installed
    best = kept.groupby("series")["y"].max()
    assert (best[["price-search", "batch-scan"]] == 100.0).all()
