"""Parser that the commands share; it refuses an argument in one sentence."""

from __future__ import annotations

import argparse
from typing import NoReturn

from instances.errors import one_line

UNUSABLE = 2
"""Exit status where an argument or a file cannot be used."""


class Parser(argparse.ArgumentParser):
    """Parser that ends the program with one sentence and :data:`UNUSABLE`."""

    def error(self, message: str) -> NoReturn:
        self.exit(UNUSABLE, one_line(f"{self.prog}: {message}") + "\n")


def names(text: str) -> tuple[str, ...]:
    """Names joined by commas."""
    found = tuple(part.strip() for part in text.split(",") if part.strip())
    if not found:
        raise argparse.ArgumentTypeError(f"expected names joined by commas, got '{text}'")
    return found


def whole(text: str) -> int:
    """One whole number."""
    try:
        return int(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"expected one whole number, got '{text}'") from None
