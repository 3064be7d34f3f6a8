"""A statement of a paper, what was measured about it, and the verdict that the measurement gives.

What the page says of each statement beside its measurement is read from ``words.toml``.
"""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import NamedTuple


class Verdict(StrEnum):
    """What a measurement says of a statement."""

    HOLDS = "holds"
    PART = "holds in part"
    FAILS = "does not hold"
    MISPRINT = "misprint"
    OPEN = "depends on what is unpublished"
    UNCHECKED = "not checkable here"


@dataclass(frozen=True)
class Ours:
    """The same check with our own network in the place of the paper's configuration."""

    verdict: Verdict
    measured: str


@dataclass(frozen=True)
class Finding:
    """What a check found.

    Attributes
    ----------
    verdict : Verdict
        Computed from the measurement.
    measured : str
        What was measured and what came out, in a sentence or two with units.
    instances : int
        How many instances it rests on; 0 where none were needed.
    evidence : Mapping
        The numbers behind it, by name.
    ours : Ours or None
        What our own network gives, where the statement is about the learned policy and the rest about the paper's.
    """

    verdict: Verdict
    measured: str
    instances: int
    evidence: Mapping[str, float] = field(default_factory=dict)
    ours: Ours | None = None


@dataclass(frozen=True)
class Size:
    """How much a check measures.

    Attributes
    ----------
    cases : int
        Random instances behind a share or a mean.
    """

    cases: int


@dataclass(frozen=True)
class Claim:
    """One statement.

    Attributes
    ----------
    name : str
        Short name, used in files and to select it.
    paper : str
        A or B.
    section : str
        Where the paper says it.
    statement : str
        The statement in our words.
    check : callable
        Measures it.
    """

    name: str
    paper: str
    section: str
    statement: str
    check: Callable[[Size], Finding]


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
    for name, words in tomllib.loads(Path(__file__).with_name("words.toml").read_text(encoding="utf-8")).items()
}
"""By the name of the statement."""


def claims(checks: Mapping[str, Callable[[Size], Finding]]) -> tuple[Claim, ...]:
    """Return statements with what measures each, by their names."""
    return tuple(Claim(name, *WORDS[name][:3], check) for name, check in checks.items())


def share_verdict(share: float, *, none_below: float = 0.0) -> Verdict:
    """Return the verdict from the share of cases in which a statement is true: all, none, or some of them.

    Parameters
    ----------
    share : float
        Between 0 and 1.
    none_below : float
        Share up to which a statement counts as not holding at all.
    """
    if share == 1.0:
        return Verdict.HOLDS
    return Verdict.FAILS if share <= none_below else Verdict.PART
