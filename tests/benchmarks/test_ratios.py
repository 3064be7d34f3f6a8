"""The benchmarks' table, history and command on ratios that are made up, and one real ratio of a tiny size."""

from __future__ import annotations

import csv
import json
import math
import sys
from collections.abc import Iterator
from dataclasses import replace
from itertools import islice
from pathlib import Path

import pytest

from benchmarks import batch_scan_against_models, growth_of_methods, history, other_solvers, page, run, tables
from benchmarks.alone import alone, from_json, to_json
from benchmarks.growth import growth
from benchmarks.interleaved import interleaved
from benchmarks.ratio import Aim, Ratio
from benchmarks.reference import reference
from instances.storage.store import Store, read
from reports.formats import plain_text
from solvers.core import registry

RUN = history.RunOf("2026-01-02 03:04:05", "abc", "a machine", "0.50", "python 3", "quick")
FAST = Ratio(
    "a/fast", "speed", 250.0, limit="a peer", aim=Aim("at least", 200.0), context={"s": 0.5, "done": "yes"}
)
SLOW = Ratio("a/slow", "seconds, of 'it'", 3.25, "s", aim=Aim("at most", 3.0))
PLAIN = Ratio("a/plain", "growth", 1.0, "exponent")


def made_up(quick: bool) -> Iterator[Ratio]:
    yield FAST
    if not quick:
        yield SLOW


@pytest.mark.parametrize(
    ("sense", "value", "met"),
    [
        ("at most", 1.0, True),
        ("at most", 1.1, False),
        ("at least", 1.0, True),
        ("at least", 0.9, False),
        ("at most", math.nan, False),
        ("at least", math.nan, False),
        ("at least", math.inf, False),
    ],
)
def test_an_aim_is_met_at_its_value_and_never_by_nan(sense: str, value: float, met: bool) -> None:
    assert Aim(sense, 1.0).met_by(value) is met
    assert Ratio("", "", value, aim=Aim(sense, 1.0)).met is met
    assert Ratio("", "", value).met is None


@pytest.mark.parametrize("ratio", [FAST, SLOW, PLAIN, Ratio("a", "b", math.inf)])
def test_a_ratio_comes_back_from_its_line(ratio: Ratio) -> None:
    assert from_json(to_json(ratio)) == ratio


def test_a_program_alone(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    assert alone(made_up, "text")(["--quick"]) == 0
    printed = "250 times speed, against a peer (aim: at least 200) [s 0.5, done yes]"
    assert " ".join(capsys.readouterr().out.split()) == printed
    assert alone(made_up, "text")([]) == 1
    assert "(aim: at most 3, MISSED)" in capsys.readouterr().out
    records = tmp_path / "records.jsonl"
    assert alone(made_up, "text")(["--records", str(records)]) == 0
    assert [from_json(line) for line in records.read_text().splitlines()] == [FAST, SLOW]


def test_what_was_not_measured_is_a_dash_with_its_reason_and_not_in_the_history(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    absent = Ratio("a/absent", "speed", math.nan, limit="a peer", context={"not measured": "not installed here"})
    monkeypatch.setattr(run, "child", lambda name, setting: iter([absent, FAST]))
    monkeypatch.setattr(run, "PROGRAMS", {"program": "about it"})
    path = tmp_path / "history.csv"
    assert run.main(["--quick", "--history", str(path)]) == 0
    assert "speed a peer - times - - - not measured not installed here" in " ".join(
        capsys.readouterr().out.split()
    )
    assert [row.name for row in read(path, history.ROWS)] == ["a/fast"]


def test_solvers_that_are_not_here_are_named_with_the_reason(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(other_solvers, "SOLVERS", {"baron": {}, "no-such-solver": {}, "appsi_highs": {}})
    absent, unknown, here = other_solvers.ratios(quick=True)
    assert math.isnan(absent.value)
    assert absent.context["not measured"] == "solver 'baron' is not installed here, or has no licence"
    assert unknown.context["not measured"] == "Pyomo knows no solver 'no-such-solver'"
    assert here.value > 1.0
    assert here.context["objectives differ by"] < 1e-6


def test_growth_is_the_power_of_the_size() -> None:
    found = growth("g", "it", {10: 2.0, 100: 2.0 * 10**1.5, 1000: 2.0 * 10**3})
    assert found.value == pytest.approx(1.5)
    assert found.context["N=10 s"] == 2.0
    with pytest.raises(ValueError, match="at least two sizes, got 1"):
        growth("g", "it", {10: 2.0})


def test_the_machines_own_limits_are_measured() -> None:
    limits = reference(repeats=1)
    assert limits.exp_seconds > 0.0
    assert limits.copied_bytes_per_second == 16e6 / limits.copy_seconds


def test_the_table_shows_every_ratio_its_aim_and_what_was_missed() -> None:
    made = tables.table("program", "about it", [FAST, SLOW, PLAIN], {"a/slow": 2.0}, "it was stopped")
    text = plain_text.render([made])
    assert made.alerts == (
        "AIM MISSED: seconds, of 'it': 3.25, aim at most 3",
        "NOT MEASURED: it was stopped",
    )
    assert [" ".join(line.split()) for line in text.splitlines()[-3:]] == [
        "speed a peer 250 times - at least 200 yes s 0.5, done yes",
        "seconds, of 'it' - 3.25 s 2 at most 3 NO",
        "growth - 1 exponent - - -",
    ]


def test_the_history_grows_and_its_last_values_are_those_of_the_same_setting(tmp_path: Path) -> None:
    path = tmp_path / "history.csv"
    with Store(path, history.ROWS) as file:
        assert history.last_values(file.known, RUN) == {}
        history.append(file, RUN, "program", FAST)
        first = path.read_bytes()
        history.append(file, RUN, "program", SLOW)
        history.append(file, history.RunOf("", "", "a machine", "", "", "full"), "program", PLAIN)
        history.append(file, RUN, "program", Ratio("a/slow", "two\nlines", 2.5))
    assert path.read_bytes().startswith(first)
    rows = list(read(path, history.ROWS))
    assert history.last_values(rows, RUN) == {"a/fast": 250.0, "a/slow": 2.5}
    assert [row.met for row in rows] == ["yes", "no", "", ""]
    assert (rows[0].aim, rows[1].what, rows[3].what) == ("at least 200", "seconds, of 'it'", "two lines")
    assert json.loads(rows[0].context) == FAST.context
    assert (rows[0].commit, rows[0].machine, rows[0].load) == ("abc", "a machine", "0.50")


@pytest.mark.parametrize("text", ["a,b\n", "\n", ",".join(history.Line._fields) + "\n1,2\n"])
def test_a_file_that_is_no_history_is_refused_and_left_alone(
    text: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "history.csv"
    path.write_text(text)
    assert run.main(["--quick", "--history", str(path)]) == 2
    assert capsys.readouterr().err.startswith(f"diffload: {path}, line ")
    assert path.read_text() == text


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--only", "tea"], "--only: expected names among aims, price_search_scaling"),
        (["--history", "/dev/null/there.csv"], "--history: expected a file that can be written to"),
    ],
)
def test_what_cannot_be_used_is_refused_in_a_sentence(
    words: list[str], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run.main(words) == 2
    assert capsys.readouterr().err.startswith(f"diffload: {said}")


def test_the_command_shows_and_keeps_what_every_program_measured(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def child(name: str, setting: str) -> Iterator[Ratio]:
        yield from made_up(setting == "quick")
        if name == "second":
            raise ChildProcessError("second was stopped after 1 s")

    monkeypatch.setattr(run, "child", child)
    monkeypatch.setattr(run, "PROGRAMS", {"first": "about one", "second": "about two"})
    path = tmp_path / "history.csv"
    assert run.main(["--quick", "--only", "first", "--history", str(path)]) == 0
    assert run.main(["--quick", "--history", str(path)]) == 1, "a program failed"
    assert run.main(["--only", "first", "--history", str(path)]) == 1, "an aim is missed"
    out = capsys.readouterr().out
    assert "GB/s" in out
    assert "NOT MEASURED: second was stopped after 1 s" in out
    assert "AIM MISSED: seconds, of 'it'" in out
    assert "1 of 2 aims are met." in out
    assert "1 of 2 aims are met." in path.with_name("page.html").read_text(), "of the last run"
    with path.open() as file:
        kept = [(row["setting"], row["program"], row["name"]) for row in csv.DictReader(file)]
    assert kept == [
        ("quick", "first", "a/fast"),
        ("quick", "first", "a/fast"),
        ("quick", "second", "a/fast"),
        ("full", "first", "a/fast"),
        ("full", "first", "a/slow"),
    ]
    assert run.main(["--quick", "--only", "second", "--history", str(path)]) == 1
    shown = (tmp_path / "page.html").read_text()
    assert "first: of the run of" in shown, "the page has the latest run of what is not run again"
    assert "second: of the run of" not in shown


PROGRAM = """
import sys, time
sys.path.insert(0, {root!r})
from benchmarks.alone import to_json
from benchmarks.ratio import Ratio
print("Running a solver", flush=True)
with open(sys.argv[sys.argv.index("--records") + 1], "w") as records:
    print(to_json(Ratio("a", "b", 1.0)), file=records, flush=True)
    {then}
"""


@pytest.mark.parametrize(
    ("then", "said"),
    [
        ("time.sleep(60)", "fake was stopped after 3 s"),
        ("raise KeyError('a\\nb')", "fake failed with exit status 1: KeyError"),
        ("sys.exit(5)", "fake failed with exit status 5"),
        ("pass", None),
    ],
)
def test_what_a_program_measured_before_it_failed_counts(
    then: str, said: str | None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    script = tmp_path / "python"
    root = str(Path(run.__file__).parents[1])
    script.write_text(f"#!{sys.executable}\n" + PROGRAM.format(root=root, then=then))
    script.chmod(0o755)
    monkeypatch.setattr(run.sys, "executable", str(script))
    monkeypatch.setattr(run, "LONGEST_SECONDS", {"quick": 3.0})
    found: list[Ratio] = []
    if said is None:
        found.extend(run.child("fake", "quick"))
    else:
        with pytest.raises(ChildProcessError, match=said):
            found.extend(run.child("fake", "quick"))
    assert found == [Ratio("a", "b", 1.0)]


def test_the_page_shows_spread_limit_and_the_growth_of_every_method(tmp_path: Path) -> None:
    context: dict[str, float | str] = {"least": 240.0, "most": 260.5, "limit s": 0.1, "share of limit": 0.25}
    ratios = [replace(FAST, context=context), SLOW]
    points = [growth_of_methods.Point(size, 1e-5 * size**1.5, 0.1 * size, True) for size in (10, 40, 160)]
    points.append(growth_of_methods.Point(640, 9.0, 100.0, False))
    methods = [registry.method(name) for name in ("price-search", "dynamic-programme")]
    ratios.extend(growth_of_methods.of_method(method, points) for method in methods)
    text = plain_text.render([page.summary(ratios), page.growths(ratios)])
    assert "1 of 2 aims are met." in text
    assert "240 to 260.5" in text
    assert [line.split() for line in text.splitlines() if line.startswith("price-search")] == [
        ["price-search", "step_allocation", "1.5", "1", "160", "0.02024", "16"]
    ]
    page.write(tmp_path / "page.html", ratios, ["a machine"])
    written = (tmp_path / "page.html").read_text()
    assert "a machine" in written
    assert written.count("<svg") == 1
    assert "price-search" in written[written.index("<svg") :]


def test_two_works_in_turn_give_their_ratio_and_its_ends() -> None:
    def busy(rounds: int) -> None:
        sum(range(rounds))

    aim = Aim("at least", 2.0)
    found = interleaved(
        "n", "w", lambda: busy(20_000), lambda: busy(200_000), peer="p", aim=aim, limit_seconds=1e-6
    )
    behind = {name: float(value) for name, value in found.context.items()}
    assert 2.0 < behind["least"] <= found.value <= behind["most"]
    assert behind["share of limit"] == pytest.approx(1e-6 / behind["CPU s"])
    other = interleaved("n", "w", lambda: busy(20_000), lambda: busy(200_000), peer="p", aim=Aim("at most", 0.5))
    assert other.value < 0.5, "our time in units of the peer's"
    assert "limit s" not in other.context


def test_a_method_is_measured_until_it_takes_too_long() -> None:
    found = growth_of_methods.points_of(registry.method("greedy", "split_offloading"), 0.0002)
    assert [point.users for point in found[:1]] == [10]
    assert all(point.solved for point in found[:-1])
    assert found[-1].users < growth_of_methods.LARGEST


def test_every_program_has_its_line_in_the_run() -> None:
    folder = Path(run.__file__).parent
    programs = {path.stem for path in folder.glob("*.py") if "\ndef ratios(quick: bool)" in path.read_text()}
    assert programs == set(run.PROGRAMS)


def test_one_real_ratio_at_its_smallest_size(monkeypatch: pytest.MonkeyPatch) -> None:
    models = batch_scan_against_models.MODELS
    monkeypatch.setattr(batch_scan_against_models, "MODELS", {"highs-batch-lp": models["highs-batch-lp"]})
    first, second = islice(batch_scan_against_models.ratios(True), 2)
    assert (first.name, second.name) == ("batch-scan/highs-batch-lp/5/call", "batch-scan/highs-batch-lp/5/solve")
    behind = first.context
    assert first.value == pytest.approx(behind["peer without building CPU s"] / behind["own CPU s"])
    assert second.value == pytest.approx(behind["peer CPU s"] / behind["diffload.solve() CPU s"])
    assert behind["peer without building CPU s"] < behind["peer CPU s"]
    assert first.context["finished"] == "1 of 1"
    assert abs(first.context["loss_per_user"]) < 1e-9
