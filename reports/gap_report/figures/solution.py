"""Picture of the best known solution of an instance: who is served where, how much, and within which limits."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from formulations.fields import FloatArray
from formulations.gqap.evaluation import place_loads, places_of
from formulations.gqap.parameters import GQAP
from formulations.multi_edge_offloading.evaluation import servers_of
from formulations.multi_edge_offloading.latency import LOCAL
from formulations.multi_edge_offloading.parameters import MultiEdgeOffloading
from formulations.split_offloading.latency import latency_seconds
from formulations.split_offloading.parameters import SplitOffloading
from formulations.step_allocation.decisions import per_user
from formulations.step_allocation.parameters import StepAllocation
from reports.drawing.figure import Figure, Panel, Series
from reports.gap_report.study import Case, Study, best_result

MOST_BARS = 60
"""Most users that get a bar each; more are curves."""

HEADROOM = 1.05
"""Height of an axis as a multiple of the largest limit."""

MOST_SERVERS = 6
"""Most servers whose users have a colour each."""

MOST_POINTS = 400
"""Most users that are drawn, evenly chosen of all."""

Solution = Mapping[str, NDArray[Any]]


def solution_picture(study: Study, case: Case, stem: str) -> Figure | None:
    """Return the best solution that any method asked for has found."""
    best = best_result(study.problem, case)
    make = PICTURES.get(study.problem.name)
    if best is None or case.data is None or make is None:
        return None
    result = best.complete()
    if result.solution is None:
        return None
    panels, text = make(case.data, result.solution)
    caption = f"{case.instance}: {text} Solution of {result.solver}, objective {result.objective:.6g}."
    title = f"{study.problem.title}: solution of {case.instance}"
    return Figure(f"{study.problem.name}_solution_{stem}", title, caption, panels)


def step_allocation(data: StepAllocation, solution: Solution) -> tuple[tuple[Panel, ...], str]:
    """Return steps of every user at its place under its limit, and how the edge's budget is used up."""
    at_edge = np.asarray(solution["a"]) > 0.5
    steps = np.asarray(solution["s"], dtype=np.float64)
    limit = np.where(at_edge, data.edge_step_limit, data.local_step_limit)
    order = np.lexsort((-steps, ~at_edge))
    users = Panel(
        "(a) steps of each user",
        "user, edge first, by steps",
        "steps [steps]",
        (
            _limits(order, "user's own limit", limit),
            *_bars(
                order,
                {"at the edge": np.where(at_edge, steps, 0.0), "on the device": np.where(at_edge, 0.0, steps)},
                _step_words(data, solution, limit),
            ),
        ),
        stacked=True,
        y_range=(0.0, HEADROOM * max(1.0, float(limit.max()))),
    )
    used = np.cumsum(steps[order][: int(at_edge.sum())])
    served = (0, *range(1, used.size + 1))
    budget = Panel(
        "(b) budget of the edge",
        "users at the edge, most steps first",
        "steps added up [steps]",
        (
            Series("added up", served, (0.0, *used.tolist()), kind="line" if used.size <= MOST_BARS else "curve"),
            Series("budget", (0,), (data.edge_step_budget,), kind="limits"),
        ),
    )
    total = float(used[-1]) if used.size else 0.0
    text = (
        f"{int(at_edge.sum())} of {data.users} users at the edge, which spends {total:.6g} of "
        f"{data.edge_step_budget:.6g} steps.{_shown(data.users)}"
    )
    return (users, budget), text


def split_offloading(data: SplitOffloading, solution: Solution) -> tuple[tuple[Panel, ...], str]:
    """Steps of every user on both sides of its split, and its latency beside that of doing all on the device."""
    granted = np.asarray(solution["x"], dtype=np.float64)
    split = np.asarray(solution["n"], dtype=np.float64)
    order = np.lexsort((data.local_seconds_per_step, granted < 0.5))
    none_granted = np.zeros(data.users)
    alone = latency_seconds(data, none_granted, none_granted + data.total_steps)
    places = {"at the edge": data.total_steps - split, "on the device": split}
    steps = Panel(
        "(a) steps of each user",
        "user, granted first, fastest device first",
        "steps [steps]",
        (
            *_bars(order, places, _split_words(data, granted, split, latency_seconds(data, granted, split))),
            Series("most at the edge", (0,), (float(data.total_steps - data.min_local_steps),), kind="limits"),
        ),
        stacked=True,
        y_range=(0.0, HEADROOM * data.total_steps),
    )
    latency = Panel(
        "(b) latency of each user",
        "rank of the user in this order",
        "latency [s]",
        tuple(
            _points(
                order, label, values, [f"user {user}, {label}: {each:.6g} s" for user, each in enumerate(values)]
            )
            for label, values in (
                ("all on the device", alone),
                ("as decided", latency_seconds(data, granted, split)),
            )
        ),
    )
    text = (
        f"{granted.sum():.0f} of {data.users} users granted, of at most {data.max_batch}; {data.gpus} "
        f"GPU{'s' * (data.gpus > 1)}.{_shown(data.users)}"
    )
    return (steps, latency), text


def gqap(data: GQAP, solution: Solution) -> tuple[tuple[Panel, ...], str]:
    """Load of every place under its capacity, each place with its items."""
    place = places_of(data, solution["assignment"])
    loads = place_loads(data, place)
    items = np.bincount(place, minlength=data.places)
    order = np.arange(data.places)
    panels = (
        Panel(
            "(a) load of each place",
            "place",
            "load",
            (_limits(order, "capacity", data.capacity), *_bars(order, {"load": loads})),
            stacked=True,
            y_range=(0.0, HEADROOM * (float(data.capacity.max()) or 1.0)),
        ),
        Panel("(b) items at each place", "place", "items", _bars(order, {"items": items.astype(np.float64)})),
    )
    return panels, f"{data.items} items at {int((items > 0).sum())} of {data.places} places.{_shown(data.places)}"


def multi_edge_offloading(data: MultiEdgeOffloading, solution: Solution) -> tuple[tuple[Panel, ...], str]:
    """Draw steps of every user on both sides of its split by where it goes, and the users of each server."""
    server = servers_of(data, solution["server"])
    split = np.asarray(solution["n"], dtype=np.float64)
    away = server != LOCAL
    order = np.lexsort((data.local_seconds_per_step, server, ~away))
    sent = data.total_steps - split
    used = np.unique(server[away]).tolist()
    places = {"at a server": sent}
    if len(used) <= MOST_SERVERS:
        places = {f"at server {each}": np.where(server == each, sent, 0.0) for each in used}
    steps = Panel(
        "(a) steps of each user",
        "user, by server, then those at none",
        "steps [steps]",
        (
            *_bars(order, {**places, "on the device": split}),
            Series("most at a server", (0,), (float(data.total_steps - data.min_local_steps),), kind="limits"),
        ),
        stacked=True,
        y_range=(0.0, HEADROOM * data.total_steps),
    )
    counts = np.bincount(server[away], minlength=data.servers).astype(np.float64)
    rows = np.arange(data.servers)
    batches = Panel(
        "(b) users of each server",
        "server",
        "users",
        (_limits(rows, "most users", data.largest_batch), *_bars(rows, {"users": counts})),
        stacked=True,
        y_range=(0.0, HEADROOM * max(1.0, float(data.largest_batch.max()))),
    )
    text = f"{int(away.sum())} of {data.users} users at {len(used)} of {data.servers} servers.{_shown(data.users)}"
    return (steps, batches), text


PICTURES: Mapping[str, Callable[[Any, Solution], tuple[tuple[Panel, ...], str]]] = {
    "step_allocation": step_allocation,
    "split_offloading": split_offloading,
    "gqap": gqap,
    "multi_edge_offloading": multi_edge_offloading,
}
"""How a problem's solution is drawn; a problem that is not here has no picture."""


def _step_words(data: StepAllocation, solution: Solution, limit: FloatArray) -> list[str]:
    """Return what each user's bar says."""
    each = per_user(data, solution)
    rows = zip(
        *(each[name] for name in ("place", "steps", "time_seconds", "error", "utility")), limit, strict=True
    )
    return [
        f"user {user}, {place}: {steps:.6g} of at most {most:.6g} steps, {time:.4g} s, error {error:.3f}, "
        f"utility {utility:.3f}"
        for user, (place, steps, time, error, utility, most) in enumerate(rows)
    ]


def _split_words(data: SplitOffloading, granted: FloatArray, split: FloatArray, latency: FloatArray) -> list[str]:
    """Return what each user's bars say."""
    return [
        f"user {user}, {'granted' if at_edge > 0.5 else 'not granted'}: {data.total_steps - own:.0f} steps at the "
        f"edge, {own:.0f} on the device, latency {seconds:.6g} s"
        for user, (at_edge, own, seconds) in enumerate(zip(granted, split, latency, strict=True))
    ]


def _bars(
    order: NDArray[np.intp], values: Mapping[str, FloatArray], words: Sequence[str] = ()
) -> tuple[Series, ...]:
    """Bars that stand on one another, or curves of their non-zero values where there are too many."""
    if order.size > MOST_BARS:
        return tuple(
            replace(_points(order, label, np.where(each > 0.0, each, np.nan)), kind="curve")
            for label, each in values.items()
        )
    names = tuple(str(user) for user in order)
    said = tuple(words[user] for user in order) if words else ()
    return tuple(
        Series(label, names, tuple(each[order].tolist()), kind="bars", names=said)
        for label, each in values.items()
    )


def _limits(order: NDArray[np.intp], label: str, values: FloatArray) -> Series:
    if order.size > MOST_BARS:
        return replace(_points(order, label, values), kind="limits")
    return Series(label, tuple(str(user) for user in order), tuple(values[order].tolist()), kind="limits")


def _points(order: NDArray[np.intp], label: str, values: FloatArray, words: Sequence[str] = ()) -> Series:
    """Return one point a user at its rank, of at most :data:`MOST_POINTS` users."""
    ranks = np.unique(np.linspace(0, order.size - 1, min(order.size, MOST_POINTS)).round().astype(int))
    users = order[ranks]
    said = tuple(words[user] for user in users) if words else ()
    return Series(label, tuple(ranks.tolist()), tuple(values[users].tolist()), kind="points", names=said)


def _shown(count: int) -> str:
    return f" {MOST_POINTS} of them are drawn, evenly chosen." if count > MOST_POINTS else ""
