"""The commands that the pages show: each exists, and those that need no other machine run as printed."""

from __future__ import annotations

import importlib
import io
import os
import re
import subprocess
import sys
from contextlib import redirect_stdout
from functools import cache
from glob import glob
from importlib.util import find_spec
from pathlib import Path

import pytest
from shell_blocks import PAGES, ROOT, Command, commands, files

from solvers.core import registry

ALL = [command for page in PAGES for command in commands(page)]

NOT_RUN = {
    r"pip ": "installs",
    r"pytest|\.ci/|tests/": "is the tests themselves",
    r"sphinx": "builds the site, which other tests read",
    r"benchmarks|--full|\.readme|measurement|ablat|docs/per_dqn": "measures for minutes to hours",
    r"per_dqn\.train": "trains for minutes to hours: tests/solvers/split_offloading/per_dqn does with fewer steps",
    r"calibrate|my_devices": "measures a device for minutes",
    r"--scheduler|slurm|sharded": "needs a cluster: test_sweeps_page.py, test_scale_page.py",
    r"instances/\*\.json": "takes minutes: tests/reports/gap_report sweeps a few instances",
    r"cheapest-first|cache": "needs the package that the page shows: test_contributing.py",
}
"""What is not run here, and why."""


def program(command: Command) -> tuple[str, ...]:
    """The module of a command, and the subcommand of ``diffload``."""
    words = command.words if command.words[0] == "diffload" else command.words[2:]
    return tuple(words[: 2 if words[0] == "diffload" and not words[1].startswith("-") else 1])


@cache
def options_of(words: tuple[str, ...]) -> set[str]:
    """Options that the help of a command lists."""
    module, *subcommand = words
    name = "diffload.commands" if module == "diffload" else module
    door = importlib.import_module(name)
    if hasattr(door, "__path__") and not hasattr(door, "main"):
        door = importlib.import_module(f"{name}.__main__")
    printed = io.StringIO()
    with redirect_stdout(printed):
        try:
            status = door.main([*subcommand, "--help"])
        except SystemExit as ended:
            status = ended.code
    assert not status
    return set(re.findall(r"--[\w-]+", printed.getvalue()))


OURS = [
    command
    for command in ALL
    if command.words[0] == "diffload"
    or (
        command.words[:2] == ["python", "-m"]
        and (found := find_spec(command.words[2].partition(".")[0])) is not None
        and str(found.origin).startswith(str(ROOT))
    )
]


@pytest.mark.parametrize("command", OURS, ids=str)
def test_a_command_of_ours_has_the_options_that_the_page_shows(command: Command) -> None:
    shown = {word.partition("=")[0] for word in command.words if word.startswith("--")}
    words = program(command)
    assert words[0] == "diffload" or find_spec(words[0])
    assert not shown or shown <= options_of(words)


LONG = r"n30|subset_sum_24|multi|mine|two_users|--methods"
"""Commands that take more than some seconds, or read what those write."""


def runs() -> list[Command]:
    """Commands in blocks that are run, without repetitions."""
    found: dict[str, Command] = {}
    for command in ALL:
        if not command.inline and not any(re.search(pattern, command.text) for pattern in NOT_RUN):
            found.setdefault(command.text, command)
    return list(found.values())


def test_a_reason_not_to_run_a_command_has_its_command() -> None:
    assert [pattern for pattern in NOT_RUN if not any(re.search(pattern, command.text) for command in ALL)] == []


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the commands run one after another, beside the files that the pages show."""
    made = tmp_path_factory.mktemp("commands")
    (made / "instances").mkdir()
    for file in (ROOT / "instances").glob("*.json"):
        (made / "instances" / file.name).symlink_to(file)
    return made


@pytest.mark.parametrize(
    "command",
    [
        pytest.param(each, id=str(each), marks=[pytest.mark.long] if re.search(LONG, each.text) else [])
        for each in runs()
    ],
)
def test_a_command_runs_as_printed(command: Command, folder: Path) -> None:
    for name, text in files(ROOT / command.page).items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)
    words = [sys.executable, *command.words[1:]]
    if command.words[0] == "diffload":
        words[1:1] = ["-m", "diffload"]
    words = [each for word in words for each in (sorted(glob(word, root_dir=folder)) or [word])]
    done = subprocess.run(
        words,
        cwd=folder,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=1200,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip() or "--out" in command.words


def test_every_method_is_on_the_page_that_says_which_to_take() -> None:
    page = (ROOT / "docs" / "choose_a_method.md").read_text(encoding="utf-8")
    names = {method.name for method in registry.methods()}
    assert sorted(name for name in names if f"`{name}`" not in page) == []
