"""What paper B's choices of training are worth: trainings as published, and without one choice each.

The trainings are too long to be repeated here: their rows come with the package, as its networks do.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

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

WITHOUT: Mapping[str, tuple[str, ...]] = {
    "b-reward-backpropagation": ("paper without reward backpropagation",),
    "b-replay-ratio": ("paper without priorities", "paper without terminal 1:7"),
    "b-cyclic-shift": ("paper without cyclic shifting",),
}
"""Changes that leave out what a statement says helps."""


def shipped_rows() -> list[Row]:
    """Return the trainings that come with the package."""
    return list(read(SHIPPED / "paper_ablations.csv", ROWS))


def worth(changes: Sequence[str], rows: Sequence[Row]) -> Finding:
    """Return what the trainings without each of some choices capture beside those with all of them."""
    pairs = {change: _longest_pairs(change, rows) for change in changes}
    told = [_told(change, found) for change, found in pairs.items()]
    least = min(len(found) for found in pairs.values())
    long = all(found and found[0][0].steps >= LEAST_STEPS for found in pairs.values())
    better = [
        published.captured_share > without.captured_share
        for found in pairs.values()
        for published, without in found
    ]
    if not long:
        told.append(
            f"Trainings of at least {LEAST_STEPS:,} gradient steps each, with {SEEDS} seeds, would be needed; "
            "docs/per_dqn.md has the command."
        )
        verdict = Verdict.UNCHECKED
    elif least < SEEDS:
        told.append(f"Seeds: {least} of {SEEDS}; another one may turn it.")
        verdict = Verdict.PART if any(better) else Verdict.OPEN
    else:
        verdict = Verdict.HOLDS if all(better) else Verdict.PART if any(better) else Verdict.FAILS
    evidence = {
        f"{change.removeprefix('paper ')}, seed {without.seed}": published.captured_share - without.captured_share
        for change, found in pairs.items()
        for published, without in found
    }
    return Finding(verdict, " ".join(told), sum(map(len, pairs.values())), evidence)


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


def _told(change: str, pairs: Sequence[tuple[Row, Row]]) -> str:
    without = change.removeprefix("paper ")
    if not pairs:
        return f"No training {without} is there."
    by_seed = "; ".join(
        f"{100 * published.captured_share:.1f} % as published and {100 * other.captured_share:.1f} % {without} "
        f"(seed {other.seed})"
        for published, other in pairs
    )
    steps = pairs[0][1].steps
    return f"After {steps:,} gradient steps, share of the gain captured on held-out snapshots: {by_seed}."


def _check(changes: Sequence[str]) -> Callable[[Size], Finding]:
    return lambda size: worth(changes, shipped_rows())


CLAIMS = claims({name: _check(changes) for name, changes in WITHOUT.items()})
