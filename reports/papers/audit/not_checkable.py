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
    *(
        Claim(
            name,
            "B",
            section,
            statement,
            _reason(
                "Needs trainings of the published configuration with and without it, three seeds each, of at "
                "least "
                "200,000 gradient steps; they have not been run. docs/per_dqn.md has the command."
            ),
        )
        for name, section, statement in (
            (
                "b-reward-backpropagation",
                "5.3.1",
                "Reward backpropagation mitigates the difficulty of sparse rewards.",
            ),
            ("b-replay-ratio", "5.3.2", "Prioritised replay with terminal transitions at 1:7 improves training."),
            ("b-cyclic-shift", "5.3.1", "Cyclic shifting lets the agent capture the selected user more easily."),
        )
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
