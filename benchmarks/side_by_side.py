"""Our call and a peer's side by side: by the clock and by the processor, the peer with and without building.

Two ratios of processor times say what they time. ``call`` is our call on loaded data against the peer's solving
alone; ``solve`` is ``diffload.solve()`` as a user calls it, which validates and evaluates, too, against the
peer that builds its model and solves it. All times behind them, by the clock as well, are in the context.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from statistics import median
from time import perf_counter, process_time
from typing import Any, NamedTuple

from benchmarks.ratio import Aim, Ratio
from solvers.core.limits import Limits
from solvers.core.result import TIME_LIMIT, Outcome

AT_LEAST = "times at least"
"""Unit of a ratio to a peer that was cut off: how large it is depends on the time that was given."""

SHORTEST = 1e-9
"""Least time that is divided by [s]: some systems count a process's time in ticks."""

Solve = Callable[[Any, Limits, int], Outcome]


class Seconds(NamedTuple):
    """Time of a call, all threads of this process together where it is the processor's."""

    clock: float
    processor: float

    def less(self, other: Seconds) -> Seconds:
        """What is left of it without a part."""
        return Seconds(max(0.0, self.clock - other.clock), max(0.0, self.processor - other.processor))


class Peer(NamedTuple):
    """What a peer takes with and without building, and what it found."""

    whole: Seconds
    solving: Seconds
    outcome: Outcome

    @property
    def finished(self) -> bool:
        """Whether it ended before its time limit."""
        return finished(self.outcome)


def finished(outcome: Outcome) -> bool:
    """Whether a method ended before its time limit."""
    return TIME_LIMIT not in outcome.reason


def combined(each: Iterable[Seconds], how: Callable[[Iterable[float]], float] = median) -> Seconds:
    """The median, or the sum, of several times."""
    clock, processor = zip(*each, strict=True)
    return Seconds(how(clock), how(processor))


def seconds(work: Callable[[], object], least: float = 0.0) -> Seconds:
    """Mean time of the calls that take so long together, of one at least."""
    clock, processor, calls, taken = perf_counter(), process_time(), 0, 0.0
    while taken < least or not calls:
        work()
        calls, taken = calls + 1, perf_counter() - clock
    return Seconds(taken / calls, (process_time() - processor) / calls)


def ratios(
    name: str,
    what: str,
    ours: tuple[Seconds, Seconds],
    theirs: tuple[Seconds, Seconds],
    *,
    limit: str,
    cut_off: bool,
    aim: Aim | None = None,
    context: Mapping[str, float | str],
) -> Iterator[Ratio]:
    """Both ratios.

    Parameters
    ----------
    name, what, limit, context
        See :class:`.ratio.Ratio`.
    ours : pair of Seconds
        Our call on loaded data, and ``diffload.solve()``.
    theirs : pair of Seconds
        The peer's solving alone, and with building.
    cut_off : bool
        Whether the peer reached its limit. The ratio is a lower bound then, and no aim counts.
    aim : Aim, optional
        Of the first ratio.
    """
    behind = dict(context)
    for who, times in zip(
        ("own", "diffload.solve()", "peer without building", "peer"), (*ours, *theirs), strict=True
    ):
        behind |= {f"{who} s": times.clock, f"{who} CPU s": times.processor}
    kinds = (
        ("call", "call on loaded data, peer without building", None if cut_off else aim),
        ("solve", "diffload.solve(), peer with building", None),
    )
    for (kind, timed, aimed), own, other in zip(kinds, ours, theirs, strict=True):
        value = other.processor / max(own.processor, SHORTEST)
        unit = AT_LEAST if cut_off else "times"
        yield Ratio(f"{name}/{kind}", f"{what}: {timed}", value, unit, limit, aimed, behind)
