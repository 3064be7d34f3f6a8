"""Run a command again and again, each time killed at one more access to a file, and note what is left.

Arguments: module with ``main``, folder that is watched, words of the command, words of a first run, file for the
answer. A process of its own, because it forks and must have no threads.
"""

from __future__ import annotations

import builtins
import io
import json
import os
import shutil
import signal
import sys
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import Any

import fakes

ACCESSES = {"open", "os.rename", "os.remove", "os.mkdir", "os.rmdir", "os.truncate", "os.listdir", "shutil.rmtree"}
"""Events of Python's audit hooks that come right before a file or a folder changes."""


def contents(folder: Path) -> dict[str, bytes]:
    """All files that a reader would look at."""
    found = {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    return {name: data for name, data in found.items() if ".partial" not in name}


def restore(folder: Path, files: dict[str, bytes]) -> None:
    shutil.rmtree(folder)
    folder.mkdir()
    for name, data in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(data)


def forked(command: Any, words: list[str], folder: Path, accesses: float) -> bool:
    """Run the command in a child that dies when it has made this many accesses to the folder; whether it died."""
    child = os.fork()
    if child:
        return os.WIFSIGNALED(os.waitpid(child, 0)[1])
    made = 0

    def count(*details: Any) -> None:
        nonlocal made
        if any(str(item).startswith(str(folder)) for item in details):
            made += 1
            if made > accesses:
                os.kill(os.getpid(), signal.SIGKILL)

    def and_count(opening: Callable[..., Any]) -> Callable[..., Any]:
        def opened(*arguments: Any, **options: Any) -> Any:
            file = opening(*arguments, **options)
            count(*arguments)
            return file

        return opened

    for module in (builtins, io, os):
        module.open = and_count(module.open)  # type: ignore[attr-defined]
    sys.addaudithook(lambda event, details: count(*details) if event in ACCESSES else None)
    command(words)
    os._exit(0)


def main(module: str, watched: str, words: str, first: str, answer: str) -> None:
    command, folder = import_module(module).main, Path(watched)
    fakes.register(fakes.method("heuristic", "heuristic"), fakes.method("random", "randomised", random=True))
    quiet = os.open(os.devnull, os.O_WRONLY)
    os.dup2(quiet, 1)
    forked(command, json.loads(first), folder, float("inf"))
    old = contents(folder)
    left = []
    while forked(command, json.loads(words), folder, len(left)):
        left.append(contents(folder))
        restore(folder, old)
    new = contents(folder)
    names = sorted({*old, *new})
    whole = [
        all(_is_whole(name, files.get(name), old.get(name), new.get(name)) for name in names) for files in left
    ]
    strange = sorted({name for files in left for name in files} - set(names))
    document = {"kills": len(left), "whole": sum(whole), "strange": strange, "changed": old != new}
    Path(answer).write_text(json.dumps(document))


def _is_whole(name: str, found: bytes | None, old: bytes | None, new: bytes | None) -> bool:
    """Whether a file is the old one or the new one; a ledger may also end after any of its lines."""
    if name.endswith(".jsonl") and found is not None and new is not None:
        return new.startswith(found) and found.startswith(old or b"") and found[-1:] in (b"", b"\n")
    return found in (old, new)


if __name__ == "__main__":
    main(*sys.argv[1:])
