"""Memetic tabu search: short tabu searches from between the best assignments found so far.

After Silva, Coelho and Darvish [1]_, who solve the GQAP by iterated tabu search and a memetic algorithm on top
of it. What is used here: a pool of the best assignments, path relinking from one of them part of the way to
another one, and from there a tabu search that crosses overloaded places at an adaptive price, which lets it get
through where hardly any assignment is feasible.

References
----------
.. [1] A. Silva, L. C. Coelho, M. Darvish, "Quadratic assignment problem variants: A survey and an effective
   parallel memetic iterated tabu search", European Journal of Operational Research 292 (2021).
"""

from __future__ import annotations

from functools import cache
from time import perf_counter
from typing import NamedTuple

import numpy as np

from formulations.gqap.evaluation import capacity_violation, place_loads
from formulations.gqap.parameters import GQAP
from solvers.core.limits import Limits
from solvers.core.result import TIME_LIMIT, Outcome
from solvers.gqap.cost_arrays import CostArrays, cost_arrays, has_room, magnitude, marginal_cost, total_cost
from solvers.gqap.heuristics.elite import Elite, IntArray, disturbed
from solvers.gqap.heuristics.greedy import assign_by_regret
from solvers.gqap.heuristics.path_relinking import relink
from solvers.gqap.heuristics.tabu_kernels import ITERATION, PENALTY, Rules, Walk, walk_on

NO_ROOM = "an item fits nowhere, or all together weigh too much"
"""Reason where that proves that there is no assignment."""

GREEDY_SHARE = 0.5
"""Share of the time that the first assignment may take."""

FRESH_STARTS = 0.05
"""Share of the searches that start from a random assignment though there are parents."""

PENALTY_SPREAD = 1e6
"""Factor by which the penalty may leave its first value in either direction."""

KERNEL_STEPS = 2e7
"""Moves that one call of the kernel may look at, some tenths of a second of work."""

PART_OF_THE_WAY = (0.3, 0.7)
"""Range of the moves of path relinking, as a share of the items that are at other places."""

PATIENCE_PER_CELL = 0.25
"""Iterations of a tabu search without a better assignment, per item and place."""

SHORTEST_PATIENCE = 30

START_SECONDS = 2e-10
"""Time that the first costs of all moves take per item, item and place, about [s]."""

SHORT_START = 0.1
"""Time that a start may take whatever is left [s]."""


class Setting(NamedTuple):
    """Size of the search."""

    pool: int = 20
    """Assignments that are kept as parents."""
    patience: int = 400
    """Searches in a row without a cheaper assignment after which it ends."""


PATIENCE_PER_ITEM = 100
"""Searches in a row without a cheaper assignment, per item, after which the method of its own ends."""

MOST_PATIENCE = 3000


def full(items: int) -> Setting:
    """Size of the method of its own: more items, more assignments that look alike."""
    return Setting(patience=min(max(Setting().patience, PATIENCE_PER_ITEM * items), MOST_PATIENCE))


class TabuResult(NamedTuple):
    """Result of a tabu search."""

    place: IntArray | None
    """Best feasible assignment."""
    iterations: int
    finished: bool
    """Whether patience ended it, not the clock."""


def solve(data: GQAP, limits: Limits, seed: int) -> Outcome:
    """Search until patience runs out; equal seeds give equal results unless the time runs out first."""
    load_kernels()
    started = perf_counter()
    if not has_room(cost_arrays(data)):
        return Outcome(None, infeasible=True, reason=NO_ROOM, solve_seconds=perf_counter() - started)
    setting = full(data.items)
    found = search(data, seed, started + limits.time_limit, setting)
    return Outcome(
        solution=None if found.place is None else {"assignment": found.place},
        reason=f"no cheaper assignment in {setting.patience} searches" if found.finished else TIME_LIMIT,
        iterations=found.iterations,
        solve_seconds=perf_counter() - started,
    )


def search(data: GQAP, seed: int, deadline: float, setting: Setting | None = None) -> TabuResult:
    """Run tabu searches from greedy's assignment, random ones and some between two, while patience lasts."""
    draw = np.random.default_rng(seed)
    setting = full(data.items) if setting is None else setting
    arrays = cost_arrays(data)
    rules = rules_for(arrays)
    penalty = first_penalty(arrays)
    elite = Elite(setting.pool)
    iterations = searches = improved = 0
    finished = True
    now = perf_counter()
    place = assign_by_regret(arrays, now + GREEDY_SHARE * max(deadline - now, 0.0))
    start_seconds = START_SECONDS * data.items**2 * data.places
    if place is not None and start_seconds > SHORT_START and perf_counter() + start_seconds >= deadline:
        fits = capacity_violation(data, place_loads(data, place)) == 0.0
        return TabuResult(place if fits else None, 0, finished=False)
    while searches - improved < setting.patience and finished:
        if searches > 0 or place is None:
            parents = elite.is_full and draw.random() >= FRESH_STARTS
            place = offspring(arrays, elite, rules, penalty, draw) if parents else random_assignment(arrays, draw)
        walk = start(arrays, place, penalty, draw)
        finished = run(arrays, walk, rules, deadline)
        cost = total_cost(arrays, walk.best)
        if capacity_violation(data, place_loads(data, walk.best)) == 0.0:
            improved = searches if cost < elite.best_cost - rules.smallest_gain else improved
            elite.offer(cost, walk.best)
        penalty = float(np.sqrt(penalty) * np.sqrt(walk.amounts[PENALTY]))
        iterations += int(walk.counts[ITERATION])
        searches += 1
    return TabuResult(elite.best, iterations, finished)


def offspring(
    arrays: CostArrays, elite: Elite, rules: Rules, penalty: float, draw: np.random.Generator
) -> IntArray:
    """An assignment part of the way from one member of the elite to another, perhaps disturbed."""
    first, second = elite.parents(draw)
    apart = int(np.count_nonzero(first != second))
    walk = start(arrays, first, penalty, draw)
    relink(arrays, walk, rules, second, max(1, int(apart * draw.uniform(*PART_OF_THE_WAY))))
    return disturbed(walk.place, draw)


def run(arrays: CostArrays, walk: Walk, rules: Rules, deadline: float) -> bool:
    """Continue a search to its end or the deadline; return whether it ended by itself."""
    items, places = arrays.own.shape
    iterations = max(1, int(KERNEL_STEPS / (items * (items + 2 * places))))
    while perf_counter() < deadline:
        if walk_on(arrays, walk, rules, iterations):
            return True
    return False


def rules_for(arrays: CostArrays) -> Rules:
    """Constants that fit the size and the costs of a problem."""
    items, places = arrays.own.shape
    penalty = first_penalty(arrays)
    return Rules(
        patience=max(SHORTEST_PATIENCE, int(PATIENCE_PER_CELL * items * places)),
        shortest=max(2, items // 4),
        longest=max(3, items),
        least_penalty=penalty / PENALTY_SPREAD,
        largest_penalty=penalty * PENALTY_SPREAD,
        smallest_gain=1e-13 * magnitude(arrays),
    )


def first_penalty(arrays: CostArrays) -> float:
    """Price of excess load that makes an item's share of the cost worth its weight [cost/load]."""
    items, places = arrays.own.shape
    share = magnitude(arrays) / (items * places)
    weight = float(arrays.weight.mean())
    return share / weight if share > 0.0 and weight > 0.0 else 1.0


def random_assignment(arrays: CostArrays, draw: np.random.Generator) -> IntArray:
    """Items by falling weight, with some disorder, each to a random place that has room, else to the emptiest."""
    room = arrays.limit.copy()
    place = np.zeros(arrays.weight.size, dtype=np.int64)
    for i in np.argsort(-arrays.weight * draw.uniform(0.8, 1.2, place.size), kind="stable"):
        fitting = np.flatnonzero(room >= arrays.weight[i])
        place[i] = draw.choice(fitting) if fitting.size else np.argmax(room)
        room[place[i]] -= arrays.weight[i]
    return place


def start(arrays: CostArrays, place: IntArray, penalty: float, draw: np.random.Generator) -> Walk:
    """A search at its first assignment; ``best`` is that assignment until a feasible one is found."""
    load = np.bincount(place, arrays.weight, arrays.limit.size).astype(np.float64)
    cost = total_cost(arrays, place)
    best_cost = cost if (load <= arrays.limit).all() else np.inf
    return Walk(
        place=place,
        load=load,
        marginal=marginal_cost(arrays, place),
        tabu_until=np.zeros(arrays.own.shape, dtype=np.int64),
        best=place.copy(),
        amounts=np.array([cost, penalty, best_cost]),
        counts=np.zeros(3, dtype=np.int64),
        random=draw.integers(1, 2**63, 1).astype(np.uint64),
    )


@cache
def load_kernels() -> None:
    """Run the kernels once on a single item, which compiles them or loads them from the cache on disk."""
    one = np.ones((1, 1))
    arrays = CostArrays(one, one.copy(), one.copy(), np.ones(1), np.ones(1))
    walk = start(arrays, np.zeros(1, dtype=np.int64), 1.0, np.random.default_rng(0))
    walk_on(arrays, walk, rules_for(arrays), 1)
    relink(arrays, walk, rules_for(arrays), walk.place.copy(), 1)
