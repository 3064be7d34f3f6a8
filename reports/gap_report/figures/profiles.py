"""Performance profiles: the share of the instances that a method solves within a factor of the fastest, or a gap.

An instance counts once per method [1]_. A random method counts with the median over its seeds, where a seed
that does not get there counts as infinite.

References
----------
.. [1] E. D. Dolan and J. J. More, "Benchmarking optimization software with performance profiles", Mathematical
   Programming 91 (2002), 201-213.
"""

from __future__ import annotations

import math
import statistics
from collections.abc import Iterable, Mapping, Sequence

from reports.drawing.figure import Figure, Panel, Series
from reports.gap_report.figures.measure import SMALLEST_GAP, Scale, drawn, heuristics, methods, runs
from reports.gap_report.study import Study
from solvers.core.result import Status
from solvers.core.validation import is_solved
from solvers.sweep.ledger_record import Recorded

SOURCE = (
    "E. D. Dolan and J. J. Moré, Benchmarking optimization software with performance profiles, Mathematical "
    "Programming 91 (2002), 201-213"
)

SHORTEST_SECONDS = 1e-3
"""Times below it count as this long [s]: there the clock decides, not the method."""

BEYOND = 1.3
"""Factor by which a profile goes on after its last step."""


def time_profile(study: Study) -> Figure | None:
    """Return the share of the instances that a method solves within a factor of the fastest method's time."""
    ratios = solved_ratios(study)
    if not ratios:
        return None
    never = [method for method in methods(study) if method not in ratios]
    missing = f" Not drawn, as they solve none: {', '.join(never)}." if never else ""
    caption = (
        f"Performance profile of the time to solve {_count(study)} to the asked gap ({_asked(study)}, held "
        "against the best proven bound of all methods): share of the instances that a method solves within a "
        f"factor of the fastest method's time. Shorter times than {SHORTEST_SECONDS:g} s count as that long; "
        f"random methods at the median over their seeds.{missing} After {SOURCE}."
    )
    title = f"{study.problem.title}: time to the asked gap"
    panel = time_panel("", ratios)
    return Figure(f"{study.problem.name}_time_profile", title, caption, (panel,), methods(study))


def solved_ratios(study: Study) -> dict[str, list[float]]:
    """Performance ratios over the instances, of the methods that solve at least one of them."""
    times = {
        method: [_median(map(seconds_to_solve, runs(case, method))) for case in study.cases]
        for method in methods(study)
    }
    return {method: values for method, values in performance_ratios(times).items() if min(values) < math.inf}


def time_panel(title: str, ratios: Mapping[str, Sequence[float]]) -> Panel:
    """Profiles of performance ratios, one step function a method."""
    return Panel(
        title=title,
        x_label="time / time of the fastest method [-]",
        y_label="instances solved [%]",
        series=_profiles(ratios, lowest=1.0),
        log_x=True,
        y_range=(0.0, 103.0),
    )


def gap_profile(study: Study) -> Figure | None:
    """Return the share of the instances on which a heuristic comes within a gap of the best proven bound."""
    scale = Scale(study.problem)
    gaps = {
        method: [
            _median(_gap(scale, item) for item in runs(case, method))
            for case in study.cases
            if not case.infeasible
        ]
        for method in heuristics(study)
    }
    gaps = {method: values for method, values in gaps.items() if min(values, default=math.inf) < math.inf}
    if not gaps:
        return None
    panel = Panel(
        title="",
        x_label=scale.label,
        y_label="instances within the gap [%]",
        series=_profiles(gaps, lowest=SMALLEST_GAP),
        log_x=True,
        y_range=(0.0, 103.0),
    )
    caption = (
        f"Gap profile of the methods without a bound of their own on {_count(study)}: share of the instances on "
        f"which a method comes within a gap of the best proven bound of all methods. Gaps below {SMALLEST_GAP:g}, "
        "0 included, are drawn there; random methods at the median over their seeds. A profile as those of "
        f"{SOURCE}, of gaps in place of times."
    )
    title = f"{study.problem.title}: gaps of the heuristics"
    return Figure(f"{study.problem.name}_gap_profile", title, caption, (panel,), methods(study))


def seconds_to_solve(recorded: Recorded) -> float:
    """Time of a run that ends within the asked gap, or proves that nothing is feasible [s], else infinity."""
    ended = is_solved(recorded.result) or recorded.result.status is Status.INFEASIBLE
    return max(recorded.result.seconds, SHORTEST_SECONDS) if ended else math.inf


def performance_ratios(times: Mapping[str, Sequence[float]]) -> dict[str, list[float]]:
    """r_{p,s} = t_{p,s} / min_s t_{p,s} of every method s on every problem p, infinite where s fails."""
    fastest = [min(column) for column in zip(*times.values(), strict=True)]
    return {
        method: [time / best if time < math.inf else math.inf for time, best in zip(values, fastest, strict=True)]
        for method, values in times.items()
    }


def share_within(values: Sequence[float], limit: float) -> float:
    """rho(tau), share of the values that are at most the limit."""
    return sum(value <= limit for value in values) / len(values)


def _profiles(values: Mapping[str, Sequence[float]], lowest: float) -> tuple[Series, ...]:
    """Return one step function per method, all to the same right end."""
    finite = [max(value, lowest) for each in values.values() for value in each if value < math.inf]
    end = max(*finite, 10.0 * lowest) * BEYOND
    drawn_series = []
    for method, each in values.items():
        clipped = [max(value, lowest) for value in each]
        x = [lowest, *sorted({value for value in clipped if lowest < value < math.inf}), end]
        drawn_series.append(
            Series(
                method,
                tuple(x),
                tuple(100.0 * share_within(clipped, at) for at in x),
                kind="steps",
                names=(f"{method}: {100.0 * share_within(clipped, lowest):.0f} % at the left edge",),
            )
        )
    return tuple(drawn_series)


def _gap(scale: Scale, recorded: Recorded) -> float:
    gap = scale.of(recorded)
    return math.inf if gap is None else drawn(gap)


def _median(values: Iterable[float]) -> float:
    """Return median, the upper one of two, so that it is infinite where half of the seeds do not get there."""
    found = list(values)
    return statistics.median_high(found) if found else math.inf


def _count(study: Study) -> str:
    count = len(study.cases)
    return f"{count} instance{'s' * (count != 1)}"


def _asked(study: Study) -> str:
    gaps = sorted({item.result.limits.gap for case in study.cases for item in case.results})
    return " and ".join(f"{gap:g}" for gap in gaps)
