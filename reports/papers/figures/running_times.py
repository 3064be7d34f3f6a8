"""Table 1 of paper B, measured: processor time against the number of users, with fitted exponents.

The paper counts O(I) for the learned policy, O(2 P M I) for the genetic algorithm and O(2^(2I)) for branch and
bound. Beside them stand what it does not list: a greedy rule and the exact scan.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from time import process_time
from typing import NamedTuple

import numpy as np

from reports.drawing.figure import OPTIMUM, Figure, Panel, Series
from reports.drawing.points import Point
from reports.papers.figures.decisions import Decider, Draw, network, registered, snapshot
from reports.papers.figures.paper_b_learned import LEARNED, PUBLISHED, USERS
from reports.papers.figures.settings import Run
from reports.tables.table import Column, Row, Table
from solvers.core.limits import Limits

SHORTEST_SECONDS = 0.05
"""Least processor time of a measurement: what takes less is repeated."""


class Timed(NamedTuple):
    """A method, for how many users it is timed, and what the paper says of its time."""

    decider: Decider
    users: Sequence[int]
    claimed: str


def timed_methods(full: bool) -> Mapping[str, Timed]:
    """Return what is timed, by label."""
    many = (10, 20, 40, 80, 160, 320) if full else (10, 20, 40, 80)
    few = (5, 10, 15, 20, 30, 40) if full else (5, 10, 20)
    return {
        OPTIMUM + " (exact scan)": Timed(registered("batch-scan"), many, "not in the paper"),
        PUBLISHED: Timed(network("paper_general"), few[1:], "O(I)"),
        LEARNED: Timed(network("general"), many, "not in the paper"),
        "greedy": Timed(registered("greedy"), many, "not in the paper"),
        "genetic algorithm, P = 100, M = 200": Timed(registered("genetic"), many, "O(2 P M I)"),
        "branch and bound, fixed splits (HiGHS)": Timed(registered("highs-gqap-fixed-split"), few, "O(2^(2I))"),
    }


def table_1(run: Run) -> Figure:
    """Return the time against the number of users, measured (Table 1)."""
    methods = timed_methods(run.settings.full)
    seconds = {label: seconds_by_users(run, label, timed) for label, timed in methods.items()}
    series = tuple(
        Series(label, tuple(methods[label].users), tuple(found), kind="line") for label, found in seconds.items()
    )
    panel = Panel("measured", USERS, "processor time per snapshot [s]", series, log_x=True, log_y=True)
    cases = cases_of(run)
    caption = (
        f"Paper B, Table 1: medians over {cases} snapshots, 8 GPUs, B_max = 20, one thread, compiled code loaded "
        f"before. The paper's network is trained for up to 40 users. Branch and bound solves fixed splits only, "
        f"within {run.settings.seconds:g} s."
    )
    table = Table(
        "Time by users",
        (
            Column("method", "method", numeric=False),
            Column("claimed", "claimed", numeric=False),
            Column("exponent", "fitted exponent of I"),
            Column("doubling", "users per doubling"),
            Column("smallest", "fewest users", "ms"),
            Column("largest", "most users", "ms"),
        ),
        tuple(_row(label, methods[label], found) for label, found in seconds.items()),
        notes=("The exponent p is that of I^p, the doubling that of 2^(I/d); both are fitted to all points.",),
    )
    return Figure("b-table1", "Paper B, Table 1", caption, (panel,), tables=(table,))


def _row(label: str, timed: Timed, seconds: Sequence[float]) -> Row:
    first, last = (f"{1e3 * value:.3g} (I = {count})" for count, value in _ends(timed.users, seconds))
    growth = f"{exponent(timed.users, seconds):.2f}"
    return Row((label, timed.claimed, growth, f"{doubling(timed.users, seconds):.3g}", first, last))


def _ends(users: Sequence[int], seconds: Sequence[float]) -> tuple[tuple[int, float], tuple[int, float]]:
    return (users[0], seconds[0]), (users[-1], seconds[-1])


def exponent(users: Sequence[int], seconds: Sequence[float]) -> float:
    """Power p of the I^p that fits best, least squares of the logarithms."""
    return float(np.polyfit(np.log(users), np.log(seconds), 1)[0])


def doubling(users: Sequence[int], seconds: Sequence[float]) -> float:
    """Return users d of the 2^(I/d) that fits best, least squares of the logarithms."""
    return 1.0 / float(np.polyfit(users, np.log2(seconds), 1)[0])


def cases_of(run: Run) -> int:
    """Return snapshots behind every time."""
    return max(3, run.settings.cases // 10)


def seconds_by_users(run: Run, label: str, timed: Timed) -> list[float]:
    """Return the median time of one decision [s] for every number of users."""
    run.tell(f"timing {label}")
    found = []
    for users in timed.users:
        points = [_timed(run, timed.decider, Draw(users, 8, seed)) for seed in range(cases_of(run))]
        found.append(float(np.median([point["seconds"] for point in points])))
    return found


def _timed(run: Run, decider: Decider, draw: Draw) -> Point:
    key = f"time of {decider.key}, {draw}, {run.settings.seconds:g} s"
    return run.points.get(key, lambda: {"seconds": seconds_of(decider, draw, run.settings.seconds)})


def seconds_of(decider: Decider, draw: Draw, limit: float) -> float:
    """Processor time of one decision [s], the mean of as many as a clock can tell apart."""
    data, limits = snapshot(draw), Limits(time_limit=limit)
    warm = process_time()
    decider.solve(data, limits, draw.seed)
    if process_time() - warm > SHORTEST_SECONDS:
        warm = process_time()
        decider.solve(data, limits, draw.seed)
        return process_time() - warm
    count, started = 0, process_time()
    while process_time() - started < SHORTEST_SECONDS:
        decider.solve(data, limits, draw.seed)
        count += 1
    return (process_time() - started) / count
