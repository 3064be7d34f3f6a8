"""Figs 10a, 10b and 11 of paper B: the learned policy beside baselines, other solvers and the certified optimum.

As in the paper the general network decides: the one trained as published, and ours beside it. Where they and the
optimum cannot be told apart by eye, the second panel of Fig. 11 shows how far each method stays below.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import numpy as np

from reports.drawing.figure import OPTIMUM, Figure, Panel, Series
from reports.drawing.points import Point
from reports.papers.figures.decisions import Decider, Draw, decided, network, registered
from reports.papers.figures.settings import Run, mean_lines, mean_series

PUBLISHED = "per-dqn, general network"

LEARNED = "dqn-tuned, general network"

PERFORMANCE = "objective per user [s]"

USERS = "users $I$"

GPUS = "GPUs $G$"

SMALLEST_LOSS = 1e-6
"""Loss [s per user] below which a method counts as optimal, and is drawn here, on a logarithmic ordinate."""

_DRAWN = "B_max = 20, as everywhere in this package: the paper does not publish it"


def learned_policies() -> Mapping[str, Decider]:
    """Return the general networks by label: as published, and ours."""
    return {PUBLISHED: network("paper_general"), LEARNED: network("general")}


def beside_baselines() -> Mapping[str, Decider]:
    """Return what Fig. 10 compares, by label."""
    return {
        OPTIMUM: registered("batch-scan"),
        **learned_policies(),
        "baseline 1: all offload, best split": registered("all-offload-best-split"),
        "baseline 2: all offload, fixed split": registered("all-offload-fixed-split"),
        "baseline 3: all local": registered("all-local"),
    }


def beside_solvers() -> Mapping[str, Decider]:
    """Return what Fig. 11 compares, by label."""
    return {
        OPTIMUM: registered("batch-scan"),
        **learned_policies(),
        "branch and bound, fixed splits (HiGHS)": registered("highs-gqap-fixed-split"),
        "genetic algorithm, P = 100, M = 200": registered("genetic"),
    }


def user_counts(run: Run) -> Sequence[int]:
    """Abscissae of Figs 10a and 11."""
    return range(5, 41, 5) if run.settings.full else (5, 10, 20, 40)


def figure_10a(run: Run) -> Figure:
    """Performance per user against the users, 8 GPUs (Fig. 10a)."""
    users = user_counts(run)
    points = swept(run, beside_baselines(), users, lambda count, seed: Draw(count, 8, seed))
    panel = Panel("8 GPUs", USERS, PERFORMANCE, mean_lines(users, points, "objective"))
    caption = (
        f"Paper B, Fig. 10a: means over {run.settings.cases} random snapshots for each I, bands the central half. "
        f"Mean loss per user to the certified optimum: {_mean_losses(points)}. "
        "With more than 20 users baselines 1 and 2 grant the first 20 requests "
        f'({_DRAWN}). Baseline 2 reads "a fixed offloading of N_hat steps" as n = N - N_hat.'
    )
    return Figure("b-fig10a", "Paper B, Fig. 10a", caption, (panel,))


def figure_10b(run: Run) -> Figure:
    """Performance per user against the GPUs, 20 users (Fig. 10b)."""
    gpus = range(1, 9) if run.settings.full else (1, 2, 4, 8)
    deciders = beside_baselines()
    as_drawn = swept(run, deciders, gpus, lambda count, seed: Draw(20, count, seed))
    same_users = swept(run, deciders, gpus, lambda count, seed: Draw(20, count, seed, emphasis_gpus=8))
    panels = (
        Panel("emphases drawn for each G", GPUS, PERFORMANCE, mean_lines(gpus, as_drawn, "objective")),
        Panel("the same users for all G", GPUS, PERFORMANCE, mean_lines(gpus, same_users, "objective")),
    )
    caption = (
        f"Paper B, Fig. 10b: 20 users, means over {run.settings.cases} random snapshots for each G, bands the "
        "central half. Left as in the paper: the interval of alpha depends on G (section 6.1.1), so that even "
        "baseline 3 moves with G. Right the emphases of G = 8 throughout, which shows what the GPUs alone do. The "
        "networks were trained for G = 1, 2, 4 and 8."
    )
    return Figure("b-fig10b", "Paper B, Fig. 10b", caption, panels)


def figure_11(run: Run) -> Figure:
    """Performance per user of the learned policy, branch and bound and a genetic algorithm (Fig. 11)."""
    users = user_counts(run)
    points = swept(run, beside_solvers(), users, lambda count, seed: Draw(count, 8, seed))
    panels = (
        Panel("8 GPUs", USERS, PERFORMANCE, mean_lines(users, points, "objective")),
        Panel("below the certified optimum", USERS, "loss per user [s]", loss_lines(users, points), log_y=True),
    )
    caption = (
        f"Paper B, Fig. 11: 8 GPUs, means over {run.settings.cases} random snapshots for each I, bands the "
        f"central half; right, losses below {SMALLEST_LOSS:g} s are drawn there. Branch and bound solves the "
        f"linearised model with n = N_hat for every granted user, within {run.settings.seconds:g} s. {_DRAWN}."
    )
    return Figure("b-fig11", "Paper B, Fig. 11", caption, panels)


def swept(
    run: Run,
    deciders: Mapping[str, Decider],
    abscissae: Sequence[int],
    draw: Callable[[int, int], Draw],
) -> Mapping[str, list[list[Point]]]:
    """Return points of every decider for every abscissa and case."""
    found = {}
    for label, decider in deciders.items():
        run.tell(f"{label}: {len(abscissae)} x {run.settings.cases} snapshots")
        found[label] = [
            [decided(run, decider, draw(x, seed)) for seed in range(run.settings.cases)] for x in abscissae
        ]
    return found


def loss_lines(abscissae: Sequence[int], points: Mapping[str, list[list[Point]]]) -> tuple[Series, ...]:
    """Return one line of mean losses to the optimum [s per user] for every other decider."""
    best = points[OPTIMUM]
    return tuple(
        mean_series(label, abscissae, [losses(*pair) for pair in zip(best, found, strict=True)])
        for label, found in points.items()
        if label != OPTIMUM
    )


def mean_loss(points: Mapping[str, list[list[Point]]], label: str) -> float:
    """Return the mean loss of a decider to the optimum over all its points [s per user]."""
    best, found = ([point["objective"] for cases in points[name] for point in cases] for name in (OPTIMUM, label))
    return float(np.mean(np.array(best) - np.array(found)))


def _mean_losses(points: Mapping[str, list[list[Point]]]) -> str:
    return ", ".join(f"{label} {mean_loss(points, label):.2g} s" for label in learned_policies())


def losses(best: Sequence[Point], found: Sequence[Point]) -> list[float]:
    """Return how far points are below the optimum [s per user], case by case, at least :data:`SMALLEST_LOSS`."""
    return [
        max(SMALLEST_LOSS, optimal["objective"] - point["objective"])
        for optimal, point in zip(best, found, strict=True)
    ]
