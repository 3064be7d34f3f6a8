"""What paper B's choices of training are worth: trainings as published, and without one choice each.

The trainings are too long to be repeated here: their rows come with the package, as its networks do.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import numpy as np

from instances.storage.store import read
from reports.papers.audit.claim import Finding, Size, Verdict, claims
from solvers.split_offloading.per_dqn.ablate import ROWS, Row
from solvers.split_offloading.per_dqn.network.weights import SHIPPED

AS_PUBLISHED = "paper"
"""Rows of the configuration as published."""

LEAST_STEPS = 200_000
"""Gradient steps from which on a training counts: exploration has ended after half of them."""

SEEDS = 3
"""Seeds from which on all of them decide; fewer may have been lucky."""

STANDARD_ERRORS = 2.0
"""Standard errors that a mean difference has to exceed to count as an effect."""

WITHOUT: Mapping[str, str] = {
    "b-reward-backpropagation": "paper without reward backpropagation",
    "b-prioritised-replay": "paper without priorities",
    "b-replay-ratio": "paper without terminal 1:7",
    "b-cyclic-shift": "paper without cyclic shifting",
}
"""Changes that leave out what a statement says helps."""

SETTING = (
    "Each is trained on snapshots of up to 20 users with B_max from 1 to 20, and measured on 1,000 others of 4 to "
    "20 users."
)


def shipped_rows() -> list[Row]:
    """Return the trainings that come with the package."""
    return list(read(SHIPPED / "paper_ablations.csv", ROWS))


def worth(change: str, rows: Sequence[Row]) -> Finding:
    """Return what the trainings without a choice capture beside those with all of them.

    The statement is read as one of an effect: it holds where the mean difference over the seeds is above
    :data:`STANDARD_ERRORS` of its standard errors. Where it is not, a longer training may turn it, and the paper
    does not say how long it trains.
    """
    pairs = _longest_pairs(change, rows)
    without = change.removeprefix("paper ")
    if not pairs or pairs[0][1].steps < LEAST_STEPS:
        needed = f"Trainings of at least {LEAST_STEPS:,} gradient steps each, with {SEEDS} seeds, would be needed"
        text = f"{_told(without, pairs)} {needed}; docs/per_dqn.md has the command."
        return Finding(Verdict.UNCHECKED, text, len(pairs))
    gained = np.array([published.captured_share - other.captured_share for published, other in pairs])
    evidence = {f"{without}, seed {other.seed}": each for (_, other), each in zip(pairs, gained, strict=True)}
    text = f"{_told(without, pairs)} {SETTING}"
    if len(pairs) < SEEDS:
        text += f" Seeds: {len(pairs)} of {SEEDS}; another one may turn it."
        return Finding(Verdict.OPEN, text, len(pairs), evidence)
    mean, error = float(gained.mean()), float(gained.std(ddof=1) / np.sqrt(gained.size))
    holds = mean > STANDARD_ERRORS * error
    text += (
        f" What is published captures {100 * mean:+.1f} points more, with a standard error of {100 * error:.1f}. "
        f"Read as an effect, which is a mean difference above {STANDARD_ERRORS:.0f} standard errors."
    )
    if not holds:
        text += " The trainings were still rising, and how long the paper trains is not said."
    return Finding(Verdict.HOLDS if holds else Verdict.OPEN, text, len(pairs), evidence)


def _longest_pairs(change: str, rows: Sequence[Row]) -> list[tuple[Row, Row]]:
    """Return trainings as published and with a change by seed, of the most steps that there are pairs of."""
    published = {(row.seed, row.steps): row for row in rows if row.change == AS_PUBLISHED}
    found = [
        (published[row.seed, row.steps], row)
        for row in rows
        if row.change == change and (row.seed, row.steps) in published
    ]
    most = max((row.steps for _, row in found), default=0)
    return [pair for pair in found if pair[1].steps == most]


def _told(without: str, pairs: Sequence[tuple[Row, Row]]) -> str:
    if not pairs:
        return f"No training {without} is there."
    by_seed = "; ".join(
        f"{100 * published.captured_share:.1f} % as published and {100 * other.captured_share:.1f} % {without} "
        f"(seed {other.seed})"
        for published, other in pairs
    )
    steps = pairs[0][1].steps
    return f"After {steps:,} gradient steps, share of the gain captured on held-out snapshots: {by_seed}."


def _check(change: str) -> Callable[[Size], Finding]:
    return lambda size: worth(change, shipped_rows())


CLAIMS = claims({name: _check(change) for name, change in WITHOUT.items()})
