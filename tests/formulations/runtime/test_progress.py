"""How a run shows how far it is: on a terminal, in a notebook, in a log, and where nobody listens."""

from __future__ import annotations

import io
import sys
from contextlib import redirect_stderr

import pytest

from formulations.runtime import progress
from formulations.runtime.progress import Bar, Lines, Progress, Rewritten, display, tell


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def run(shown: Progress) -> None:
    with shown.of("n30", 3):
        for name, line in (("quick", ""), ("kkt", "kkt done"), ("scip [a]", "scip done")):
            shown.started(name)
            shown.finished(name, line, "about 3 s left")


def test_a_log_gets_the_lines(capsys: pytest.CaptureFixture[str]) -> None:
    run(Lines())
    captured = capsys.readouterr()
    assert (captured.out, captured.err) == ("", "kkt done\nscip done\n")
    run(Lines(every=60.0))
    assert capsys.readouterr().err == "scip done\n", "the last one is always shown"


def test_a_bar_counts_and_names_what_runs_and_is_gone_in_the_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv("COLUMNS", "100")
    bar, shown = Bar(), Terminal()
    with redirect_stderr(shown), bar.of("n30", 3):
        bar.started("scip [a]")
        bar.started("kkt")
        bar.finished("kkt", "", "about 3 s left")
        assert bar._bar is not None
        bar._bar.refresh()
    for text in ("n30", "1/3", "scip [a], about 3 s left"):
        assert text in shown.getvalue()
    bar.finished("scip [a]")  # late, from another thread


def test_a_notebook_without_widgets_gets_one_line(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(progress, "_in_notebook", lambda: True)
    monkeypatch.setattr(progress, "find_spec", lambda name: None)
    assert type(display(None)) is Rewritten
    run(display())
    shown = capsys.readouterr().out.split("\r")
    assert shown[1].rstrip() == "n30 [....................] 0 of 3"
    assert shown[-3].rstrip() == "n30 [####################] 3 of 3 about 3 s left"
    assert shown[-2].strip() == shown[-1] == ""
    monkeypatch.setattr(progress, "find_spec", lambda name: object())
    assert type(display()) is Bar


@pytest.mark.parametrize(
    ("stream", "wanted", "kind"),
    [
        (Terminal(), None, Bar),
        (Terminal(), False, Progress),
        (io.StringIO(), None, Progress),
        (io.StringIO(), True, Lines),
        (None, True, Lines),
    ],
)
def test_the_display_suits_who_watches(
    stream: io.StringIO | None, wanted: bool | None, kind: type, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "stderr", stream)
    assert type(display(wanted)) is kind


def test_nothing_is_said_where_standard_error_is_closed(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "stderr", None)
    tell("of no use")
    run(display(True))
    assert capsys.readouterr().out == ""
