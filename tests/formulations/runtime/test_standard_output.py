"""Standard output of a command holds what was asked for, whatever else prints."""

from __future__ import annotations

import ctypes
import io
import json
import os
import subprocess
import sys
from pathlib import Path

import fakes
import pytest
from fakes import NOISE, make_noise

from formulations.runtime.standard_output import results, results_alone
from instances import save


def test_what_is_printed_goes_to_standard_error_and_results_do_not(capfd: pytest.CaptureFixture[str]) -> None:
    print("before")
    with results_alone():
        make_noise()
        print("a result", file=results())
        subprocess.run([sys.executable, "-c", f"print({NOISE!r})"], check=True)
    print("after")
    printed = capfd.readouterr()
    assert printed.out.splitlines() == ["before", "a result", "after"]
    assert printed.err.splitlines() == [NOISE] * 4
    make_noise()
    ctypes.CDLL(None).fflush(None)
    assert capfd.readouterr().out.splitlines() == [NOISE] * 3


def test_a_stream_in_place_of_standard_output_is_written_to_as_it_is(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    notebook = io.StringIO()
    monkeypatch.setattr(sys, "stdout", notebook)
    with results_alone():
        make_noise()
        with results_alone():  # a command that calls another
            make_noise()
            print("inner", file=results())
        print("outer", file=results())
    assert sys.stdout is notebook
    assert notebook.getvalue() == "inner\nouter\n"
    assert capfd.readouterr().out == ""


def test_everything_is_as_before_when_the_block_fails(capfd: pytest.CaptureFixture[str]) -> None:
    stdout, open_before = sys.stdout, len(os.listdir("/dev/fd"))
    with pytest.raises(KeyError), results_alone():
        raise KeyError
    assert sys.stdout is stdout
    assert results() is stdout
    assert len(os.listdir("/dev/fd")) == open_before
    os.write(1, b"there")
    assert capfd.readouterr().out == "there"


COMMAND = f"""
import sys
sys.path[:0] = {fakes.SEARCH_PATH}
import fakes
from reports.comparison.command import main
fakes.register(fakes.method("noisy", "noisy"), fakes.method("noisy-child", "noisy", isolated=True))
sys.exit(main())
"""


@pytest.fixture
def file(tmp_path: Path) -> str:
    save(fakes.instance(), tmp_path / "small.json")
    return str(tmp_path / "small.json")


def command(redirected: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    words = ["bash", "-c", f'"$0" "$@" {redirected}', sys.executable, "-c", COMMAND, *arguments]
    return subprocess.run(words, capture_output=True, text=True, timeout=120, check=False)


def test_a_noisy_method_leaves_the_format_asked_for_alone(file: str) -> None:
    ran = command("", file, "--format", "json")
    assert ran.returncode == 0, ran.stderr
    assert [record["solver"] for record in json.loads(ran.stdout)] == ["noisy", "noisy-child"]
    assert ran.stderr.splitlines().count(NOISE) == 3


@pytest.mark.parametrize("closed", [">&-", "2>&-", "<&- >&- 2>&-"])
def test_closed_streams_lead_nowhere(closed: str, file: str, tmp_path: Path) -> None:
    ran = command(closed, file, "--solvers", "noisy", "--format", "json", "--out", str(tmp_path / "out"))
    assert "Traceback" not in ran.stderr
    text = (tmp_path / "out" / "results.json").read_text()
    assert [record["solver"] for record in json.loads(text)] == ["noisy"]
    if closed == "2>&-":
        assert json.loads(ran.stdout) == json.loads(text)
    else:
        assert ran.stdout == ""
