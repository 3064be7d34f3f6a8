"""Makes parts of file names that every file system accepts."""

from __future__ import annotations

import re

LONGEST = 100
"""Most bytes of a stem: most systems allow 255 for a name, and something may stand around the stem."""


def stem(name: str) -> str:
    """A file name without ending for something of this name; different names may have the same."""
    return cut(re.sub(r"[^\w.+-]+", "_", name).strip("._")) or "unnamed"


def cut(name: str) -> str:
    """The beginning of a name, of at most :data:`LONGEST` bytes in UTF-8."""
    return name.encode(errors="replace")[:LONGEST].decode(errors="ignore")
