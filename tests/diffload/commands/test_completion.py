"""Completion in the shell: which arguments complete to what."""

from __future__ import annotations

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
