"""The statements, and what the page says of each beside its measurement, read from ``words.toml``."""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import NamedTuple

from reports.papers.audit.claim import Claim, Finding, Size


class Words(NamedTuple):
    """Words about a statement; empty where there are none.

    Attributes
    ----------
    paper, section, statement : str
        Which paper says it, where, and what in our words.
    heading : str
        What the page calls it.
    quote : str
        The paper's own words.
    would_change : str
        What would change the verdict.
    for_the_authors : str
        The best case that can be made for a statement that does not hold.
    """

    paper: str
    section: str
    statement: str
    heading: str
    quote: str = ""
    would_change: str = ""
    for_the_authors: str = ""


WORDS: Mapping[str, Words] = {
    name: Words(**words)
    for name, words in tomllib.loads(Path(__file__).with_suffix(".toml").read_text(encoding="utf-8")).items()
}
"""By the name of the statement."""


def claims(checks: Mapping[str, Callable[[Size], Finding]]) -> tuple[Claim, ...]:
    """Return statements with what measures each, by their names."""
    return tuple(Claim(name, *WORDS[name][:3], check) for name, check in checks.items())
