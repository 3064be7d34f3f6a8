"""Records by key in a file of JSON lines, appended as they come, so that an interrupted run can go on."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any


@dataclass
class Lines:
    """Records by key, in memory alone where there is no file.

    Attributes
    ----------
    path : Path or None
        The file. A last line that a killed run left half written is cut off.
    known : dict
        Every record by its key.
    """

    path: Path | None = None
    known: dict[str, Mapping[str, Any]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if self.path is None or not self.path.exists():
            return
        text = self.path.read_bytes()
        whole, newline, _ = text.rpartition(b"\n")
        for line in whole.splitlines():
            entry = json.loads(line)
            self.known[entry["key"]] = entry["record"]
        if len(whole) + len(newline) < len(text):
            os.truncate(self.path, len(whole) + len(newline))

    def add(self, key: str, record: Mapping[str, Any]) -> None:
        """Keep a record; the file holds the whole line or nothing of it."""
        self.known[key] = record
        if self.path is None:
            return
        self.path.parent.mkdir(parents=True, exist_ok=True)
        file = os.open(self.path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o644)
        try:
            os.write(file, (json.dumps({"key": key, "record": record}) + "\n").encode())
        finally:
            os.close(file)
