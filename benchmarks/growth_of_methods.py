"""How time and memory of every method grow with the number of users, and the largest size that each solves.

    python -m benchmarks.growth_of_methods [--quick]

Every method gets drawn instances of 10 users and more, each in a process of its own in which the method has run
before, until one takes longer than allowed by processor time: 60 s, or 2 s of a quick run. Exponents p of c N^p
are fitted to the logarithms where a run takes a millisecond at least, those of memory where it takes a megabyte
beyond what the process had before. ``largest`` is the largest size solved in that time; an exact method has to
prove the optimum.
"""

from __future__ import annotations

import ctypes
import sys
from collections.abc import Iterator, Mapping
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

from benchmarks.alone import alone
from benchmarks.growth import growth
from benchmarks.interleaved import processor_seconds
from benchmarks.ratio import Ratio
from diffload.sources import generate
from formulations.runtime.program import UsageError
from solvers.core import registry
from solvers.core.limits import Limits
from solvers.core.result import Outcome, Status
from solvers.core.run import attempt
from solvers.core.validation import validate
from solvers.processes import isolation

SECONDS = {True: 2.0, False: 60.0}
"""Processor time that one run may take [s], of a quick run and a full one."""

SMALLEST, LARGEST = 10, 3_000_000
"""Users of the first instance, and beyond how many there is no further one."""

BUSY = 4.0
"""Wall-clock time that a second of processor time may take on a busy machine [s]."""

COMPILING_SECONDS = 300.0
"""Wall-clock time that the first run of a method may take on a machine that has compiled nothing [s]."""

TWICE_SHARE = 0.25
"""Share of the processor time allowed below which a run is repeated."""

START_SECONDS = 30.0
"""Wall-clock time that loading and drawing may take beside a run [s]."""

RESET_PEAK = "5"
"""What makes Linux forget the most memory that a process held (proc(5), clear_refs)."""

FIT_FROM_SECONDS, FIT_FROM_MEGABYTES = 1e-3, 1.0

FURTHER: Mapping[str, Mapping[str, Any]] = {
    "gqap": {"servers": 5},
    "multi_edge_offloading": {"servers": 5},
    "dynamic-programme": {"integer_steps": True},
}
"""What else an instance of a problem, or for a method, is drawn by."""


class Point(NamedTuple):
    """One method on one instance."""

    users: int
    seconds: float
    """Processor time [s]."""
    megabytes: float
    """Most memory beyond what the process had before [MB]."""
    solved: bool


def ratios(quick: bool) -> Iterator[Ratio]:
    """The exponent of every method, with its times by size."""
    for method in registry.methods():
        yield of_method(method, points_of(method, SECONDS[quick]))


def points_of(method: registry.Method, seconds: float) -> list[Point]:
    """Run a method on larger and larger instances, until it takes too long or fails.

    Sizes grow four times at first. Where four times as many users are too many, twice as many are tried.
    """
    points: list[Point] = []
    users, factor, limit = SMALLEST, 1, COMPILING_SECONDS
    while users <= LARGEST:
        point = measured(method, users, seconds, limit)
        limit = 2.0 * BUSY * seconds + START_SECONDS
        if (point is None or not point.solved) and factor == 4:
            points += [p for p in (point, measured(method, users // 2, seconds, limit)) if p is not None]
            break
        if point is not None:
            points.append(point)
        if point is None or not point.solved or point.seconds > 0.5 * seconds:
            break
        factor = 4 if point.seconds < seconds / 32.0 else 2
        users *= factor
    return sorted(points)


def measured(method: registry.Method, users: int, seconds: float, limit: float) -> Point | None:
    """Run :func:`measure` in a process of its own; None where that takes too long, too much, or too many users."""
    call = partial(isolation.call, "benchmarks.growth_of_methods:measure", load_first=(method.function,))
    try:
        point: Point = call((method.problem, method.name, users, seconds), limit)
        return point
    except (isolation.Overrun, isolation.WorkerDied, UsageError):
        return None


def measure(problem: str, name: str, users: int, seconds: float) -> Point:
    """Run a method on one instance, after it has loaded what it needs for a small one; a quick run twice.

    There are methods that load further kernels for many users: time and memory are those of the second run.
    """
    method = registry.method(name, problem)
    one_run(method, SMALLEST, seconds)
    before = forget_peak()
    used, solved = one_run(method, users, seconds)
    if used < TWICE_SHARE * seconds:
        before = forget_peak()
        used = min(used, one_run(method, users, seconds)[0])
    return Point(users, used, peak_megabytes() - before, solved and used <= seconds)


def one_run(method: registry.Method, users: int, seconds: float) -> tuple[float, bool]:
    """Processor time of a method on a drawn instance [s], and whether it solved it."""
    limits = Limits(time_limit=BUSY * seconds)
    further = {**FURTHER.get(method.problem, {}), **FURTHER.get(method.name, {})}
    data = generate(method.problem, users=users, **further).section(method.problem)
    returned: Any = None

    def work() -> None:
        nonlocal returned
        returned = attempt(method.function, data, limits, 0)

    used = processor_seconds(work)
    if not isinstance(returned, Outcome):
        return used, False
    result = validate(method, "drawn", "", data, returned, limits, 0)
    return used, result.status is Status.OPTIMAL if method.exact else result.status is not Status.ERROR


def of_method(method: registry.Method, points: list[Point]) -> Ratio:
    """The exponent of the time, with all that was measured."""
    solved = [point for point in points if point.solved]
    name, what = f"growth/{method.problem}/{method.name}", f"{method.name} ({method.problem})"
    times = {point.users: point.seconds for point in solved if point.seconds >= FIT_FROM_SECONDS}
    sizes = {point.users: point.megabytes for point in solved if point.megabytes >= FIT_FROM_MEGABYTES}
    found = Ratio(name, f"growth of {what} over N", float("nan"), "exponent")
    if len(times) >= 2:
        found = growth(name, what, times)
    context: dict[str, float | str] = {"largest": max((point.users for point in solved), default=0)}
    context["memory exponent"] = growth(name, what, sizes).value if len(sizes) >= 2 else "too small"
    context["MB"] = max((point.megabytes for point in solved), default=0.0)
    context |= {f"N={point.users} s": point.seconds for point in solved}
    return Ratio(name, found.what, found.value, "exponent", context=context)


def forget_peak() -> float:
    """Give free memory back, make the memory held now the most that was ever held, and return it [MB].

    On Linux; elsewhere the most ever held stays.
    """
    if sys.platform == "linux":
        ctypes.CDLL(None).malloc_trim(0)
        Path("/proc/self/clear_refs").write_text(RESET_PEAK)
    return peak_megabytes()


def peak_megabytes() -> float:
    """Most memory that this process has held [MB]."""
    import resource  # of POSIX alone

    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024.0


if __name__ == "__main__":
    alone(ratios, __doc__).script()
