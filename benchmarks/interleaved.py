"""Two works side by side by processor time, in turn: a ratio with its spread, fair on a machine that is shared."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from statistics import median

from benchmarks.ratio import Aim, Ratio

REPETITIONS = 7
"""Turns of both works, at least."""

Work = Callable[[], object]


COARSE_SECONDS = 0.1
"""Below it the processor time of a process counts in ticks on some systems; that of one thread never does."""


def processor_seconds(work: Work, calls: int = 1) -> float:
    """Processor time of one call, with all threads of this process where it is long [s]; calls are averaged."""
    process, thread = time.process_time(), time.thread_time()
    for _ in range(calls):
        work()
    process, thread = time.process_time() - process, time.thread_time() - thread
    return max(thread, process if process >= COARSE_SECONDS else 0.0) / calls


def interleaved(
    name: str,
    what: str,
    work: Work,
    against: Work,
    *,
    peer: str,
    aim: Aim | None,
    calls: int = 1,
    peer_calls: int = 1,
    limit_seconds: float = float("nan"),
    context: Mapping[str, float | str] | None = None,
) -> Ratio:
    """How often the peer's time one work takes, or the other way round, as the sense of the aim says.

    Parameters
    ----------
    name, what, peer, aim
        See :class:`.ratio.Ratio`; where the aim is "at most", the value is our time in units of the peer's.
    work, against : callable
        Both works.
    calls, peer_calls : int
        Calls of each in one turn: short ones need more.
    limit_seconds : float
        Least time that the work can take on this machine [s].
    context : mapping, optional
        What else stands behind it.
    """
    work(), against()
    ours, theirs = [], []
    for _ in range(REPETITIONS):
        ours.append(processor_seconds(work, calls))
        theirs.append(processor_seconds(against, peer_calls))
    faster = aim is None or aim.sense == "at least"
    ratios = [b / a if faster else a / b for a, b in zip(ours, theirs, strict=True)]
    behind: dict[str, float | str] = {"least": min(ratios), "most": max(ratios)}
    behind |= {"CPU s": median(ours), "peer CPU s": median(theirs)}
    if limit_seconds == limit_seconds:
        behind |= {"limit s": limit_seconds, "share of limit": limit_seconds / median(ours)}
    return Ratio(name, what, median(ratios), limit=peer, aim=aim, context=behind | dict(context or {}))


def rate(name: str, what: str, work: Work, items: int, aim: Aim, limit_seconds: float = float("nan")) -> Ratio:
    """Items a second of processor time: the median of repeated calls, with its spread."""
    work()
    rates = [items / processor_seconds(work) for _ in range(REPETITIONS)]
    behind: dict[str, float | str] = {"least": min(rates), "most": max(rates), "CPU s": items / median(rates)}
    if limit_seconds == limit_seconds:
        behind |= {"limit s": limit_seconds, "share of limit": limit_seconds * median(rates) / items}
    return Ratio(name, what, median(rates), "a CPU second", aim=aim, context=behind)
