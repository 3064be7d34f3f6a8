"""What paper B says of its learned policy: quality and time, measured beside the simple peers.

A general network decides, as the paper's general model does in its comparisons: the one trained as published,
and ours in a column of its own. What is said of the scopes and of learning stands in
:mod:`reports.papers.audit.learned_scopes`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import cache
from typing import NamedTuple, TypeAlias

import numpy as np

from formulations.fields import FloatArray
from reports.papers.audit.claim import Finding, Ours, Size, Verdict, claims, share_verdict
from reports.papers.audit.measures.published_loss import solved_by_tables
from reports.papers.audit.measures.published_training import depends_on_length, how_trained, still_rising
from reports.papers.figures.decisions import Decider, Draw, decide, network, registered
from reports.papers.figures.learned_scopes import GPUS
from reports.papers.figures.running_times import exponent, seconds_of
from solvers.split_offloading.per_dqn.network.configuration import TUNED

USERS = (5, 10, 20, 30, 40)

SECONDS = 60.0
"""Time limit of a solve."""

SOLVED = 1e-6
"""Loss to the certified optimum [s per user] up to which a snapshot counts as solved."""

BASELINES = ("all-offload-best-split", "all-offload-fixed-split", "all-local")

OTHER_BASELINE_2 = "all-offload-at-n-hat"
"""Baseline 2 if its N_hat steps are those on the device."""


class LearnedPolicy(NamedTuple):
    """A learned policy: what decides by it, how a sentence calls it, and for how many users."""

    decider: str
    words: str
    users: tuple[int, ...] = USERS


PUBLISHED = LearnedPolicy("network paper_general", "paper's general network")
PUBLISHED_FEW = LearnedPolicy("network paper_general20", "paper's network for up to 20 users", (5, 10, 20))
OURS = LearnedPolicy("network general", "tuned general network")


def draws(size: Size, users: Sequence[int] = USERS) -> Iterator[Draw]:
    """Return snapshots of Fig. 10a: 5 to 40 users, 8 GPUs."""
    return (Draw(count, 8, seed) for count in users for seed in range(size.cases))


def decider(name: str) -> Decider:
    """Return a network that ships as ``network NAME``, any other name a method of the registry."""
    return network(name.removeprefix("network ")) if name.startswith("network ") else registered(name)


def by_draw(name: str, size: Size, users: Sequence[int] = USERS) -> FloatArray:
    """Return the objective per user [s] on every snapshot of :func:`draws`."""
    return np.concatenate([_by_seed(name, size, count) for count in users])


@cache
def _by_seed(name: str, size: Size, users: int) -> FloatArray:
    chosen = decider(name)
    return np.array([decide(chosen, draw, SECONDS)["objective"] for draw in draws(size, (users,))])


def lost(name: str, size: Size, users: Sequence[int] = USERS) -> FloatArray:
    """Return loss to the certified optimum [s per user] on every snapshot of :func:`draws`."""
    return by_draw("batch-scan", size, users) - by_draw(name, size, users)


def means(name: str, size: Size, users: Sequence[int] = USERS) -> FloatArray:
    """Return the means of Fig. 10 [s per user]: by the users with 8 GPUs, then by the GPUs with 20 users."""
    by_users = by_draw(name, size, users).reshape(len(users), -1).mean(axis=1)
    return np.concatenate([by_users, mean_by_gpus(name, size)])


def above_baselines(size: Size, learned: LearnedPolicy) -> FloatArray:
    """Return by how much a learned policy's means are above the best baseline's [s per user]."""
    best = np.max([means(name, size, learned.users) for name in BASELINES], axis=0)
    return np.asarray(means(learned.decider, size, learned.users) - best)


def outperforms_baselines(size: Size, learned: LearnedPolicy) -> Finding:
    """Fig. 10: the learned policy's means against those of the best of the three baselines."""
    margin = above_baselines(size, learned)
    share = float(np.mean(margin > SOLVED))
    best = np.max([by_draw(name, size, learned.users) for name in BASELINES], axis=0)
    alone, greedy = (
        float(np.mean(by_draw(name, size, learned.users) >= best - SOLVED)) for name in (learned.decider, "greedy")
    )
    text = (
        f"In the mean, as Fig. 10 draws it, the {learned.words} is above the best of the three baselines in "
        f"{np.sum(margin > SOLVED)} of {margin.size} settings ({learned.users[0]} to {learned.users[-1]} users "
        f"with 8 GPUs, 20 users with {GPUS[0]} to {GPUS[-1]}), by {margin.min():.2f} to {margin.max():.2f} s per "
        f"user. Snapshot by snapshot it is at least as good as all three on {100 * alone:.1f} %; so is the greedy "
        f"rule, which learns nothing, on {100 * greedy:.1f} %."
    )
    evidence = {"settings": share, "least_margin": float(margin.min()), "share": alone}
    return Finding(share_verdict(share), text, margin.size * size.cases, evidence)


def reaches_optimality(size: Size, learned: LearnedPolicy) -> Finding:
    """Return how often, and how closely, the learned policy and the simple peers meet the certified optimum."""
    names = {learned.decider: f"the {learned.words}", "greedy": "the greedy rule"}
    names |= {"sorted-stop": "the sorted prefix"}
    losses = {name: lost(name, size, learned.users) for name in names}
    solved = {name: float(np.mean(found <= SOLVED)) for name, found in losses.items()}
    parts = [
        f"{words} {100 * solved[name]:.1f} % (mean loss {losses[name].mean():.2g} s, largest "
        f"{losses[name].max():.2g} s per user)"
        for name, words in names.items()
    ]
    best = bool((above_baselines(size, learned) > SOLVED).all())
    text = (
        f"Read as the certified optimum, solved: {'; '.join(parts)}. The exact scan solves all, by construction. "
        "Read as the best of what Fig. 10 compares, in the mean and in every setting of it, the statement "
        f"{'holds' if best else 'does not hold'}."
    )
    evidence = {name.removeprefix("network "): share for name, share in solved.items()}
    verdict = share_verdict(float(np.mean([solved[learned.decider] == 1.0, best])))
    return Finding(verdict, text, losses[learned.decider].size, evidence)


def narrower_variation(size: Size, learned: LearnedPolicy) -> Finding:
    """Return range of the mean performance over users and over GPUs, against baselines 1 and 2."""
    names = {
        learned.decider: f"the {learned.words}",
        BASELINES[0]: "baseline 1",
        BASELINES[1]: "baseline 2",
        OTHER_BASELINE_2: "baseline 2 in its other reading, with N_hat local steps",
        "batch-scan": "the certified optimum",
    }
    over_users = {name: float(np.ptp(by_draw(name, size).reshape(len(USERS), -1).mean(axis=1))) for name in names}
    over_gpus = {name: float(np.ptp(mean_by_gpus(name, size))) for name in names}
    narrower = [
        spread[learned.decider] < min(spread[name] for name in BASELINES[:2]) - SOLVED
        for spread in (over_users, over_gpus)
    ]
    ranges = "; ".join(
        f"{words} {over_users[name]:.2f} s and {over_gpus[name]:.2f} s" for name, words in names.items()
    )
    text = (
        f"Range of the mean objective per user from {USERS[0]} to {USERS[-1]} users, and from {GPUS[0]} to "
        f"{GPUS[-1]} GPUs with the emphases of 8: {ranges}."
    )
    evidence = {f"{name.removeprefix('network ')}_users": value for name, value in over_users.items()}
    evidence |= {f"{name.removeprefix('network ')}_gpus": value for name, value in over_gpus.items()}
    instances = (len(USERS) + len(GPUS)) * size.cases
    return Finding(share_verdict(float(np.mean(narrower))), text, instances, evidence)


@cache
def mean_by_gpus(name: str, size: Size) -> FloatArray:
    """Return the mean objective per user [s] for every G, 20 users with the emphases of 8 GPUs."""
    chosen = decider(name)
    draws = [[Draw(20, gpus, seed, emphasis_gpus=8) for seed in range(size.cases)] for gpus in GPUS]
    found = np.array([[decide(chosen, draw, SECONDS)["objective"] for draw in each] for each in draws])
    return np.asarray(found.mean(axis=1))


def above_branch_and_bound(size: Size, learned: LearnedPolicy) -> Finding:
    """Fig. 11: the means of fixed-split branch and bound and of the learned policy, by the users."""
    ours, fixed = (by_draw(name, size, learned.users) for name in (learned.decider, "highs-gqap-fixed-split"))
    above = (ours - fixed).reshape(len(learned.users), -1).mean(axis=1)
    share, alone = float(np.mean(above > SOLVED)), float(np.mean(fixed <= ours + SOLVED))
    by_users = [f"{count}: {each:+.2f} s" for count, each in zip(learned.users, above, strict=True)]
    greedy = float(np.mean(fixed <= by_draw("greedy", size, learned.users) + SOLVED))
    text = (
        f"In the mean, as Fig. 11 draws it, the {learned.words} is above branch and bound with n = N_hat by, per "
        f"user, with {', '.join(by_users)}; the user counts of Fig. 11 are not in the text. Snapshot by snapshot "
        f"branch and bound is no better on {100 * alone:.1f} %."
    )
    if learned is not PUBLISHED_FEW:
        text += (
            " What it lacks is the split, not the search: it is no better than the greedy rule with best splits "
            f"on {100 * greedy:.1f} %, too, and no method with best splits loses to it once it finds the optimum."
        )
    evidence = {"user_counts": share, "share": alone, "mean_difference": float(np.mean(ours - fixed))}
    return Finding(share_verdict(share), text, ours.size, evidence)


@cache
def times(name: str, users: tuple[int, ...]) -> tuple[float, ...]:
    """Return the median processor time of one decision [s], 8 GPUs, three snapshots each."""
    chosen = decider(name)
    return tuple(
        float(np.median([seconds_of(chosen, Draw(count, 8, seed), SECONDS) for seed in range(3)]))
        for count in users
    )


PEER_USERS = (10, 20, 40)
"""Sizes at which the slower peers are timed."""

MANY_USERS = (10, 20, 40, 80, 160, 320)


LINEAR = 1.15
"""Exponent of the users up to which measured times count as linear."""


def linear_time(size: Size) -> Finding:
    """Growth of the time of a decision with the users, for the network and for the exact scan."""
    ours, exact = times(OURS.decider, MANY_USERS), times("batch-scan", MANY_USERS)
    grows, exact_grows = exponent(MANY_USERS, ours), exponent(MANY_USERS, exact)
    late = exponent(MANY_USERS[-3:], ours[-3:])
    text = (
        f"From {MANY_USERS[0]} to {MANY_USERS[-1]} users the time grows as I^{grows:.2f}, over the last three "
        f"sizes as I^{late:.2f}: there are I calls of the network, and each reads all users that are left. The "
        f"exact scan grows as I^{exact_grows:.2f} with B_max = 20."
    )
    verdict = Verdict.HOLDS if max(grows, late) <= LINEAR else Verdict.PART if grows <= LINEAR else Verdict.FAILS
    published = exponent(PEER_USERS, times(PUBLISHED.decider, PEER_USERS))
    padded = (
        "The state is padded to a fixed number of users, so that each of at most I calls of the network costs the "
        f"same, up to that number of users. From {PEER_USERS[0]} to {PEER_USERS[-1]} users the time "
        f"of the paper's general network grows as I^{published:.2f}. {how_trained(general_alone(PUBLISHED))}"
    )
    evidence = {"exponent": published, "ours": grows, "ours_late": late, "scan": exact_grows}
    held = Verdict.HOLDS if published <= LINEAR else Verdict.FAILS
    ours_is = Ours(verdict, f"{text} {how_trained(general_alone(OURS))}")
    return Finding(held, padded, 3 * len(PEER_USERS), evidence, ours_is)


def viable_for_many_users(size: Size, learned: LearnedPolicy) -> Finding:
    """Return the time of the network against that of the methods that are at least as good."""
    users = PEER_USERS if learned is PUBLISHED else MANY_USERS
    ours, exact, simple = (np.array(times(name, users)) for name in (learned.decider, "batch-scan", "greedy"))
    ratios, greedy, at_paper = ours / exact, ours / simple, users.index(20)
    text = (
        f"One decision for 20 users takes the {learned.words} {1e3 * ours[at_paper]:.2g} ms and the exact "
        f"scan {1e3 * exact[at_paper]:.2g} ms; from {users[0]} to {users[-1]} users the "
        f"network takes {ratios.min():.0f} to {ratios.max():.0f} times as long as the scan, which is never worse, "
        f"and {greedy.min():.0f} to {greedy.max():.0f} times as long as the greedy rule."
    )
    peers = times("genetic", PEER_USERS), times("highs-gqap-fixed-split", PEER_USERS)
    slower = [float(np.min(np.array(peer) / np.array(times(learned.decider, PEER_USERS)))) for peer in peers]
    text = (
        "Of the methods that the paper compares it is the fastest: for "
        f"{PEER_USERS[0]} to {PEER_USERS[-1]} users the genetic algorithm takes at least {slower[0]:.2g} and "
        f"branch and bound at least {slower[1]:.2g} times as long. {text}"
    )
    verdict = share_verdict(float(np.mean([each > 1.0 for each in slower])))
    if ratios.min() > 1.0:
        text += " Beside the exact scan neither quality nor speed speaks for it on the problem as posed."
    return Finding(verdict, text, 3 * len(users), {"least_ratio": ratios.min(), "largest_ratio": ratios.max()})


def loss_as_printed(size: Size) -> Finding:
    """Return the loss (23) with max_a Q(s_t, a), as printed, against Q(s_t, a_t), with tables of all states."""
    cases = max(6, size.cases // 4)
    solved = {printed: solved_by_tables(printed, cases) for printed in (True, False)}
    text = (
        "With a table in place of the network, six users, every action explored alike and rewards that are known "
        "at once, learning with max_a Q(s_t, a) in the loss ends with an optimal decision on "
        f"{100 * solved[True]:.0f} % of {cases} snapshots, with Q(s_t, a_t) on {100 * solved[False]:.0f} %: (23) "
        "moves the value of the better action whichever was taken. DQN as cited has the latter, and (22) defines "
        "Q by it: we take (23) for a misprint, and train with Q(s_t, a_t)."
    )
    verdict = (
        Verdict.HOLDS
        if solved[True] == 1.0
        else Verdict.MISPRINT
        if solved[False] > solved[True]
        else Verdict.PART
    )
    evidence = {"as_printed": solved[True], "of_the_action_taken": solved[False]}
    penalty = {"huber": "Huber's loss", "squared": "the square"}[TUNED.loss]
    ours = (
        "Not judged: our trainings do not have (23) as printed. Their loss is that of the action taken, "
        f"{penalty} of Q(s_t, a_t) less its target."
    )
    return Finding(verdict, text, cases, evidence, Ours(Verdict.UNCHECKED, ours))


Networks: TypeAlias = Callable[[LearnedPolicy], Mapping[str, str]]
"""Files of the shipped networks that a verdict on a learned policy rests on, by what they are for."""


def general_alone(learned: LearnedPolicy) -> Mapping[str, str]:
    """Return the file of the general network."""
    return {"general": learned.decider.removeprefix("network ")}


def beside_ours(
    check: Callable[[Size, LearnedPolicy], Finding], networks: Networks = general_alone
) -> Callable[[Size], Finding]:
    """Return the check of the network trained as published, with that of ours in its own column.

    Both say how they were trained.
    """

    def both(size: Size) -> Finding:
        published, ours = check(size, PUBLISHED), check(size, OURS)
        return replace(
            published,
            measured=f"{published.measured} {how_trained(networks(PUBLISHED))}",
            ours=Ours(ours.verdict, f"{ours.measured} {how_trained(networks(OURS))}"),
        )

    return both


def in_both_columns(
    check: Callable[[Size, LearnedPolicy], Finding],
    networks: Networks = general_alone,
    *,
    few: bool = False,
) -> Callable[[Size], Finding]:
    """Return :func:`beside_ours`, the paper's judged with the trainings' length, see :func:`depends_on_length`.

    With ``few`` the network for up to 20 users is told of beside it, if its training is flat.
    """

    def both(size: Size) -> Finding:
        found = beside_ours(check, networks)(size)
        is_flat = few and not any(map(still_rising, general_alone(PUBLISHED_FEW).values()))
        flat = check(size, PUBLISHED_FEW) if is_flat else None
        measured = found.measured
        if flat is not None:
            trained = how_trained(general_alone(PUBLISHED_FEW))
            measured += f" With up to 20 users, for which a training is flat: {flat.measured} {trained}"
        verdict = depends_on_length(found.verdict, networks(PUBLISHED), None if flat is None else flat.verdict)
        return replace(found, verdict=verdict, measured=measured)

    return both


CLAIMS = claims(
    {
        "b-learned-baselines": in_both_columns(outperforms_baselines, few=True),
        "b-learned-optimal": in_both_columns(reaches_optimality, few=True),
        "b-learned-narrower": in_both_columns(narrower_variation),
        "b-learned-above-bb": in_both_columns(above_branch_and_bound, few=True),
        "b-learned-linear": linear_time,
        "b-learned-viable": beside_ours(viable_for_many_users),
        "b-loss-23": loss_as_printed,
    }
)
