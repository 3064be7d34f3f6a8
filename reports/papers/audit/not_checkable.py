"""Statements that rest on the papers' trained image models, which are not published."""

from __future__ import annotations

from collections.abc import Callable

from reports.papers.audit.claim import Finding, Size, Verdict
from reports.papers.audit.words import claims


def _reason(text: str) -> Callable[[Size], Finding]:
    def check(size: Size) -> Finding:
        return Finding(Verdict.UNCHECKED, text, 0)

    return check


_NOT_RUN = _reason(
    "Needs trainings of the published configuration with and without it, three seeds each, of at least "
    "200,000 gradient steps; they have not been run. docs/per_dqn.md has the command."
)

_REPLAY = _reason(
    "Needs trainings of the published configuration with and without both, three seeds each, of at least 200,000 "
    "gradient steps. One seed of 60,000 steps each, which decides nothing, captured 69 % of the optimal gain on "
    "held-out snapshots with priorities and 57 % without; without 1:7 none is trained. docs/per_dqn.md has the "
    "command."
)

CLAIMS = claims(
    {
        "b-fig4a": _reason(
            "Needs images of the paper's personalised diffusion models, scored with CLIP and LPIPS; neither "
            "models nor images are published."
        ),
        "b-reward-backpropagation": _NOT_RUN,
        "b-replay-ratio": _REPLAY,
        "b-cyclic-shift": _NOT_RUN,
        "b-fig4b-fit": _reason(
            "The points behind the fit are not published. `python -m instances.fit_pai` fits F to points of one's "
            "own."
        ),
    }
)
