"""The verdict of a sweep in sentences: do the proofs agree, how far is each heuristic, what failed."""

from __future__ import annotations

import statistics
from collections import Counter
from collections.abc import Iterator
from typing import NamedTuple

from reports.gap_report.figures.measure import Scale, heuristics
from reports.gap_report.study import Study
from solvers.core.result import Status

MOST_REASONS = 5
"""Failures that are told apart."""


class Sentence(NamedTuple):
    """One sentence, and whether it is ``good``, ``bad`` or neither."""

    text: str
    kind: str = ""


def verdict(study: Study) -> list[Sentence]:
    """Return all sentences on one problem, the most important one first."""
    return [*_agreement(study), *_certified(study), *_distances(study), *_failures(study)]


def _agreement(study: Study) -> Iterator[Sentence]:
    if study.contradictions:
        yield from (Sentence(f"Contradiction: {text}", "bad") for text in study.contradictions)
        return
    proving = {item.result.solver for item in study.results if item.result.status in _PROOFS}
    if len(proving) > 1:
        yield Sentence(f"The {len(proving)} methods with a proof agree on every instance.", "good")
    elif proving:
        yield Sentence(f"Only {proving.pop()} proves anything; nothing contradicts it.")
    else:
        yield Sentence("No method proves an optimum.", "bad")


def _certified(study: Study) -> Iterator[Sentence]:
    count = len(study.cases)
    settled = sum(case.verdict.certified or case.infeasible for case in study.cases)
    if settled == count:
        yield Sentence(f"All {count} instances are settled by a proof." if count > 1 else "It is settled.", "good")
        return
    names = [case.instance for case in study.cases if not case.verdict.certified and not case.infeasible]
    yield Sentence(f"{settled} of {count} instances are settled by a proof; open: {', '.join(names)}.", "bad")


def _distances(study: Study) -> Iterator[Sentence]:
    """Return one sentence for each heuristic, the closest first."""
    scale = Scale(study.problem)
    found = []
    for method in heuristics(study):
        gaps = [
            (gap, case.instance)
            for case in study.cases
            for item in case.results
            if item.result.solver == method and (gap := scale.of(item)) is not None
        ]
        if gaps:
            found.append((statistics.fmean(gap for gap, _ in gaps), max(gaps), method))
    for mean, (worst, instance), method in sorted(found):
        yield Sentence(f"{method}: {scale.words(mean)} on average, {worst:.3g} at worst, on {instance}.")


def _failures(study: Study) -> Iterator[Sentence]:
    reasons = Counter(
        f"{item.result.solver}, {item.result.status}: {item.result.reason}"
        for item in study.results
        if item.result.status in (Status.ERROR, Status.UNKNOWN)
    )
    for text, count in reasons.most_common(MOST_REASONS):
        yield Sentence(f"Failed {count} time{'s' * (count != 1)}: {text}", "bad")
    others = len(reasons) - MOST_REASONS
    if others > 0:
        yield Sentence(f"{others} more kinds of failures are in the table of every method.", "bad")
    if study.missing:
        yield Sentence(f"{study.missing} results are missing: the same command goes on with them.", "bad")
    if not reasons and not study.missing:
        yield Sentence("Nothing failed.", "good")


_PROOFS = (Status.OPTIMAL, Status.INFEASIBLE)
