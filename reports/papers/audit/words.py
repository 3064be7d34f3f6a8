"""What the page says of each statement beside its measurement, read from ``words.toml``."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple


class Words(NamedTuple):
    """Words about a statement; empty where there are none.

    Attributes
    ----------
    heading : str
        What the page calls it.
    quote : str
        The paper's own words.
    would_change : str
        What would change the verdict.
    for_the_authors : str
        The best case that can be made for a statement that does not hold.
    """

    heading: str
    quote: str = ""
    would_change: str = ""
    for_the_authors: str = ""


WORDS: Mapping[str, Words] = {
    name: Words(**words)
    for name, words in tomllib.loads(Path(__file__).with_suffix(".toml").read_text(encoding="utf-8")).items()
}
"""By the name of the statement."""
