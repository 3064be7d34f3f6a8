"""The commands that a sweep's folder was filled by, each kept once, in their order."""

from __future__ import annotations

from pathlib import Path

from instances.atomic import replacing

FILE = "commands.txt"


def read_commands(folder: Path) -> list[str]:
    """All commands; none where nothing was kept."""
    path = folder / FILE
    return path.read_text("utf-8").splitlines() if path.exists() else []


def keep_command(folder: Path, command: str) -> None:
    """Add a command unless it is there already."""
    known = read_commands(folder)
    if command not in known:
        with replacing(folder / FILE) as file:
            file.write("".join(f"{line}\n" for line in (*known, command)).encode())
