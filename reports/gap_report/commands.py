"""Stores the commands that filled the folder of a sweep, each once, in their order."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

from instances.storage.atomic import replacing

FILE = "commands.txt"


def read_commands(folder: Path) -> list[str]:
    """Return all commands, with bytes that are no text escaped; none where nothing was kept or can be read."""
    try:
        return [line.decode("utf-8", errors="backslashreplace") for line in _lines(folder / FILE)]
    except OSError:
        return []


def keep_command(folder: Path, command: str) -> Sequence[str]:
    """Add a command unless it is there already, and return a sentence where the file is damaged.

    Raises
    ------
    OSError
        If the file cannot be read or written.
    """
    path = folder / FILE
    known, line = _lines(path), os.fsencode(command)
    if line not in known:
        with replacing(path) as file:
            file.write(b"".join(each + b"\n" for each in (*known, line)))
    try:
        b"\n".join(known).decode("utf-8")
    except UnicodeDecodeError as fault:
        return [
            f"{path}: expected text in UTF-8, got byte {fault.start} that is none; its lines are kept as they are"
        ]
    return []


def _lines(path: Path) -> list[bytes]:
    return path.read_bytes().splitlines() if path.exists() else []
