"""Statements of paper A on its figures: how the results move with the budget and with the weights.

A line of a figure is a mean over instances. Lines are judged as they are drawn, and single instances are a second
sentence.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache
from typing import NamedTuple

import numpy as np

from formulations.evaluation import Evaluation
from formulations.fields import FloatArray
from formulations.step_allocation.parameters import StepAllocation
from instances.generation.budget import free_edge_steps, with_budget
from reports.papers.audit.claim import Finding, Size, Verdict, claims, share_verdict
from reports.papers.audit.measures.figure_1 import (
    EQUAL_WEIGHTS,
    OWN,
    PANELS,
    RAISED,
    SHARES,
    SUM,
    spent,
)
from reports.papers.audit.measures.outcomes import evaluated
from reports.papers.audit.measures.readings import over_readings
from reports.papers.audit.step_allocation import EQUAL, instances
from reports.papers.figures.paper_a import WEIGHTS

METHODS = {"price-search": "the certified optimum", "sca-published": "the published algorithm"}

SEEN = 0.01
"""Share of the larger of a line's ends up to which a figure shows no change: ours."""

ROUNDING = 1e-9
"""Relative change that counts as rounding, of single instances."""

BUDGETS = np.linspace(0.0, 1.2, 17)
"""As close together as in the figures, where coarser ones step over a rise; 1 is the budget that binds no more."""

LIMITS_OF_FIG_2 = (20.0, 30.0, 40.0)
"""Local step limits S0, one line each [steps]."""

_RULE = (
    "A change of up to 1 % of the larger of a line's ends counts as none, below what a figure shows; this reading "
    "is ours."
)


class Line(NamedTuple):
    """A line of a figure: a quantity over the budget that should go one way."""

    mean: FloatArray
    """Mean over the instances."""
    against: float
    """Largest step the other way, as a share of the larger of the line's ends."""
    steps_against: int
    """Steps the other way that a figure shows."""
    overall: float
    """From first to last budget, the right way, as a share of the larger end."""
    steady: float
    """Share of the instances that never go the other way."""
    ends_right: float
    """Share of the instances that end on the right side of their start."""

    @property
    def verdict(self) -> Verdict:
        """Holds where the line goes one way throughout, in part where it does so from its start to its end."""
        if self.overall <= 0.0:
            return Verdict.FAILS
        return Verdict.HOLDS if self.against <= SEEN else Verdict.PART

    @property
    def levels_off(self) -> bool:
        """Whether the line stands still from where the budget binds no more."""
        flat = self.mean[BUDGETS >= 1.0]
        return bool(np.ptp(flat) <= SEEN * _larger_end(self.mean))


def _larger_end(mean: FloatArray) -> float:
    return float(max(abs(mean[0]), abs(mean[-1])))


def line(curves: FloatArray, sign: float) -> Line:
    """Return the line of curves, shape (cases, budgets), that should rise (sign 1) or fall (-1)."""
    mean = curves.mean(axis=0)
    back = -sign * np.diff(mean) / _larger_end(mean)
    single = sign * np.diff(curves, axis=1) >= -ROUNDING * np.abs(curves[:, :-1])
    return Line(
        mean,
        against=max(0.0, float(back.max())),
        steps_against=int((back > SEEN).sum()),
        overall=float(sign * (mean[-1] - mean[0]) / _larger_end(mean)),
        steady=float(np.mean(single.all(axis=1))),
        ends_right=float(np.mean(sign * (curves[:, -1] - curves[:, 0]) > 0.0)),
    )


def _sweep(data: StepAllocation, name: str) -> list[Evaluation]:
    free = free_edge_steps(data)
    return [evaluated(name, with_budget(data, float(share * free))) for share in BUDGETS]


@cache
def _sweeps(name: str, cases: int) -> tuple[tuple[Evaluation, ...], ...]:
    return tuple(tuple(_sweep(data, name)) for data in instances(max(2, cases // 4)))


def curves_of(name: str, cases: int, metric: str) -> FloatArray:
    """Return a metric of a method over the budgets, shape (instances, budgets)."""
    return np.array([[each.metrics[metric] for each in sweep] for sweep in _sweeps(name, cases)])


def _trend(metric: str, unit: str, sign: float) -> Callable[[Size], Finding]:
    """Return a check that a metric rises (sign 1) or falls (-1) with the budget throughout."""
    back = "downwards" if sign > 0.0 else "upwards"

    def check(size: Size) -> Finding:
        lines = {name: line(curves_of(name, size.cases, metric), sign) for name in METHODS}
        words = (
            f"For {METHODS[name]} the mean line goes from {_shown(each.mean[0])} to {_shown(each.mean[-1])} "
            f"{unit}, {_against(each, back)}; {100 * each.ends_right:.0f} % of the single instances end on the "
            f"right side of their start, {100 * each.steady:.0f} % without any step back."
            for name, each in lines.items()
        )
        evidence = {name: each.against for name, each in lines.items()}
        evidence |= {f"{name} steady": each.steady for name, each in lines.items()}
        verdict = over_readings([each.verdict for each in lines.values()])
        return Finding(verdict, f"{' '.join(words)} {_RULE}", max(2, size.cases // 4), evidence)

    return check


def _shown(number: float) -> str:
    return f"{number:.3g}" if number < 1e3 else f"{number:,.0f}"


def _against(each: Line, back: str) -> str:
    if each.against <= ROUNDING:
        return f"with no step {back}"
    return (
        f"with {each.steps_against} of {BUDGETS.size - 1} steps {back} by more than 1 %, the largest by "
        f"{100 * each.against:.2g} %"
    )


def declines_then_stable(size: Size) -> Finding:
    """Fig. 2: the joint objective falls with the budget and then levels off."""
    count = max(2, size.cases // 4)
    verdicts, words = [], []
    evidence: dict[str, float] = {}
    for name, label in METHODS.items():
        lines = [line(objectives(name, count, limit), -1.0) for limit in LIMITS_OF_FIG_2]
        stable = sum(each.levels_off for each in lines)
        falling = sum(each.verdict is Verdict.HOLDS for each in lines)
        ends = sum(each.overall > 0.0 for each in lines)
        worst = max(each.against for each in lines)
        steady = float(np.mean([each.steady for each in lines]))
        whole = falling == stable == len(lines)
        verdicts.append(Verdict.HOLDS if whole else Verdict.PART if ends else Verdict.FAILS)
        words.append(
            f"For {label} {falling} of the {len(lines)} mean lines decline throughout, {ends} from start to end, "
            f"and {stable} level off; the largest rise is {100 * worst:.2g} %. Of the single "
            f"instances {100 * steady:.0f} % decline without any rise."
        )
        evidence |= {name: worst, f"{name} steady": steady}
    return Finding(over_readings(verdicts), f"{' '.join(words)} {_RULE}", 3 * count, evidence)


def objectives(name: str, count: int, limit: float) -> FloatArray:
    """Return a method's objectives with Fig. 2's weights over the budgets, shape (count, budgets)."""
    drawn = instances(count, preset="fig2", local_max_steps=limit)
    return np.array([[each.objective for each in _sweep(data, name)] for data in drawn])


def better_than_random(size: Size) -> Finding:
    """Fig. 1: the published algorithm with every weight setting against the paper's random baseline."""
    count = max(2, size.cases // 4)
    lines, single = {}, {}
    for label in WEIGHTS:
        ours, random = (spent(name, label, count) for name in ("sca-published", "random"))
        lines[label] = ours.mean(axis=0) < random.mean(axis=0)
        single[label] = ours < random
    drawn, each = (np.mean(list(found.values()), axis=0) for found in (lines, single))
    shares = drawn.mean(axis=0)
    alone = each.mean(axis=(0, 1))
    panels = dict(zip(PANELS, shares[: len(PANELS)].tolist(), strict=True))
    words = ", ".join(
        f"{panel} {100 * share:.0f} % ({100 * alone[number]:.0f} %)"
        for number, (panel, share) in enumerate(panels.items())
    )
    text = (
        "The sentence names no quantity. Read on Fig. 1's three panels, a mean line of the published algorithm is "
        f"better than the random baseline's at this share of {len(WEIGHTS)} weight settings times {SHARES.size} "
        f"budgets (in brackets, of single instances): {words}. Read kindly, on the objective with each line's own "
        f"weights, it is better at {100 * shares[OWN]:.0f} % ({100 * alone[OWN]:.0f} %). Accuracy is bought with "
        "steps: the fewer a method takes, the faster and the less accurate it is."
    )
    by_panel = share_verdict(float(np.mean(list(panels.values()))))
    verdict = over_readings([by_panel, share_verdict(float(shares[OWN]))])
    return Finding(verdict, text, count, {**panels, "objective": float(shares[OWN])})


class Equal(NamedTuple):
    """Where equal weights stand among the settings: one entry per budget, or per instance and budget."""

    best: FloatArray
    """Whether they are best in all three panels."""
    best_sum: FloatArray
    """Whether they are best in the equally weighted objective."""
    never_worst: FloatArray
    """Whether they are the worst in no panel."""
    raising_helps: FloatArray
    """Share of the three panels whose raised weight improves its own quantity."""


def standing(spends: Mapping[str, FloatArray]) -> Equal:
    """Return where equal weights stand; columns of the arrays as in :mod:`.measures.figure_1`, last axis."""
    equal = spends[EQUAL_WEIGHTS]
    others = np.array([found for label, found in spends.items() if label != EQUAL_WEIGHTS])
    rounding = EQUAL * np.abs(equal)
    best, worst = equal <= others.min(axis=0) + rounding, equal > others.max(axis=0) + rounding
    helped = [
        spends[label][..., panel] < (equal - rounding)[..., panel] for panel, label in enumerate(RAISED.values())
    ]
    panels = slice(len(PANELS))
    return Equal(
        best[..., panels].all(axis=-1), best[..., SUM], ~worst[..., panels].any(axis=-1), np.mean(helped, axis=0)
    )


def equal_weights_best(size: Size) -> Finding:
    """Fig. 1: the line of equal weights among the others, in three readings."""
    count = max(2, size.cases // 4)
    spends = {name: {label: spent(name, label, count) for label in WEIGHTS} for name in METHODS}
    lines = {
        name: standing({label: each.mean(axis=0) for label, each in found.items()})
        for name, found in spends.items()
    }
    paper, optimum = lines["sca-published"], lines["price-search"]
    alone = standing(spends["sca-published"])
    text = (
        f"Judged on the published algorithm's mean lines at {SHARES.size} budgets; in brackets, single instances. "
        f"(1) Best in each of the three panels: at {_share(paper.best)} of the budgets ({_share(alone.best)}); "
        f"raising a weight improves what it weighs in {_share(paper.raising_helps)} "
        f"({_share(alone.raising_helps)}), and at an optimum it never worsens that, so that equal weights can tie "
        f"there at best. (2) Best in the equally weighted sum: at {_share(paper.best_sum)} "
        f"({_share(alone.best_sum)}); at the certified optimum, where it cannot be otherwise, at "
        f'{_share(optimum.best_sum)}. (3) Never the worst in a panel, the kindest reading of "no sacrifice": at '
        f"{_share(paper.never_worst)} ({_share(alone.never_worst)}), at the certified optimum at "
        f"{_share(optimum.never_worst)}. {_READINGS}"
    )
    verdict = over_readings(
        [share_verdict(float(np.mean(each))) for each in (paper.best, paper.best_sum, paper.never_worst)]
    )
    evidence = {
        f"{name} {reading}": float(np.mean(getattr(found, reading)))
        for name, found in lines.items()
        for reading in ("best", "best_sum", "never_worst")
    }
    return Finding(verdict, text, count, evidence)


_READINGS = (
    "Each reading that states something measurable counts alike; where they differ, the sentence holds in part."
)


def _share(found: FloatArray) -> str:
    return f"{100 * float(np.mean(found)):.0f} %"


CLAIMS = claims(
    {
        "a-baseline": better_than_random,
        "a-time-falls": _trend("time_seconds", "s", -1.0),
        "a-energy-rises": _trend("energy_joules", "J", 1.0),
        "a-equal-weights": equal_weights_best,
        "a-fig2": declines_then_stable,
    }
)
