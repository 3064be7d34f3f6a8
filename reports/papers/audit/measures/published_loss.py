"""Learning with the loss (23) of paper B as printed, by tables that hold every state of a small snapshot.

Users are handled in the order of the list; a state is the users granted so far and the next one to handle. The
reward of an action is what it adds to the gain over all-local, known at once. Nothing else differs between the two
losses: every state and action comes up once in each pass, in random order, as from a uniform memory.
"""

from __future__ import annotations

import numpy as np

from formulations.fields import FloatArray
from formulations.split_offloading.gain import gains
from formulations.split_offloading.parameters import SplitOffloading
from reports.papers.figures.decisions import Draw, snapshot

USERS = 6

PASSES = 100

RATE = 0.3
"""Learning rate of every update."""

ROUNDING = 1e-9


def solved_by_tables(printed: bool, cases: int) -> float:
    """Return the share of snapshots whose greedy policy is optimal after learning, see :func:`learned_values`."""
    solved = 0
    for seed in range(cases):
        values = set_values(snapshot(Draw(USERS, 8, seed)))
        found = values[greedy_choice(learned_values(values, printed, np.random.default_rng(seed)))]
        solved += bool(found >= values.max() - ROUNDING)
    return solved / cases


def set_values(data: SplitOffloading) -> FloatArray:
    """J of every set of users [s], shape (2^I,); bit i of the index says whether user i is granted."""
    worth = [gains(data, batch) for batch in range(1, data.users + 1)]
    values = np.zeros(1 << data.users)
    for chosen in range(1, values.size):
        granted = [i for i in range(data.users) if chosen >> i & 1]
        values[chosen] = worth[len(granted) - 1][granted].sum()
    return values


def learned_values(values: FloatArray, printed: bool, draw: np.random.Generator) -> FloatArray:
    """Q of deny and grant after learning, shape (I + 1, 2^I, 2); 0 after the last user.

    Parameters
    ----------
    values : FloatArray
        J of every set, see :func:`set_values`.
    printed : bool
        Whether the squared error is that of max_a Q(s_t, a), as in (23), or of Q(s_t, a_t).
    draw : numpy.random.Generator
        Order of the transitions.
    """
    users = values.size.bit_length() - 1
    q = np.zeros((users + 1, values.size, 2))
    transitions = [(i, before, action) for i in range(users) for before in range(1 << i) for action in (0, 1)]
    for _ in range(PASSES):
        for number in draw.permutation(len(transitions)):
            i, before, action = transitions[number]
            after = before | action << i
            target = values[after] - values[before] + q[i + 1, after].max()
            moved = int(q[i, before].argmax()) if printed else action
            q[i, before, moved] += RATE * (target - q[i, before, moved])
    return q


def greedy_choice(q: FloatArray) -> int:
    """Set of users that are granted where Q says so, one after another; a tie denies."""
    chosen = 0
    for i in range(q.shape[0] - 1):
        chosen |= int(q[i, chosen, 1] > q[i, chosen, 0]) << i
    return chosen
