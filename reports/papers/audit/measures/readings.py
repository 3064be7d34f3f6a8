"""One rule for sentences that can be read in several ways."""

from __future__ import annotations

from collections.abc import Collection

from reports.papers.audit.claim import Verdict


def over_readings(readings: Collection[Verdict | None]) -> Verdict:
    """Return the verdict of a sentence from the verdicts of its readings.

    Every natural reading that states something measurable counts alike. One that states nothing measurable counts
    for neither side, so that it can neither save a sentence nor condemn it.

    Parameters
    ----------
    readings : collection of Verdict or None
        None for a reading that states nothing measurable.
    """
    judged = {each for each in readings if each is not None}
    if not judged:
        return Verdict.UNCHECKED
    return judged.pop() if len(judged) == 1 else Verdict.PART
