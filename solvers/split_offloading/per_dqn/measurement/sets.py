"""The sets of snapshots that policies are measured on, cell by cell; all but one are held out."""

from __future__ import annotations

from dataclasses import replace
from typing import NamedTuple

from solvers.split_offloading.per_dqn.decision_process.cases import Cases
from solvers.split_offloading.per_dqn.decision_process.draw_cases import (
    BINDING,
    MIXED,
    Distribution,
    draw_cases,
    generator,
)

GPUS = (1, 2, 4, 8)


class Cell(NamedTuple):
    """Snapshots that are measured together.

    Attributes
    ----------
    set : str
        Key in :data:`SETS`.
    distribution : Distribution
        What they are drawn from.
    """

    set: str
    distribution: Distribution

    @property
    def label(self) -> dict[str, str]:
        """I, G and B_max in words: single values, ranges and lists."""
        least, most = self.distribution.users
        return {
            "users": str(least) if least == most else f"{least} to {most}",
            "gpus": _listed(self.distribution.gpus),
            "max_batch": _listed(self.distribution.max_batch),
        }


def _listed(values: tuple[int, ...]) -> str:
    return " ".join(map(str, values))


def held_out(cell: Cell, instances: int, seed: int) -> Cases:
    """Snapshots of a cell, from the stream that no training reads."""
    return draw_cases(cell.distribution, instances, generator(seed, "evaluation"))


SETS: dict[str, tuple[Cell, ...]] = {
    "grid": tuple(
        Cell("grid", Distribution(users=(users, users), gpus=(gpus,), max_batch=(20,)))
        for users in (5, 10, 15, 20, 30, 40)
        for gpus in GPUS
    ),
    "mixed": (
        Cell("mixed", MIXED),
        *(Cell("mixed", replace(MIXED, max_batch=(most,))) for most in BINDING),
    ),
    "large": tuple(
        Cell("large", Distribution(users=users, gpus=GPUS, max_batch=(most,)))
        for users in ((21, 40), (41, 80))
        for most in (3, 5, 20)
    ),
}
"""``grid``: every I and G with the published B_max = 20; ``mixed``: 4 to 20 users and B_max from one that binds;
``large``: 21 to 40 users, more than a network trained on the mixed set has seen, and 41 to 80, more than any has.
"""

TRAINING, HELD_OUT = OWN_SETS = ("training", "held-out")
"""Sets of each network: the cases that its training made once, and others from the same distribution."""
