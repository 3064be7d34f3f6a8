"""Statements that rest on the papers' trained image models, which are not published."""

from __future__ import annotations

from collections.abc import Callable

from reports.papers.audit.claim import Claim, Finding, Size, Verdict


def _reason(text: str) -> Callable[[Size], Finding]:
    def check(size: Size) -> Finding:
        return Finding(Verdict.UNCHECKED, text, 0)

    return check


CLAIMS = (
    Claim(
        "b-fig4a",
        "B",
        "3.4, Fig. 4a",
        "Accuracy and personalisation fall as more steps are offloaded, personalisation more.",
        _reason(
            "Needs images of the paper's personalised diffusion models, scored with CLIP and LPIPS; neither "
            "models nor images are published."
        ),
    ),
    Claim(
        "b-fig4b-fit",
        "B",
        "3.4, Fig. 4b",
        "A sigmoid with a_F = 0.0413 and b_F = 71.44 fits the measured index.",
        _reason(
            "The points behind the fit are not published. `python -m instances.fit_pai` fits F to points of one's "
            "own."
        ),
    ),
)
