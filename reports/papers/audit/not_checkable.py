"""Statements that rest on the papers' trained image models, which are not published."""

from __future__ import annotations

from collections.abc import Callable

from reports.papers.audit.claim import Finding, Size, Verdict
from reports.papers.audit.words import claims


def _reason(text: str) -> Callable[[Size], Finding]:
    def check(size: Size) -> Finding:
        return Finding(Verdict.UNCHECKED, text, 0)

    return check


CLAIMS = claims(
    {
        "b-fig4a": _reason(
            "Needs images of the paper's personalised diffusion models, scored with CLIP and LPIPS; neither "
            "models nor images are published."
        ),
        "b-fig4b-fit": _reason(
            "The points behind the fit are not published. `python -m instances.fit_pai` fits F to points of one's "
            "own."
        ),
    }
)
