"""Limits of a solve: time, gap and threads."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NoReturn

from formulations.fields import as_number, plain, show
from formulations.runtime.command_line import LARGEST_SEED as LARGEST_SEED
from formulations.runtime.command_line import MOST_THREADS as MOST_THREADS
from formulations.runtime.moved import renamed

GRACE_SECONDS = 2.0
"""Time beyond its limit after which an isolated solve is killed (model building included)."""


FORMER = "time_seconds"
"""Former name of the time limit, in plug-ins and files."""


@dataclass(frozen=True)
class Limits:
    """What a method may spend and how close it has to come.

    Attributes
    ----------
    time_limit : float
        Wall-clock time for building and solving [s].
    gap : float
        Relative gap at which the method may stop, as a fraction of its objective.
    threads : int
        Threads of an external solver, and of our own methods for very many users or snapshots.

    Raises
    ------
    TypeError
        If one is no number.
    ValueError
        If one is negative or not a number, or there is no thread.

    Examples
    --------
    >>> import diffload
    >>> diffload.solve("n10", limits=diffload.Limits(time_limit=5.0, gap=1e-4)).status
    <Status.OPTIMAL: 'optimal'>
    """

    time_limit: float = 15.0
    gap: float = 1e-6
    threads: int = 1

    if not TYPE_CHECKING:

        def __getattr__(self, name: str) -> NoReturn:
            now = f": '{FORMER}' is now 'time_limit'" if name == FORMER else ""
            raise AttributeError(f"Limits has no attribute '{name}'{now}", name=name, obj=self)

    def __post_init__(self) -> None:
        for name, expected in (("time_limit", "seconds"), ("gap", "a fraction")):
            number = as_number(getattr(self, name))
            if number is None:
                raise TypeError(f"{name}: expected {expected}, got {show(getattr(self, name))}")
            if not number >= 0.0:
                raise ValueError(f"{name}: expected {expected} >= 0, got {show(getattr(self, name))}")
            object.__setattr__(self, name, number)
        threads = plain(self.threads)
        if isinstance(threads, bool) or not isinstance(threads, int):
            raise TypeError(f"threads: expected a whole number, got {show(self.threads)}")
        if not 1 <= threads <= MOST_THREADS:
            raise ValueError(f"threads: expected 1 to {MOST_THREADS}, got {threads}")
        object.__setattr__(self, "threads", threads)


Limits.__init__ = renamed(**{FORMER: "time_limit"})(Limits.__init__)  # type: ignore[method-assign]


def limits_of(
    limits: Limits | None = None,
    *,
    time_limit: float | None = None,
    gap: float | None = None,
    threads: int | None = None,
    usual_seconds: float = Limits.time_limit,
) -> Limits:
    """Return the limits that a call asks for, by ``limits`` or one by one.

    Parameters
    ----------
    limits : Limits, optional
        All at once.
    time_limit : float, optional
        Seconds above 0.
    gap : float, optional
        A fraction from 0 to below 1.
    threads : int, optional
        At least 1.
    usual_seconds : float
        Time limit where none is asked for.

    Raises
    ------
    TypeError
        If one is of another type, or ``limits`` and one of the others are given.
    ValueError
        If one is out of its range.
    """
    single = {"time_limit": time_limit, "gap": gap, "threads": threads}
    given = [name for name, value in single.items() if value is not None]
    if limits is not None:
        if not isinstance(limits, Limits):
            raise TypeError(f"limits: expected Limits(...), got {show(limits)}")
        if given:
            raise TypeError(f"{given[0]}: expected either limits or {given[0]}, got both")
        return limits
    if time_limit is not None:
        seconds = as_number(time_limit)
        if seconds is None:
            raise TypeError(f"time_limit: expected seconds, got {show(time_limit)}")
        if not seconds > 0.0:
            raise ValueError(f"time_limit: expected seconds above 0, got {show(time_limit)}")
    fraction = as_number(gap)
    if fraction is not None and not 0.0 <= fraction < 1.0:
        raise ValueError(f"gap: expected a fraction from 0 to below 1, got {show(gap)}")
    usual = Limits()
    return Limits(
        usual_seconds if time_limit is None else time_limit,
        usual.gap if gap is None else gap,
        usual.threads if threads is None else threads,
    )


def whole_number(name: str, value: object, least: int, most: int) -> int:
    """Return an argument that has to be a whole number in a range.

    Raises
    ------
    TypeError
        If it is none.
    ValueError
        If it is out of the range.
    """
    number = plain(value)
    if isinstance(number, bool) or not isinstance(number, int):
        raise TypeError(f"{name}: expected a whole number, got {show(value)}")
    if not least <= number <= most:
        raise ValueError(f"{name}: expected a whole number from {least} to {most}, got {number}")
    return number


def positive(name: str, value: object, what: str, most: float) -> float:
    """Return an argument that has to be a number above 0, of ``what``.

    Raises
    ------
    TypeError
        If it is no number.
    ValueError
        If it is not above 0, or above ``most``.
    """
    number = as_number(value)
    if number is None:
        raise TypeError(f"{name}: expected {what}, got {show(value)}")
    if not 0.0 < number <= most:
        raise ValueError(f"{name}: expected {what} above 0 and up to {most:g}, got {show(value)}")
    return number


def seed_of(seed: object) -> int:
    """Return the seed of a call, see :func:`whole_number`."""
    return whole_number("seed", seed, 0, LARGEST_SEED)


def name_of(argument: str, value: object, expected: str) -> str:
    """Return an argument that has to be a name.

    Raises
    ------
    TypeError
        If it is no text.
    """
    if not isinstance(value, str):
        raise TypeError(f"{argument}: expected {expected}, got {_kind(value)}")
    return value


def _kind(value: object) -> str:
    """What was given, without the rows of a column or table."""
    return show(value) if isinstance(value, int | float | list | tuple | dict | None) else type(value).__name__
