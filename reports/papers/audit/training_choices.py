"""What paper B's choices of training are worth: trainings with each and without it, in the paper's and in ours.

The trainings are too long to be repeated here: their rows come with the package, as its networks do.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

import numpy as np

from instances.storage.store import read
from reports.learned_policy.ablations import CONFIDENCE, half_width
from reports.papers.audit.claim import Finding, Ours, Size, Verdict, claims
from solvers.split_offloading.per_dqn.ablate import ROWS, Row
from solvers.split_offloading.per_dqn.network.weights import SHIPPED

SEEDS = 3
"""Seeds from which on all of them decide; fewer may have been lucky."""


class Configuration(NamedTuple):
    """In which configuration the trainings are."""

    file: Path
    """Its rows."""
    least_steps: int
    """Gradient steps from which on a training counts."""
    undecided: Verdict
    """Verdict where the seeds show no effect, or are too few."""
    harmful: Verdict
    """Verdict where they show the opposite effect."""
    length: str
    """What is to be said of how long the trainings are."""


PUBLISHED = Configuration(
    SHIPPED / "paper_ablations.csv",
    200_000,  # exploration has ended after half of them
    Verdict.OPEN,
    Verdict.OPEN,
    "At this length a training as published is still rising, and how long the paper trains is not said: a longer "
    "one may turn it. So an effect counts for the paper, and not against it.",
)

OURS = Configuration(
    SHIPPED / "tuned_ablations.csv",
    4_000,  # of the shipped networks for one number of GPUs
    Verdict.UNCHECKED,
    Verdict.FAILS,
    "The trainings are about as long as those of our networks for one number of GPUs. Where nearly all of the "
    "gain is captured already, too little is left to show an effect.",
)


class Choice(NamedTuple):
    """A choice of training: the changes, in the words of the rows, that have it and that lack it."""

    having: str
    lacking: str


PAPER = "paper"
"""Rows of the configuration as published, which has all choices."""

CHOICES: Mapping[str, Choice] = {
    "b-reward-backpropagation": Choice(PAPER, "paper without reward backpropagation"),
    "b-prioritised-replay": Choice(PAPER, "paper without priorities"),
    "b-replay-ratio": Choice(PAPER, "paper without terminal 1:7"),
    "b-cyclic-shift": Choice(PAPER, "paper without cyclic shifting"),
}
"""By the statement that says that a choice helps."""

IN_OURS: Mapping[str, Choice] = {
    "b-prioritised-replay": Choice("tuned with priorities", "tuned"),
    "b-replay-ratio": Choice("tuned with terminal 1:7", "tuned"),
    "b-cyclic-shift": Choice("tuned-mlp in cyclic arrangement", "tuned-mlp in fixed arrangement"),
}
"""The same in our configurations, which lack them."""

NOT_IN_OURS: Mapping[str, str] = {
    "b-reward-backpropagation": (
        "Not judged: our reward is the change of the objective at once, so that no reward is sparse and there is "
        "nothing to fill back."
    ),
}
"""What is to be said where our configurations have no place for a choice."""

NOTES: Mapping[str, str] = {
    "b-cyclic-shift": (
        "These are of our network of the flattened state, which itself places users by their gain; our network of "
        "sets has no order of users."
    ),
}
"""What is to be said of a comparison in ours."""

SETTING = (
    "Each is trained on snapshots of up to 20 users with B_max from 1 to 20, and measured on 1,000 others of 4 to "
    "20 users."
)


def shipped_rows(configuration: Configuration) -> list[Row]:
    """Return the trainings that come with the package; none where there is no file of them."""
    return list(read(configuration.file, ROWS)) if configuration.file.exists() else []


def worth(choice: Choice, rows: Sequence[Row], configuration: Configuration) -> Finding:
    """Return what the trainings with a choice capture beside those without it.

    The statement is read as one of an effect: it holds where the interval of Student's t for the mean difference
    over the seeds is above 0.
    """
    pairs = _longest_pairs(choice, rows)
    least = configuration.least_steps
    if not pairs or pairs[0][1].steps < least:
        text = (
            f"{_told(choice, pairs)} Trainings of at least {least:,} gradient steps each, with {SEEDS} seeds, "
            f"would be needed: `python -m solvers.split_offloading.per_dqn.ablate --steps {least} --seeds {SEEDS} "
            f'--out {configuration.file.name} --changes "{choice.having},{choice.lacking}"`.'
        )
        return Finding(Verdict.UNCHECKED, text, len(pairs))
    gained = np.array([having.captured_share - lacking.captured_share for having, lacking in pairs])
    evidence = {
        f"{choice.having} over {choice.lacking}, seed {lacking.seed}": each
        for (_, lacking), each in zip(pairs, gained, strict=True)
    }
    text = f"{_told(choice, pairs)} {SETTING}"
    if len(pairs) < SEEDS:
        text += f" Seeds: {len(pairs)} of {SEEDS}; another one may turn it. {configuration.length}"
        return Finding(configuration.undecided, text, len(pairs), evidence)
    mean, width = float(gained.mean()), half_width(gained)
    text += (
        f" The difference is {100 * mean:+.2g} points on average, with a {100 * CONFIDENCE:.0f} % interval of "
        f"Student's t from {100 * (mean - width):+.2g} to {100 * (mean + width):+.2g} over {len(pairs)} seeds"
    )
    if mean > width:
        verdict, shown = Verdict.HOLDS, "with the paper's choice it captures significantly more"
    elif mean < -width:
        verdict, shown = configuration.harmful, "with the paper's choice it captures significantly less"
    else:
        verdict, shown = configuration.undecided, "no effect is shown"
    return Finding(verdict, f"{text}: {shown}. {configuration.length}", len(pairs), evidence)


def _longest_pairs(choice: Choice, rows: Sequence[Row]) -> list[tuple[Row, Row]]:
    """Return trainings with a choice and without it by seed, of the most steps that there are pairs of."""
    having = {(row.seed, row.steps): row for row in rows if row.change == choice.having}
    found = [
        (having[row.seed, row.steps], row)
        for row in rows
        if row.change == choice.lacking and (row.seed, row.steps) in having
    ]
    most = max((row.steps for _, row in found), default=0)
    return [pair for pair in found if pair[1].steps == most]


def _told(choice: Choice, pairs: Sequence[tuple[Row, Row]]) -> str:
    if not pairs:
        return (
            f'There is no training "{choice.having}" beside one "{choice.lacking}" with the same seed and steps.'
        )
    by_seed = "; ".join(
        f"{100 * having.captured_share:.2f} % and {100 * lacking.captured_share:.2f} % (seed {lacking.seed})"
        for having, lacking in pairs
    )
    return (
        f"After {pairs[0][1].steps:,} gradient steps, share of the gain captured on held-out snapshots by "
        f'"{choice.having}" and by "{choice.lacking}": {by_seed}.'
    )


def in_ours(name: str) -> Ours:
    """Return what a choice is worth in our configurations, or why it has no place there."""
    if name in NOT_IN_OURS:
        return Ours(Verdict.UNCHECKED, NOT_IN_OURS[name])
    found = worth(IN_OURS[name], shipped_rows(OURS), OURS)
    return Ours(found.verdict, " ".join([found.measured, *([NOTES[name]] if name in NOTES else [])]))


def _check(name: str) -> Callable[[Size], Finding]:
    return lambda size: replace(worth(CHOICES[name], shipped_rows(PUBLISHED), PUBLISHED), ours=in_ours(name))


CLAIMS = claims({name: _check(name) for name in CHOICES})
