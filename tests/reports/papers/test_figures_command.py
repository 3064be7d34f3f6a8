"""The command ``python -m reports.figures``: all figures from tiny settings, resumed, and what it refuses."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

import pandas as pd
import pytest

from instances.storage.layouts import JsonLines
from instances.storage.store import Store
from reports.drawing.figure import OPTIMUM, Figure, Panel, Series
from reports.drawing.points import Points
from reports.papers.figures import command, learned_scopes, paper_a, paper_b_learned, running_times, specific
from reports.papers.figures.settings import Run, Settings, mean_series

TINY = Settings(cases=2, full=False, seconds=5.0)


@pytest.fixture(autouse=True)
def tiny(monkeypatch: pytest.MonkeyPatch) -> None:
    """Sweeps of two points, and trainings of a few steps."""
    monkeypatch.setattr(paper_a, "budgets_per_user", lambda run: [0.0, 70.0])
    monkeypatch.setattr(paper_b_learned, "user_counts", lambda run: (3, 5))
    monkeypatch.setattr(learned_scopes, "CASES", (learned_scopes.CASE, *learned_scopes.CASES[2:4]))
    monkeypatch.setattr(running_times, "SHORTEST_SECONDS", 0.0)
    monkeypatch.setattr(running_times, "cases_of", lambda run: 1)


FIGURES = [(paper, number) for paper, figures in command.FIGURES.items() for number in figures]
TRAINED = ("8", "9")
SLOWEST = "10a"


@pytest.mark.parametrize(
    ("paper", "number"),
    [
        pytest.param(paper, number, marks=pytest.mark.long if number == SLOWEST else ())
        for paper, number in FIGURES
        if number not in TRAINED
    ],
)
def test_every_figure_is_made_and_made_again_without_work(paper: str, number: str, tmp_path: Path) -> None:
    path = tmp_path / "points.jsonl"
    with Store(path, JsonLines()) as store:
        figure = command.FIGURES[paper][number](Run(TINY, Points(store)))
    check(figure)

    class Known(Points):
        def get(self, key: str, compute: Callable[[], Mapping[str, float]]) -> Mapping[str, float]:
            assert key in self._store.known, key
            return super().get(key, compute)

    with Store(path, JsonLines()) as store:
        assert command.FIGURES[paper][number](Run(TINY, Known(store))) == figure


@pytest.mark.parametrize("number", TRAINED)
def test_figures_of_the_three_scopes(number: str, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("torch")
    monkeypatch.setattr(specific, "STEPS", {False: 1})
    monkeypatch.setattr(specific, "TUNED", specific.TUNED.replaced(warm_up=128, batch=8))
    figure = command.FIGURES["B"][number](Run(TINY, Points()))
    check(figure)
    assert OPTIMUM in {series.label for panel in figure.panels for series in panel.series}


def check(figure: Figure) -> None:
    """No empty series, no NaN, and nobody above the certified optimum where that is drawn."""
    assert figure.caption
    records = pd.DataFrame(list(figure.records()))
    assert records["y"].notna().all()
    best = {
        (row.panel, row.x): row.y
        for row in records.itertuples()
        if row.series == OPTIMUM and row.y_label == paper_b_learned.PERFORMANCE
    }
    for row in records.itertuples():
        assert row.y <= best.get((row.panel, row.x), row.y) + 1e-9


@pytest.fixture
def drawn(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """A single figure whose points count how often they are computed."""
    computed: list[int] = []

    def make(run: Run) -> Figure:
        def compute(case: int) -> Mapping[str, float]:
            computed.append(case)
            return {"y": 0.1 * case}

        points = [run.points.get(f"case {case}", lambda case=case: compute(case)) for case in range(3)]
        line = mean_series("ours", [1.0, 2.0], [[point["y"] for point in points], [1.0, 2.0, 3.0]])
        return Figure("a-one", "Fig. one", "What is seen.", (Panel("panel", "x", "y", (line,)),))

    monkeypatch.setattr(command, "FIGURES", {"A": {"one": make}, "B": {}})
    return computed


def test_rows_of_the_csv_are_the_drawn_points(drawn: list[int], tmp_path: Path) -> None:
    out, page = tmp_path / "pictures", tmp_path / "page.md"
    assert command.main(["--out", str(out), "--page", str(page), "--cases", "3"]) == 0
    rows = pd.read_csv(out / "a-one.csv")
    assert rows[["x", "y", "low", "high"]].to_numpy().tolist() == [
        pytest.approx([1.0, 0.1, 0.05, 0.15]),
        pytest.approx([2.0, 2.0, 1.5, 2.5]),
    ]
    assert {path.name for path in out.iterdir()} == {"points.jsonl", "a-one.csv", "a-one.pdf", "a-one.svg"}
    text = page.read_text()
    assert "![Fig. one](pictures/a-one.svg)" in text
    assert "What is seen." in text
    assert f"`python -m reports.figures --out {out} --page {page} --cases 3`" in text


def test_a_killed_run_goes_on_where_it_stopped(drawn: list[int], tmp_path: Path) -> None:
    assert command.main(["--out", str(tmp_path)]) == 0
    first = (tmp_path / "a-one.svg").read_bytes()
    points = tmp_path / "points.jsonl"
    points.write_bytes(points.read_bytes()[:-5])
    assert command.main(["--out", str(tmp_path)]) == 0
    assert drawn == [0, 1, 2, 2]
    assert (tmp_path / "a-one.svg").read_bytes() == first
    assert kept(points) == {"case 0", "case 1", "case 2"}


def test_ctrl_c_keeps_what_was_computed(
    drawn: list[int], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def interrupted(run: Run) -> Figure:
        run.points.get("first", lambda: {"y": 1.0})
        raise KeyboardInterrupt

    monkeypatch.setattr(command, "FIGURES", {"A": {"one": interrupted}})
    assert command.main(["--out", str(tmp_path)]) == 130
    assert "run the command again to go on" in capsys.readouterr().err
    assert kept(tmp_path / "points.jsonl") == {"first"}


def kept(path: Path) -> set[str]:
    with Store(path, JsonLines()) as store:
        return set(store.known)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--figure", "12"], "--figure: expected one of A one, got 12"),
        (["--cases", "0"], "argument --cases: expected a whole number >= 1, got '0'"),
        (["--cases", "few"], "argument --cases: expected a whole number >= 1, got 'few'"),
        (["--paper", "C"], "argument --paper: invalid choice: 'C'"),
        (["--out", "/dev/null/there"], "cannot write to '/dev/null/there"),
        (["--page", "/dev/null/there.md"], "cannot write to '/dev/null/there"),
    ],
)
def test_what_cannot_be_used_is_refused_in_a_sentence(
    drawn: list[int], arguments: list[str], said: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert command.main(["--out", str(tmp_path), *arguments]) == 2
    assert capsys.readouterr().err.startswith(f"diffload: {said}")
    assert not drawn


def test_fitted_growth() -> None:
    users = (10, 20, 40)
    assert running_times.exponent(users, [3.0 * count**1.5 for count in users]) == pytest.approx(1.5)
    assert running_times.doubling(users, [2.0 ** (count / 7.0) for count in users]) == pytest.approx(7.0)


def test_losses_are_drawn_from_a_floor_on() -> None:
    best, found = [{"objective": 1.0}, {"objective": 1.0}], [{"objective": 0.5}, {"objective": 1.0}]
    assert paper_b_learned.losses(best, found) == [0.5, paper_b_learned.SMALLEST_LOSS]
    lines = paper_b_learned.loss_lines([3], {OPTIMUM: [best], "ours": [found]})
    assert lines == (Series("ours", (3,), *_mean_and_half([0.5, 1e-6])),)


def _mean_and_half(values: list[float]) -> tuple[tuple[float], tuple[float], tuple[float]]:
    low, high = sorted(values)
    return ((low + high) / 2.0,), (low + 0.25 * (high - low),), (low + 0.75 * (high - low),)
