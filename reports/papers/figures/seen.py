"""What is seen in each picture, for readers who do not see it, read from ``seen.toml``."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from pathlib import Path

SEEN: Mapping[str, str] = tomllib.loads(Path(__file__).with_suffix(".toml").read_text(encoding="utf-8"))
"""By the name of the picture's file."""
