"""The command ``diffload``: its subcommands, their help, and what it says of words that it does not know."""

from __future__ import annotations

import os
import subprocess
import sys
from importlib import import_module
from pathlib import Path

import pytest

from diffload.commands import SUBCOMMANDS, main
from instances import load

ROOT = Path(__file__).parents[3]

MODULES = (
    *("instances.calibrate", "instances.fit_pai", "instances.generate", "instances.json_schema"),
    *("instances.library", "reports.claims", "reports.figures", "reports.gaps", "reports.gqap_validation"),
    *("reports.per_dqn", "reports.per_dqn_ablations", "reports.readme", "reports.rolling_horizon"),
    *("solvers.compare", "solvers.export", "solvers.split_offloading.per_dqn.ablate"),
    *("solvers.split_offloading.per_dqn.measurement", "solvers.split_offloading.per_dqn.train"),
    *("solvers.step_allocation.check_certificates", "solvers.step_allocation.sensitivity"),
)
"""Everything that ``python -m`` runs."""


def refused(capsys: pytest.CaptureFixture[str], *words: str) -> str:
    """The one sentence with which the command refuses these words."""
    assert main(words) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith("diffload: ")
    assert err.count("\n") == 1
    return err


@pytest.mark.parametrize("name", SUBCOMMANDS)
def test_help_describes_every_option_and_status_and_has_an_example(
    name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        main([name, "--help"])
    assert ended.value.code == 0
    text = capsys.readouterr().out
    assert text.startswith(f"usage: diffload {name} ")
    assert f"example:\n  diffload {name}" in text
    statuses = text.partition("exit status:\n")[2].partition("\n\n")[0].splitlines()
    assert {int(line.split()[0]) for line in statuses} >= {0, 2, 130}
    command = SUBCOMMANDS[name].load()
    assert all(action.help for action in command.parser()._actions)


@pytest.mark.parametrize("name", SUBCOMMANDS)
def test_the_module_of_a_command_prints_the_same_help(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    module = SUBCOMMANDS[name].load().module
    if module.startswith("diffload "):  # no module of its own
        return
    with pytest.raises(SystemExit):
        main([name, "--help"])
    one = capsys.readouterr().out
    with pytest.raises(SystemExit):
        import_module(module).main(["--help"])
    other = capsys.readouterr().out
    assert one.replace(f"diffload {name}", "NAME").split() == other.replace(f"python -m {module}", "NAME").split()


@pytest.mark.parametrize("name", SUBCOMMANDS)
def test_examples_are_lines_that_the_parser_takes(name: str) -> None:
    command = SUBCOMMANDS[name].load()
    for words in command.example:
        command.parser().parse_intermixed_args(words.split())


def test_the_help_lists_every_subcommand(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--help"]) == 0
    text = capsys.readouterr().out
    assert all(f"\n  {name} " in text for name in SUBCOMMANDS)


def test_no_word_at_all_lists_the_commands(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--help"]) == 0
    asked = capsys.readouterr().out
    assert main([]) == 2
    assert capsys.readouterr() == ("", asked)
    assert "--version" in asked


def test_the_version_is_a_line(capsys: pytest.CaptureFixture[str]) -> None:
    from diffload import __version__

    assert main(["--version"]) == 0
    assert capsys.readouterr() == (f"diffload {__version__}\n", "")


def test_methods_have_one_option_in_every_command(capsys: pytest.CaptureFixture[str]) -> None:
    for words in (["compare", "n10"], ["solve", "n10"], ["simulate", "--intervals", "1"]):
        assert main([*words, "--method", "nobody"]) == 2
        assert "unknown method 'nobody'" in capsys.readouterr().err


def test_the_help_imports_no_subcommand() -> None:
    code = "import sys\nfrom diffload.commands import main\nmain(['--help'])\n"
    code += "print(sorted({'numpy', 'pydantic', 'pandas', 'rich', 'pyomo', 'cvxpy'} & set(sys.modules)))"
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT)
    assert ran.stdout.endswith("[]\n")


@pytest.mark.parametrize("module", MODULES)
def test_modules_show_their_help_and_refuse_an_unknown_option(module: str) -> None:
    """Those that take no argument too: they wrote their files whatever stood behind them."""
    code = f"""
import importlib, sys
module = importlib.import_module({module!r} + (".__main__" if {module!r}.endswith("measurement") else ""))
print(module.main(["--nonsense"]))
try:
    module.main(["--help"])
except SystemExit as ended:
    print(ended.code)
"""
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT)
    lines = ran.stdout.splitlines()
    assert (lines[0], lines[-1]) == ("2", "0")
    assert lines[1].startswith(f"usage: python -m {module}")
    assert ran.stderr.startswith("diffload: ")
    assert ran.stderr.count("\n") == 1


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["comapre", "n30"], "got 'comapre' (did you mean compare?)"),
        (["n31"], "(did you mean n30?)"),
        (["myinstanc"], "(did you mean myinstance?)"),
        (["compare", "n30", "--solvers", "price-serach"], "(did you mean price-search?)"),
        (["compare", "n30", "--sovlers", "kkt"], "(did you mean --solvers?)"),
        (["compare", "n3o"], "(did you mean n30?)"),
        (["solve", "n10", "--method", "all-locl"], "(did you mean all-local?)"),
        (["solve", "n30"], "poses several problems"),
        (["export", "n10", "--model", "p1-convx", "--out", "x.nl"], "(did you mean p1-convex?)"),
        (["list", "method"], "(did you mean methods?)"),
        (["compare"], "expected at least one instance file"),
    ],
)
def test_unknown_words(
    words: list[str],
    said: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    (tmp_path / "myinstance").touch()
    monkeypatch.chdir(tmp_path)
    assert said in refused(capsys, *words)


def test_names_of_the_library_from_any_folder_and_a_file_wins(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    chosen = ["--solvers", "all-local", "--format", "csv"]
    assert main(["n10", *chosen]) == 0
    assert capsys.readouterr().out.splitlines()[1].startswith("n10,step_allocation,all-local")
    (tmp_path / "n10").write_text((ROOT / "instances" / "n30_tight.json").read_text())
    assert main(["compare", "n10", *chosen]) == 0
    assert capsys.readouterr().out.splitlines()[1].startswith("n30_tight,step_allocation,all-local")


def test_solve_writes_what_check_reads(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    assert main(["solve", "n10", "--format", "json", "--out", "results"]) == 0
    out, err = capsys.readouterr()
    assert '"solver": "price-search"' in out
    assert err.endswith("diffload: the files are in results\n")
    assert main(["check", "n10", "results/results.json"]) == 0
    assert ": holds" in capsys.readouterr().out


def test_list(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["list"]) == 0
    text = capsys.readouterr().out
    assert all(
        word in text for word in ("price-search", "split_offloading", "latency_deadline", "n30_constrained")
    )
    assert main(["list", "instances"]) == 0
    listed = [line.split() for line in capsys.readouterr().out.splitlines()]
    assert ["n10", "step_allocation", "10"] in [words[:3] for words in listed]
    assert "price-search" not in [words[0] for words in listed if words]


@pytest.mark.parametrize("how", ["module", "script"])
def test_beside_files_that_bear_the_names_of_packages(how: str, tmp_path: Path) -> None:
    for name in ("solvers", "reports", "formulations", "numpy_is_not_ours"):
        (tmp_path / f"{name}.py").write_text("raise SystemExit('the wrong file')\n")
    (tmp_path / "instances").mkdir()
    (tmp_path / "instances" / "__init__.py").write_text("raise SystemExit('the wrong file')\n")
    load(ROOT / "instances" / "n10.json")
    code = "import sys; from diffload.__main__ import script; sys.exit(script())"
    start = ["-m", "diffload"] if how == "module" else ["-P", "-c", code]
    ran = subprocess.run(
        [sys.executable, *start, "compare", "n10", "--solvers", "all-local,scip-convex", "--time-limit", "10"],
        cwd=tmp_path,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=100,
        check=False,
    )
    assert (ran.returncode, "the wrong file" in ran.stderr) == (0, False), ran.stderr
    assert "scip-convex" in ran.stdout


def test_the_example_of_the_schema_writes_where_it_is_told_to(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    from instances.json_schema import main as write_schema
    from instances.json_schema import schema_text

    assert write_schema(["--out", str(tmp_path / "schema.json")]) == 0
    assert (tmp_path / "schema.json").read_text() == schema_text()
    assert capsys.readouterr().out == f"{tmp_path / 'schema.json'}\n"
