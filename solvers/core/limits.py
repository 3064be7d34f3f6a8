"""Limits of a solve: time, gap and threads."""

from __future__ import annotations

from dataclasses import dataclass

GRACE_SECONDS = 2.0
"""Time beyond its limit after which an isolated solve is killed (model building included)."""


MOST_THREADS = 1024
"""Most threads that a run may ask for; HiGHS ends the process at several thousands."""


@dataclass(frozen=True)
class Limits:
    """What a method may spend and how close it has to come.

    Attributes
    ----------
    time_seconds : float
        Wall-clock time for building and solving [s].
    gap : float
        Relative gap at which the method may stop, as a fraction of its objective.
    threads : int
        Threads of an external solver, and of our own methods for very many users or snapshots.
    """

    time_seconds: float = 15.0
    gap: float = 1e-6
    threads: int = 1
