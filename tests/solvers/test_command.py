"""The command, end to end: what it prints, writes and returns."""

from __future__ import annotations

import csv
import io
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

import fakes
import pytest
from malformed import malformed_instances
from malformed_file import Malformed
from processes import beside_first_run

from instances import save
from reports.comparison import command
from reports.formats import folder
from solvers.core.registry import AuxiliaryTable, Method

HEURISTIC = fakes.method("heuristic", "heuristic")
RANDOM = fakes.method("random", "randomised", random=True)
BOUNDING = fakes.method("bounding", "low_bound", exact=True)


@pytest.fixture
def file(tmp_path: Path) -> str:
    path = tmp_path / "small.json"
    save(fakes.instance("small"), path)
    return str(path)


@pytest.fixture
def methods(monkeypatch: pytest.MonkeyPatch) -> None:
    fakes.register(HEURISTIC, RANDOM, BOUNDING, put=monkeypatch.setattr)


def use(
    monkeypatch: pytest.MonkeyPatch, *found: Method, auxiliary_tables: tuple[AuxiliaryTable, ...] = ()
) -> None:
    fakes.register(*found, auxiliary_tables=auxiliary_tables, put=monkeypatch.setattr)


def refused(capsys: pytest.CaptureFixture[str], arguments: Sequence[str]) -> str:
    """The one sentence on standard error with which the command refuses these arguments."""
    assert command.main(arguments) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith("diffload: ")
    assert err.endswith("\n")
    assert err.count("\n") == 1
    return err


@pytest.mark.usefixtures("methods")
def test_the_table(capsys: pytest.CaptureFixture[str], file: str) -> None:
    assert command.main([file]) == 0
    out, err = capsys.readouterr()
    lines = out.splitlines()
    assert lines[0] == "small - step allocation (P1, paper A): 4 users, budget 100 edge steps, continuous steps"
    assert lines[1].startswith("not certified: best objective")
    rows = [line.split()[0] for line in lines if line.startswith(("bounding ", "heuristic ", "random "))]
    assert rows[:3] == ["bounding", *sorted(rows[1:3], key=rows.index)]
    assert "random (mean of 5)" in out
    assert "heuristic -1.250000" in out
    assert "bounding: time limit" in out
    assert "\x1b" not in out
    assert err == ""


@pytest.mark.usefixtures("methods")
def test_json_holds_one_record_per_seed(capsys: pytest.CaptureFixture[str], file: str) -> None:
    assert command.main([file, "--format", "json", "--seeds", "3", "--seed", "7", "--gap", "0.01"]) == 0
    records = json.loads(capsys.readouterr().out)
    assert [(item["solver"], item["seed"]) for item in records] == [
        ("heuristic", 7),
        ("random", 7),
        ("random", 8),
        ("random", 9),
        ("bounding", 7),
    ]
    for record in records:
        assert {"instance", "problem", "formulation", "status", "bound", "seconds"} <= set(record)
        assert set(record["solution"]) == {"a", "s"}
        assert record["bound_from"] == "bounding"
        assert record["gap"] == pytest.approx(abs(record["objective"] + 1e3) / 1e3)
        assert record["limits"]["gap"] == 0.01


@pytest.mark.usefixtures("methods")
def test_csv_of_several_instances_is_one_table(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    files = []
    for name in ("one", "two"):
        files.append(str(tmp_path / f"{name}.npz"))
        save(fakes.instance(name), files[-1])
    assert command.main([*files, "--format", "csv", "--solvers", "random,heuristic"]) == 0
    rows = list(csv.DictReader(io.StringIO(capsys.readouterr().out)))
    assert {(row["instance"], row["method"]) for row in rows} == {
        (name, method) for name in ("one", "two") for method in ("random", "heuristic")
    }


@pytest.mark.usefixtures("methods")
@pytest.mark.parametrize(("form", "start"), [("latex", r"\begin{table}"), ("html", "<!DOCTYPE html>")])
def test_other_formats(capsys: pytest.CaptureFixture[str], file: str, form: str, start: str) -> None:
    assert command.main([file, file, "--format", form]) == 0
    out = capsys.readouterr().out
    assert out.startswith(start)
    assert out.count("heuristic") >= 2


@pytest.mark.usefixtures("methods")
def test_out_keeps_instances_of_the_same_name_apart(
    capsys: pytest.CaptureFixture[str], file: str, tmp_path: Path
) -> None:
    (tmp_path / "other").mkdir()
    other = str(tmp_path / "other" / "small.json")
    save(fakes.instance("small", users=3), other)
    out = tmp_path / "deep" / "out"
    assert command.main([file, other, "--out", str(out), "--seeds", "2"]) == 0
    stems = ("small_step_allocation", "small-2_step_allocation")
    expected = {f"{stem}.{ending}" for stem in stems for ending in ("csv", "tex", "html")}
    assert {path.name for path in out.iterdir()} == expected | {"results.json", "logs"}
    assert (out / "logs" / "small-2_step_allocation_heuristic.log").read_text() == "a log\n"
    records = json.loads((out / "results.json").read_text())
    assert [len(record["solution"]["a"]) for record in records] == [4] * 4 + [3] * 4
    assert f"small ({other}) - step allocation" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("function", "sentence"),
    [
        ("too_high_a_bound", "CHECK FAILED: the bound 1000000 of claiming lies above"),
        ("claims_infeasible", "CHECK FAILED: claiming claims that nothing is feasible"),
        ("over_the_limit", "claiming: the evaluator finds constraint 'step_limit' violated by 1"),
        ("fails", "claiming: RuntimeError: broken for a reason"),
    ],
)
def test_errors_and_contradictions_end_with_status_1(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], file: str, function: str, sentence: str
) -> None:
    use(monkeypatch, HEURISTIC, fakes.method("claiming", function, exact=True))
    assert command.main([file]) == 1
    assert sentence in capsys.readouterr().out
    assert command.main([file, "--format", "json"]) == 1
    out, err = capsys.readouterr()
    assert len(json.loads(out)) == 2
    assert ("CHECK FAILED" in err) == ("CHECK FAILED" in sentence)


@pytest.mark.parametrize("function", ["claims_infeasible", "nothing", "refuses"])
def test_infeasible_unknown_and_unsupported_rows_are_no_errors(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], file: str, function: str
) -> None:
    use(monkeypatch, fakes.method("only", function))
    assert command.main([file]) == 0
    assert "only" in capsys.readouterr().out


def test_tables_beside_the_comparison(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], file: str, tmp_path: Path
) -> None:
    working = AuxiliaryTable("count", "number of users", "fakes:users", "fakes:users_table", beside="heuristic")
    broken = AuxiliaryTable("broken", "what fails", "fakes:not_there", "fakes:users_table", beside="random")
    use(monkeypatch, HEURISTIC, RANDOM, auxiliary_tables=(working, broken))
    assert command.main([file, "--solvers", "heuristic", "--out", str(tmp_path / "out")]) == 0
    assert "small - number of users" in capsys.readouterr().out
    assert (tmp_path / "out" / "small_step_allocation_count.csv").read_text() == "users\n4\n"
    assert command.main([file]) == 1
    out = capsys.readouterr().out
    assert "small - what fails" in out
    assert "no attribute 'not_there'" in out


def test_a_failed_check_in_a_table_beside_the_comparison(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], file: str
) -> None:
    alarming = AuxiliaryTable("count", "users", "fakes:users", "fakes:alarming_table", beside="heuristic")
    use(monkeypatch, HEURISTIC, auxiliary_tables=(alarming,))
    assert command.main([file, "--format", "csv"]) == 1
    assert "diffload: small - users: CHECK FAILED: too many\n" in capsys.readouterr().err


@pytest.mark.usefixtures("methods")
@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ([], "at least one instance file"),
        (["FILE", "--solvers", "heuristic,nobody"], "unknown method 'nobody', expected one of heuristic, random"),
        (["FILE", "--solvers", ","], "--solvers"),
        (["FILE", "--problem", "knapsack"], "unknown problem 'knapsack', expected one of step_allocation"),
        (["FILE", "--format", "pdf"], "--format"),
        (["FILE", "--time-limit", "-1"], "--time-limit"),
        (["FILE", "--time-limit", "0"], "--time-limit"),
        (["FILE", "--time-limit", "nan"], "--time-limit"),
        (["FILE", "--time-limit", "inf"], "--time-limit"),
        (["FILE", "--time-limit", "soon"], "--time-limit"),
        (["FILE", "--gap", "1"], "--gap"),
        (["FILE", "--gap", "-0.1"], "--gap"),
        (["FILE", "--gap", "nan"], "--gap"),
        (["FILE", "--seeds", "0"], "--seeds"),
        (["FILE", "--seeds", "2.5"], "--seeds"),
        (["FILE", "--seed", "-1"], "--seed"),
        (["FILE", "--seed", str(2**31 - 1)], "seeds up to 2147483647"),
        (["FILE", "--threads", "0"], "--threads"),
        (["FILE", "--nonsense"], "--nonsense"),
        (["FILE", "--gap"], "--gap"),
        (["FILE", "--out", "FILE"], "cannot write to"),
        (["FILE", "--out", "FILE/below"], "cannot write to"),
        (["FILE", "two\nlines.json"], "two\\nlines.json"),
        (["FILE", "missing.json"], "missing.json"),
    ],
)
def test_what_cannot_be_used_is_one_sentence(
    capsys: pytest.CaptureFixture[str], file: str, arguments: list[str], words: str
) -> None:
    assert words in refused(capsys, [part.replace("FILE", file) for part in arguments])


def test_a_solver_of_another_problem_is_refused(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], file: str
) -> None:
    use(monkeypatch, HEURISTIC, Method("elsewhere", "split_offloading", "P1", "fakes:heuristic", ""))
    assert "no solver named solves step_allocation" in refused(capsys, [file, "--solvers", "elsewhere"])
    assert command.main([file, "--solvers", "elsewhere,heuristic"]) == 0


@pytest.mark.usefixtures("methods")
@pytest.mark.parametrize("case", malformed_instances(), ids=lambda case: case.label)
def test_malformed_instances_are_refused_before_anything_runs(
    capsys: pytest.CaptureFixture[str], file: str, tmp_path: Path, case: Malformed
) -> None:
    bad = tmp_path / case.file
    bad.write_bytes(case.data)
    sentence = refused(capsys, [file, str(bad), "--out", str(tmp_path / "out")])
    assert str(bad) in sentence
    assert case.place in sentence
    assert case.expected in sentence
    assert not (tmp_path / "out").exists()


@pytest.mark.usefixtures("methods")
def test_flags_and_files_in_any_order(capsys: pytest.CaptureFixture[str], file: str) -> None:
    assert command.main([file, "--solvers", "heuristic", file, "--format", "csv"]) == 0
    assert len(capsys.readouterr().out.splitlines()) == 3


def test_help_list_and_version(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        command.main(["--help"])
    assert ended.value.code == 0
    assert "--time-limit" in capsys.readouterr().out
    assert command.main(["--list"]) == 0
    assert "price-search" in capsys.readouterr().out
    assert command.main(["--version"]) == 0
    assert capsys.readouterr().out.startswith("diffload ")


def test_ctrl_c_in_a_quick_method_keeps_what_is_done(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], file: str, tmp_path: Path
) -> None:
    use(monkeypatch, HEURISTIC, fakes.method("interrupting", "interrupts"), BOUNDING)
    assert command.main([file, file, "--out", str(tmp_path / "out")]) == 130
    assert "interrupted before these were done: interrupting, bounding" in capsys.readouterr().out
    assert [item["solver"] for item in json.loads((tmp_path / "out" / "results.json").read_text())] == [
        "heuristic"
    ]


HANGING = f"""
import signal, sys
signal.signal(signal.SIGINT, signal.default_int_handler)  # a background job of a script inherits it ignored
sys.path[:0] = {fakes.SEARCH_PATH}
import fakes
from formulations.runtime import program
from reports.comparison.command import main
fakes.register(
    fakes.method("heuristic", "heuristic"),
    fakes.method("hanging", "hangs", isolated=True),
    fakes.method("hanging-too", "hangs", isolated=True),
    fakes.method("hanging-last", "hangs", isolated=True),
)
sys.exit(program.run(main))
"""


@pytest.mark.parametrize(("number", "status"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_a_signal_while_solvers_run_keeps_what_is_done_and_leaves_no_child(
    file: str, tmp_path: Path, number: signal.Signals, status: int
) -> None:
    marker = tmp_path / "running"
    process = subprocess.Popen(
        [sys.executable, "-c", HANGING, file, "--out", str(tmp_path / "out")],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=os.environ | {"FAKE_HANGS": str(marker)},
        text=True,
    )
    deadline = time.monotonic() + 30.0
    while not (marker.exists() and marker.read_text()) and time.monotonic() < deadline:
        time.sleep(0.02)
    child = int(marker.read_text())
    process.send_signal(number)
    out, err = process.communicate(timeout=20.0)
    assert process.returncode == status, err
    assert "heuristic" in out
    assert "interrupted before these were done: hanging, hanging-too, hanging-last" in out
    assert "Traceback" not in err
    assert [item["solver"] for item in json.loads((tmp_path / "out" / "results.json").read_text())] == [
        "heuristic"
    ]
    with pytest.raises(ProcessLookupError):
        os.kill(child, 0)


def python(*arguments: str, **options: object) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "solvers.compare", *arguments],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def test_a_reader_that_goes_away_is_no_error(file: str) -> None:
    for form in ("table", "json"):
        process = subprocess.Popen(
            [sys.executable, "-m", "solvers.compare", file, "--solvers", "all-local", "--format", form],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.close()
        assert beside_first_run(process.stderr.read()) == ""
        assert process.wait(timeout=60) == 0


def test_the_module_is_the_command(file: str, tmp_path: Path) -> None:
    ran = python(file, "--solvers", "all-local", "--format", "csv")
    assert (ran.returncode, beside_first_run(ran.stderr)) == (0, "")
    assert ran.stdout.splitlines()[1].startswith("small,step_allocation,all-local,P1,feasible,")
    (tmp_path / "bad.json").write_text("{")
    ran = python(str(tmp_path / "bad.json"))
    assert (ran.returncode, ran.stdout, ran.stderr.count("\n")) == (2, "", 1)
    assert ran.stderr.startswith(f"diffload: {tmp_path / 'bad.json'}: ")


def test_help_imports_nothing_heavy() -> None:
    code = "import sys; sys.argv = ['compare', '--help']\nfrom reports.comparison.command import main\n"
    code += "try:\n    main()\nexcept SystemExit:\n    pass\n"
    code += "print(sorted({'numpy', 'pydantic', 'pandas', 'rich', 'pyomo', 'cvxpy'} & set(sys.modules)))"
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert ran.stdout.endswith("[]\n")


@pytest.mark.usefixtures("methods")
@pytest.mark.parametrize("form", ["table", "csv", "json", "latex", "html"])
def test_equally_named_instances_are_told_apart_in_every_format(
    form: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    files = [str(tmp_path / name) for name in ("one.json", "two.json")]
    for file in files:
        save(fakes.instance("same"), file)
    out = tmp_path / "out"
    arguments = ["--solvers", "heuristic", "--format", form, "--out", str(out)]
    assert command.main([*files, files[0], *arguments]) == 0
    printed = capsys.readouterr().out.replace("\\_", "_")
    names = [f"same ({files[0]})", f"same ({files[1]})", f"same ({files[0]}) #2"]
    for name in names:
        assert name in printed.replace("\\#", "#")
    assert [record["instance"] for record in json.loads((out / "results.json").read_text())] == names


@pytest.mark.usefixtures("methods")
def test_long_names_and_names_of_files_with_control_characters_stop_nothing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    files = [str(tmp_path / name) for name in ("a\x1b[31m\n.json", "b.json", "c.json")]
    for file, name in zip(files, ["same", "same", "\N{ROCKET}" * 100], strict=True):
        save(fakes.instance(name), file)
    out = tmp_path / "out"
    assert command.main([*files, "--solvers", "heuristic", "--out", str(out)]) == 0
    out_text, err = capsys.readouterr()
    assert all(line.isprintable() for line in (out_text + err).split("\n"))
    assert "a\\x1b[31m\\n.json" in out_text
    assert len(list(out.glob("*.csv"))) == 3


def test_results_are_kept_where_nothing_can_be_printed(file: str, tmp_path: Path) -> None:
    command_line = [sys.executable, "-m", "solvers.compare", file, file, "--solvers", "all-local"]
    for number, form in enumerate(("table", "json")):
        out = tmp_path / str(number)
        with open("/dev/full", "w") as full:
            ran = subprocess.run(
                [*command_line, "--format", form, "--out", str(out)],
                stdout=full,
                stderr=subprocess.PIPE,
                text=True,
                timeout=60,
                check=False,
            )
        assert (ran.returncode, beside_first_run(ran.stderr)) == (1, f"diffload: the files are in {out}\n{FULL}")
        assert [item["solver"] for item in json.loads((out / "results.json").read_text())] == ["all-local"] * 2
        assert (out / "small_step_allocation.csv").exists()


FULL = "diffload: cannot write to standard output (No space left on device)\n"


@pytest.mark.usefixtures("methods")
def test_of_two_runs_into_one_folder_the_second_is_refused(
    capsys: pytest.CaptureFixture[str], file: str, tmp_path: Path
) -> None:
    out = tmp_path / "out"
    with folder.held(out):
        assert "another run is writing into this folder" in refused(capsys, [file, "--out", str(out)])
    assert list(out.iterdir()) == []
    assert command.main([file, "--out", str(out)]) == 0


def test_names_in_a_locale_without_their_letters(tmp_path: Path) -> None:
    path = tmp_path / "small.json"
    save(fakes.instance("né→"), path)
    ascii_only = {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0", "PYTHONIOENCODING": "ascii"}
    command_line = [sys.executable, "-m", "solvers.compare", str(path), "--solvers", "all-local"]
    ran = subprocess.run(
        [*command_line, "--out", str(tmp_path / "größer")],
        env=os.environ | ascii_only,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    told = f"diffload: the files are in {tmp_path}/gr\\udcc3\\udcb6\\udcc3\\udc9fer\n"
    assert (ran.returncode, beside_first_run(ran.stderr)) == (0, told)
    assert ran.stdout.startswith("n\\xe9\\u2192 - step allocation")
    assert (tmp_path / "größer" / "n_step_allocation.csv").exists()
    assert json.loads((tmp_path / "größer" / "results.json").read_text())[0]["instance"] == "né→"


@pytest.mark.skipif(sys.platform != "linux", reason="limits the address space")
@pytest.mark.parametrize("module", ["solvers.compare", "reports.gaps"])
def test_too_little_address_space_is_refused_at_once_in_one_sentence(module: str) -> None:
    """Without the check the command was seen to hang for minutes as it loads."""
    command = f"ulimit -v 400000; exec {sys.executable} -m {module} instances/n10.json --out unused"
    ran = subprocess.run(["bash", "-c", command], capture_output=True, text=True, timeout=30.0)
    assert ran.returncode == 2
    assert "at least 1000000 KiB (ulimit -v), got 400000 KiB" in ran.stderr
    assert len(ran.stderr.splitlines()) == 1
