"""The page of a sweep, read back: its numbers are the ledger's, its figures are there, it needs nothing else."""

from __future__ import annotations

import csv
import re
import shutil
import subprocess
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from builders import split_offloading, step_allocation

from instances import Instance, save
from reports.gap_report import command as gaps
from reports.gap_report.summary import SHIFT_SECONDS, shifted_geometric_mean
from solvers.sweep import ledger

STEP_METHODS = ("price-search", "sca-improved", "random", "all-local")
SPLIT_METHODS = ("batch-scan", "greedy", "all-local")


class Page(HTMLParser):
    """Tables as lists of rows, figures by their id, tags and identifiers."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tables: list[list[list[str]]] = []
        self.figures: dict[str, list[str]] = {}
        self.tags: list[str] = []
        self.ids: list[str] = []
        self.attributes: list[tuple[str, str | None]] = []
        self._figure: list[str] | None = None
        self._in_cell = False
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += attrs
        self.ids += [value or "" for name, value in attrs if name == "id"]
        if tag == "figure":
            self._figure = self.figures[dict(attrs)["id"] or ""] = []
        if self._figure is not None:
            self._figure.append(tag)
        if tag == "table":
            self.tables.append([])
        elif tag == "tr":
            self.tables[-1].append([])
        elif tag in ("td", "th"):
            self.tables[-1][-1].append("")
            self._in_cell = True

    def handle_endtag(self, tag: str) -> None:
        if tag == "figure":
            self._figure = None
        elif tag in ("td", "th"):
            self._in_cell = False

    def handle_data(self, data: str) -> None:
        if self._in_cell:
            self.tables[-1][-1][-1] += data

    def table(self, *first: str) -> list[list[str]]:
        """Rows of the tables with such a heading, without it."""
        return [row for table in self.tables if tuple(table[0][: len(first)]) == first for row in table[1:]]


@pytest.fixture(scope="module")
def out(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("page")
    files = []
    for name, users in (("small", 5), ("large", 9)):
        posed = {"split_offloading": split_offloading(users)} if name == "small" else {}
        instance = Instance(schema_version=1, name=name, step_allocation=step_allocation(users), **posed)
        files.append(str(folder / f"{name}.json"))
        save(instance, files[-1])
    names = ",".join(dict.fromkeys((*STEP_METHODS, *SPLIT_METHODS)))
    sweep = folder / "sweep"
    assert gaps.main([*files, "--solvers", names, "--seeds", "3", "--out", str(sweep), "--scheduler", "none"]) == 0
    return sweep


@pytest.fixture(scope="module")
def page(out: Path) -> Page:
    return Page((out / "report.html").read_text())


def test_it_needs_no_other_file(out: Path, page: Page) -> None:
    assert not {"script", "img", "link", "iframe", "object"} & set(page.tags)
    pointed_at = [value or "" for name, value in page.attributes if name in ("src", "href", "xlink:href")]
    assert pointed_at
    assert all(value.startswith("#") for value in pointed_at)
    assert {value[1:] for value in pointed_at} <= set(page.ids)
    assert len(page.ids) == len(set(page.ids))
    text = (out / "report.html").read_text()
    assert "@import" not in text
    assert all(target.startswith("#") for target in re.findall(r"url\(([^)]*)\)", text))


def test_every_figure_is_there_and_has_its_files(out: Path, page: Page) -> None:
    for problem in ("step_allocation", "split_offloading"):
        expected = ["time_profile", "gap_profile", "gap_time", "solution_small"]
        expected += ["solution_large", "sca_small", "sca_large"] if problem == "step_allocation" else []
        drawn = {name for name in page.figures if name.startswith(problem)}
        assert drawn == {f"{problem}_{name}" for name in expected}
    for name, tags in page.figures.items():
        assert tags.count("svg") == 1
        assert "path" in tags
        assert (out / "figures" / f"{name}.pdf").read_bytes().startswith(b"%PDF")
        assert len((out / "figures" / f"{name}.csv").read_text().splitlines()) > 1
    assert {path.stem for path in (out / "figures").iterdir()} == set(page.figures)


def test_the_summary_holds_the_numbers_of_the_ledger(out: Path, page: Page) -> None:
    results = pd.read_parquet(out / "results.parquet")
    step = results[results["problem"] == "step_allocation"]
    rows = {row[0]: row for row in page.table("method", "instances")[: len(STEP_METHODS)]}
    assert set(rows) == set(STEP_METHODS)
    for method, runs in step.groupby("solver"):
        gap = 100.0 * runs["gap"].mean()
        assert float(rows[str(method)][6]) == pytest.approx(gap, abs=5e-5, rel=0.05)
        seconds = shifted_geometric_mean(list(runs["seconds"]), SHIFT_SECONDS)
        assert float(rows[str(method)][-1]) == pytest.approx(seconds, abs=6e-4)
    assert "shift 1 s" in (out / "report.html").read_text()


def test_mean_and_spread_over_seeds(out: Path, page: Page) -> None:
    results = pd.read_parquet(out / "results.parquet")
    shown = {(row[0], row[1]): row for row in page.table("instance", "method")}
    random = results[results["solver"] == "random"]
    assert len(random) == 6
    for instance, runs in random.groupby("instance"):
        row = shown[str(instance), "random"]
        assert row[2:4] == ["3/3", "0/3"]
        assert float(row[4]) == pytest.approx(runs["objective"].mean(), abs=1e-6)
        assert float(row[5]) == pytest.approx(runs["objective"].std(), abs=1e-6)
        assert float(row[6]) == pytest.approx(100.0 * runs["gap"].mean(), abs=1e-4)
    assert shown["small", "price-search"][2:4] == ["1/1", "1/1"]
    assert shown["small", "price-search"][5] == "-"
    table = pd.read_parquet(out / "instances_step_allocation.parquet")
    assert len(table) == len(pd.read_csv(out / "instances_step_allocation.csv")) == 2 * len(STEP_METHODS)
    assert "toprule" in (out / "instances_step_allocation.tex").read_text()


def test_what_binds_is_what_the_solution_uses_up(out: Path) -> None:
    table = pd.read_parquet(out / "binding_step_allocation.parquet").set_index(["instance", "constraint"])
    for item in ledger.read(out):
        if item.result.solver == "price-search" and item.result.solution is not None:
            offload, steps = (item.result.solution[name] for name in "as")
            used = table.loc[(item.result.instance, "edge budget (1)")]
            assert used["used"] == pytest.approx(float(np.sum(offload * steps)), rel=1e-9)
            assert used["limit"] == 25.0 * item.users


def test_the_picture_of_a_solution_shows_every_user(out: Path) -> None:
    with (out / "figures" / "step_allocation_solution_large.csv").open() as file:
        rows = [row for row in csv.DictReader(file) if row["panel"].startswith("(a)")]
    (best,) = (
        item.result
        for item in ledger.read(out)
        if item.result.solver == "price-search" and item.result.instance == "large"
    )
    assert best.solution is not None
    for label, place in (("at the edge", 1.0), ("on the device", 0.0)):
        drawn = {int(row["x"]): float(row["y"]) for row in rows if row["series"] == label}
        for user, (offload, steps) in enumerate(zip(best.solution["a"], best.solution["s"], strict=True)):
            assert drawn[user] == pytest.approx(steps if offload == place else 0.0)


def test_provenance_names_command_hashes_and_seeds(out: Path, page: Page) -> None:
    lines = {row[0]: row[1] for row in page.table("what", "which")}
    assert lines["command"].startswith("python -m reports.gaps ")
    assert lines["command"].endswith("--scheduler none")
    assert lines["seeds"] == "0 to 2"
    assert "numpy" in lines["versions"]
    hashes = {row[0]: row[1] for row in page.table("instance", "sha256")}
    assert hashes == {item.result.instance: item.key.instance_hash for item in ledger.read(out)}


PROBE = """<script>
const bad = [...document.querySelectorAll("figure")].filter(figure => {
  const box = figure.querySelector("svg")?.getBoundingClientRect();
  return !box || box.width < 100 || box.height < 100 || !figure.querySelector("figcaption");
});
document.title = "figures " + document.querySelectorAll("figure").length + " bad " + bad.length;
</script>"""


@pytest.fixture
def browser() -> str:
    names = ("chromium", "chromium-browser", "google-chrome")
    found = next((path for name in names if (path := shutil.which(name))), None)
    if found is None:
        pytest.skip("no browser is installed: expected chromium, chromium-browser or google-chrome")
    return found


def test_a_browser_shows_every_figure_without_a_word(out: Path, page: Page, browser: str, tmp_path: Path) -> None:
    probed = tmp_path / "probed.html"
    probed.write_text((out / "report.html").read_text().replace("</body>", PROBE + "</body>"))
    switches = "headless no-sandbox disable-gpu disable-quic no-first-run disable-background-networking"
    switches += (
        f" disable-component-update disable-sync enable-logging=stderr user-data-dir={tmp_path / 'profile'}"
    )
    done = subprocess.run(
        [browser, *(f"--{switch}" for switch in switches.split()), "--dump-dom", probed.as_uri()],
        capture_output=True,
        text=True,
        timeout=120,
        check=True,
    )
    assert f"<title>figures {len(page.figures)} bad 0</title>" in done.stdout
    assert "CONSOLE" not in done.stderr
