"""The instances that come with the package, by name, so that they are found from any folder."""

from __future__ import annotations

from pathlib import Path

FOLDER = Path(__file__).parents[1]
"""Where their files are."""


def names() -> tuple[str, ...]:
    """Return the name of every instance that comes with the package."""
    return tuple(sorted(path.stem for path in FOLDER.glob("*.json")))


def find(source: str) -> Path:
    """Return the file that a name means: the file of that name, or else the shipped instance of that name."""
    try:
        own = Path(source)
        if not own.is_file() and source in names():
            return FOLDER / f"{source}.json"
    except (OSError, ValueError):  # a name that no file can have, which reading it says
        pass
    return Path(source)
