"""Makes parts of file names that every file system accepts."""

from __future__ import annotations

import re
import unicodedata

LONGEST = 100
"""Most bytes of a stem: most systems allow 255 for a name, and something may stand around the stem."""


def stem(name: str) -> str:
    """Return a file name without ending for something of this name; different names may have the same.

    Letters, digits and ``.+-`` stay; signs alone are spelled out.

    >>> stem("n 30: \u20ac"), stem("\U0001f680")
    ('n_30', 'rocket')
    """
    spelled = " ".join(unicodedata.name(character, "").lower() for character in name[:LONGEST])
    return _plain(name) or _plain(spelled) or "unnamed"


def _plain(text: str) -> str:
    return cut(re.sub(r"[^\w.+-]+", "_", text).strip("._"))


def cut(name: str) -> str:
    """Return the beginning of a name, of at most :data:`LONGEST` bytes in UTF-8."""
    return name.encode(errors="replace")[:LONGEST].decode(errors="ignore")
