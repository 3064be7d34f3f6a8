"""Computed points of figures, kept as they come so that an interrupted run goes on where it stopped."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeAlias

Point: TypeAlias = Mapping[str, float]
"""Numbers of one run by name."""


@dataclass
class Points:
    """Points by key, appended to a file of JSON lines where there is one.

    Attributes
    ----------
    path : Path or None
        The file; a last line that a killed run left half written is passed over and written anew.
    """

    path: Path | None = None
    known: dict[str, Point] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if self.path is None or not self.path.exists():
            return
        text = self.path.read_bytes()
        whole, newline, _ = text.rpartition(b"\n")
        for line in whole.splitlines():
            record = json.loads(line)
            self.known[record["key"]] = record["point"]
        if len(whole) + len(newline) < len(text):
            os.truncate(self.path, len(whole) + len(newline))

    def get(self, key: str, compute: Callable[[], Point]) -> Point:
        """The point of a key, computed and kept where it is not known."""
        if key not in self.known:
            point = {name: float(value) for name, value in compute().items()}
            self.known[key] = point
            if self.path is not None:
                self._append({"key": key, "point": point})
        return self.known[key]

    def _append(self, record: Mapping[str, object]) -> None:
        assert self.path is not None
        self.path.parent.mkdir(parents=True, exist_ok=True)
        file = os.open(self.path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o644)
        try:
            os.write(file, (json.dumps(record) + "\n").encode())
        finally:
            os.close(file)
