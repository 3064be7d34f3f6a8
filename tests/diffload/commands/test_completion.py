"""Completion in the shell: which arguments complete to what."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import argcomplete
import pytest

from diffload.commands import SUBCOMMANDS, completion


def test_the_subcommand_on_the_line_gets_its_arguments_and_no_other_is_imported() -> None:
    parser = completion.parser("diffload compare n3")
    (chosen,) = (action for action in parser._actions if action.dest == "==SUPPRESS==")
    assert list(chosen.choices) == list(SUBCOMMANDS)
    options = {name: set(sub._option_string_actions) for name, sub in chosen.choices.items()}
    assert "--solvers" in options["compare"]
    assert options["gaps"] == {"-h", "--help"}


def test_an_open_quotation_mark_is_no_fault() -> None:
    completion.parser("diffload solve 'n3")


def test_instances_complete_to_names_and_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "n30_mine.json").touch()
    (tmp_path / "below").mkdir()
    (tmp_path / "below" / "other.json").touch()
    assert {"n30", "n30_tight", "n30_mine.json"} <= set(completion.instance_names("n30"))
    assert "n10" not in completion.instance_names("n30")
    assert "below/" in completion.instance_names("be")
    assert completion.instance_names("below/") == ["below/other.json"]


def test_methods_complete_after_a_comma() -> None:
    assert "random,price-search" in completion.method_names("random,pr")


def test_argcomplete_takes_the_parser(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    finder = argcomplete.CompletionFinder(
        completion.parser("diffload compare n30_t"), always_complete_options=False
    )
    found = finder._get_completions(["diffload", "compare"], "n30_t", "", None)
    assert [name.strip() for name in found] == ["n30_tight"]


BASH = """
eval "$1"
COMP_LINE=$2 COMP_POINT=${#2} COMP_TYPE=9 COMP_WORDS=($2)
[[ $2 == *" " ]] && COMP_WORDS+=("")
COMP_CWORD=$((${#COMP_WORDS[@]} - 1))
_python_argcomplete diffload
printf '%s\\n' "${COMPREPLY[@]}"
"""
"""What bash does as the key is pressed: the function that the line from the help defines is called."""


@pytest.mark.skipif(shutil.which("bash") is None, reason="there is no bash here")
@pytest.mark.parametrize(
    ("line", "offered"),
    [
        ("diffload so", {"solve"}),
        ("diffload solve n1", {"n10", "n100", "n1000", "n1_mine.json"}),
        ("diffload solve n10 --met", {"--method"}),
        ("diffload solve n10 --method price-s", {"price-search"}),
        ("diffload compare n10 --method price-search,sca-im", {"price-search,sca-improved"}),
        ("diffload n1_", {"n1_mine.json"}),
        ("diffload n10 --time", {"--time-limit"}),
        ("diffload --ver", {"--version"}),
        ("diffload list in", {"instances"}),
        ("diffload export n10 --model p1-c", {"p1-convex"}),
    ],
)
def test_bash_completes(line: str, offered: set[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    command = tmp_path / "bin" / "diffload"
    command.parent.mkdir()
    command.write_text(f"#!{sys.executable}\nfrom diffload.__main__ import script\nscript()\n", encoding="utf-8")
    command.chmod(0o755)
    (tmp_path / "n1_mine.json").touch()
    monkeypatch.setenv("PATH", os.pathsep.join([str(command.parent), os.environ["PATH"]]))
    words = ["bash", "-c", BASH, "bash", argcomplete.shellcode(["diffload"]), line]
    ran = subprocess.run(words, capture_output=True, text=True, check=True, cwd=tmp_path)
    assert set(ran.stdout.split()) == offered, ran.stderr
