"""What a method knew when Ctrl-C ended it, handed over by the interrupt itself."""

from __future__ import annotations

from typing import Any

from solvers.core.result import Outcome, Result


def hand_over(stopped: KeyboardInterrupt, known: Outcome | Result) -> None:
    """Give an interrupt what is known: an outcome of a method, then the result that validation makes of it."""
    vars(stopped)["known"] = known


def known_by(stopped: KeyboardInterrupt) -> Any:
    """What an interrupt brings along; None where it brings nothing."""
    return vars(stopped).get("known")
