"""The page of a sweep, read back: its numbers are the ledger's, its figures are there, it needs nothing else."""

from __future__ import annotations

import csv
import json
import re
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from browser import reading
from builders import split_offloading, step_allocation
from contrast import measured, too_faint

from instances import Instance, save
from reports.gap_report import command as gaps
from reports.gap_report.summary import SHIFT_SECONDS, shifted_geometric_mean
from solvers.sweep import ledger

STEP_METHODS = ("price-search", "sca-improved", "random", "all-local")
SPLIT_METHODS = ("batch-scan", "greedy", "all-local")


A4_PIXELS = 718
"""Width of an A4 page between margins of 10 mm [px]."""


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
    assert not {"img", "link", "iframe", "object"} & set(page.tags)
    assert "src" not in dict(page.attributes)
    pointed_at = [value or "" for name, value in page.attributes if name in ("href", "xlink:href")]
    assert {value[1:] for value in pointed_at if value.startswith("#")} <= set(page.ids)
    beside = {value for value in pointed_at if not value.startswith("#")}
    assert "solutions/step_allocation_small_price-search.json" in beside
    assert [value for value in beside if not (out / value).is_file()] == []
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


def test_the_verdict_comes_first_and_in_sentences(out: Path) -> None:
    text = (out / "report.html").read_text()
    first = text[text.index("<main>") : text.index("<article")]
    results = pd.read_parquet(out / "results.parquet")
    gaps_of = 100.0 * results[(results["problem"] == "step_allocation") & (results["solver"] == "random")]["gap"]
    assert f"random: gap {gaps_of.mean():.3g} % on average, {gaps_of.max():.3g} at worst" in first
    assert "Only price-search proves anything; nothing contradicts it." in first
    assert "All 2 instances are settled by a proof." in first
    assert first.count("Nothing failed.") == 2


def test_a_row_leads_to_the_solution_that_it_is_about(out: Path) -> None:
    (record,) = json.loads((out / "solutions" / "step_allocation_large_price-search.json").read_text())
    assert (record["instance"], record["solver"]) == ("large", "price-search")
    (best,) = (
        item.result
        for item in ledger.read(out)
        if (item.result.instance, item.result.solver) == ("large", "price-search")
    )
    assert best.solution is not None
    assert record["solution"]["s"] == best.solution["s"].tolist()


def test_every_run_with_a_gap_says_instance_method_and_seed(out: Path) -> None:
    text = (out / "report.html").read_text()
    results = pd.read_parquet(out / "results.parquet").dropna(subset=["gap"])
    for row in results[results["problem"] == "step_allocation"].itertuples():
        assert f"<title>{row.instance}, {row.solver}, seed {row.seed}: gap " in text


@pytest.mark.browser
@pytest.mark.parametrize(("width", "scheme"), [(1200, "light"), (400, "dark")])
def test_a_browser_shows_every_figure_without_a_word(out: Path, page: Page, width: int, scheme: str) -> None:
    with reading(width, scheme=scheme) as reader:
        reader.open(out / "report.html")
        boxes = [figure.bounding_box() for figure in reader.page.locator("figure svg").all()]
        assert len(boxes) == len(page.figures)
        assert all(box is not None and 100 < box["width"] <= width for box in boxes)
        assert reader.page.evaluate("document.documentElement.scrollWidth") <= width
        assert reader.faults == []


@pytest.mark.browser
def test_a_reader_sorts_filters_and_hovers(out: Path) -> None:
    with reading() as reader:
        reader.open(out / "report.html")
        table = reader.page.locator("#instances_step_allocation")
        head = table.locator("thead th").filter(has_text="mean objective")
        for order in ("ascending", "descending"):
            head.locator("button").press("Enter")
            assert head.get_attribute("aria-sort") == order
            shown = [float(text) for text in table.locator("tbody tr td:nth-child(5)").all_text_contents()]
            assert shown == sorted(shown, reverse=order == "descending")
        table.locator("input").fill("large random")
        assert table.locator("tbody tr:visible").count() == 1
        assert "1 of 8" in table.locator(".filter").inner_text()
        figure = reader.page.locator("#step_allocation_gap_time")
        figure.locator(".named").first.hover(force=True)
        assert "price-search, seed 0" in reader.page.locator("#hint").inner_text()
        figure.locator("svg").press("ArrowRight")
        assert "small, price-search, seed 0" in figure.locator(".said").inner_text()
        assert reader.faults == []


@pytest.mark.browser
def test_bars_and_latencies_say_which_user_they_are_of(out: Path) -> None:
    with reading() as reader:
        reader.open(out / "report.html")
        for name, first, words in (
            (
                "step_allocation_solution_large",
                "#hint",
                r"user \d+, (edge|device): [\d.]+ of at most [\d.]+ steps",
            ),
            ("split_offloading_solution_small", "#hint", r"user \d+, (not )?granted: \d+ steps at the edge"),
        ):
            reader.page.locator(f"#{name} .named").first.hover(force=True)
            assert re.match(words, reader.page.locator(first).inner_text())
        reader.page.locator("#split_offloading_solution_small .named").last.hover(force=True)
        assert re.match(r"user \d+, as decided: [\d.]+ s", reader.page.locator("#hint").inner_text())
        assert reader.faults == []


@pytest.mark.browser
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_text_can_be_told_from_what_is_behind_it(out: Path, scheme: str) -> None:
    with reading(scheme=scheme) as reader:
        reader.open(out / "report.html")
        assert len(measured(reader)) > 3
        assert too_faint(reader) == []


@pytest.mark.browser
def test_without_scripts_everything_can_be_read(out: Path, page: Page) -> None:
    with reading(400, scripts=False) as reader:
        reader.open(out / "report.html")
        assert reader.page.locator("#verdict li").first.is_visible()
        assert reader.page.locator("th button, .filter, #hint").count() == 0
        figures = reader.page.locator("figure svg")
        assert figures.count() == len(page.figures)
        assert all(figure.is_visible() for figure in figures.all())
        assert figures.locator("title").count() > 10
        rows = reader.page.locator("tbody tr")
        assert all(row.is_visible() for row in rows.all())
        assert rows.count() == sum(len(table) - 1 for table in page.tables)


@pytest.mark.browser
def test_on_paper_no_column_is_cut_off(out: Path) -> None:
    with reading(A4_PIXELS) as reader:
        reader.open(out / "report.html")
        reader.page.emulate_media(media="print")
        widths = reader.page.evaluate(
            "[...document.querySelectorAll('.scroll')].map(e => [e.scrollWidth, e.clientWidth])"
        )
        assert len(widths) > 4
        assert all(inside <= width for inside, width in widths), widths
