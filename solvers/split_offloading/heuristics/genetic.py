"""Genetic algorithm of paper B ([1]_, 6.2): P = 100 choices of users, M = 200 generations, best splits inside.

The paper gives the population and the generations and nothing else. What is used here is the textbook algorithm on
the binary x: fair coins at the start, binary tournaments, two-point crossover, one flip per child on average, and
the best choice always survives. A child with more users than the batch takes loses some of them at random. Because
the splits of a choice depend on its size alone, a generation is evaluated by one gain vector for each size in it.
Under further constraints a child is repaired at random, too, and worth less than every feasible one if that fails;
one choice of the start is that of the mandatory users alone. Where there is no time for a whole generation, what
was evaluated of it counts.

References
----------
.. [1] W. Yang, Z. Xiong, S. Guo, S. Mao, D. I. Kim, M. Debbah, "Efficient Multi-user Offloading of Personalized
   Diffusion Models: A DRL-Convex Hybrid Solution" (2024).
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from time import perf_counter
from typing import NamedTuple

import numpy as np

from formulations.fields import BoolArray, FloatArray
from formulations.split_offloading.gain import gains
from formulations.split_offloading.parameters import SplitOffloading
from solvers.core.limits import Limits
from solvers.core.result import TIME_LIMIT, Outcome
from solvers.split_offloading.exact.batch_scan import load_kernels_for, solution_of
from solvers.split_offloading.exact.constrained_choice import NOTHING_ALLOWED, Choices, mandatory_at_once
from solvers.split_offloading.heuristics import constrained_genetic
from solvers.split_offloading.heuristics.constrained_genetic import CELLS_BETWEEN_CLOCKS, first_before

CROSSOVER_SHARE = 0.9
"""Share of the parents that are crossed."""

_CACHED_BYTES = 1 << 28


class Setting(NamedTuple):
    """Size of the search; the defaults are paper B's."""

    population: int = 100
    """P, an even number."""
    generations: int = 200
    """M."""


PAPER = Setting()


def solve(data: SplitOffloading, limits: Limits, seed: int, *, setting: Setting = PAPER) -> Outcome:
    """Run the genetic algorithm; equal seeds give equal results unless the time runs out."""
    load_kernels_for(data)
    started = perf_counter()
    deadline = started + limits.time_limit
    draw = np.random.default_rng(seed)
    rules = plain_rules(data) if not data.constraints else constrained_rules(data)
    population = first_population(setting.population, data.users, draw, deadline)
    rules.begin(population)
    population = population[: rules.repair(population, draw, deadline)]
    fitness = rules.evaluate(population, deadline)
    best = int(np.argmax(fitness))
    champion, highest = population[best].copy(), float(fitness[best])
    generation = 0
    while generation < setting.generations and perf_counter() < deadline:
        children = breed(population, fitness, draw)
        repaired = rules.repair(children, draw, deadline)
        children[0] = champion
        population = children[:repaired]
        fitness = rules.evaluate(population, deadline)
        best = int(np.argmax(fitness))
        if fitness[best] > highest:
            champion, highest = population[best].copy(), float(fitness[best])
        generation += 1
    feasible = rules.allows(champion)
    reason = "all generations" if generation == setting.generations else TIME_LIMIT
    return Outcome(
        solution_of(data, np.flatnonzero(champion)) if feasible else None,
        reason=reason if feasible else f"{reason}: {NOTHING_ALLOWED}",
        iterations=generation,
        solve_seconds=perf_counter() - started,
    )


def first_population(size: int, users: int, draw: np.random.Generator, deadline: float) -> BoolArray:
    """Choices by fair coins, shape (P, I), as many as there is time for and at least one."""
    population = np.empty((size, users), dtype=np.bool_)
    at_once = max(1, CELLS_BETWEEN_CLOCKS // users)
    for first in range(0, size, at_once):
        if first and perf_counter() >= deadline:
            return population[:first]
        part = population[first : first + at_once]
        np.less(draw.random(part.shape, dtype=np.float32), 0.5, out=part)
    return population


class Rules(NamedTuple):
    """What the algorithm knows of a snapshot."""

    begin: Callable[[BoolArray], None]
    """Puts what is known to be feasible among the first choices."""
    repair: Callable[[BoolArray, np.random.Generator, float], int]
    """Makes choices feasible, in place, where it can; returns for how many there was time until a deadline."""
    evaluate: Callable[[BoolArray, float], FloatArray]
    """Fitness of every choice; minus infinity where there was no time until a deadline."""
    allows: Callable[[BoolArray], bool]
    """Whether a choice is feasible."""


def plain_rules(data: SplitOffloading) -> Rules:
    """Rules of a snapshot without further constraints."""
    gains_of_batch = lru_cache(maxsize=max(2, _CACHED_BYTES // (8 * data.users)))(lambda batch: gains(data, batch))
    return Rules(
        begin=lambda population: None,
        repair=lambda population, draw, deadline: repair(population, data.max_batch, draw, deadline),
        evaluate=lambda population, deadline: evaluate_all(population, gains_of_batch, deadline),
        allows=lambda granted: True,
    )


def constrained_rules(data: SplitOffloading) -> Rules:
    """Rules of a snapshot with further constraints."""
    choices = Choices(data)

    def begin(population: BoolArray) -> None:
        population[0] = mandatory_at_once(choices)

    return Rules(
        begin=begin,
        repair=lambda population, draw, deadline: constrained_genetic.repair(population, choices, draw, deadline),
        evaluate=lambda population, deadline: constrained_genetic.evaluate_all(population, choices, deadline),
        allows=lambda granted: choices.shortfall(granted) == 0.0,
    )


def evaluate_all(
    population: BoolArray, gains_of_batch: Callable[[int], FloatArray], deadline: float = np.inf
) -> FloatArray:
    """Gain over all-local of every choice with its best splits [s], shape (P,).

    The first choice is always evaluated; those for which the time until ``deadline`` is not enough are worth minus
    infinity.
    """
    sizes = population.sum(axis=1)
    fitness = np.full(sizes.size, -np.inf)
    for size in first_before(sizes):
        if size != sizes[0] and perf_counter() >= deadline:
            break
        rows = sizes == size
        fitness[rows] = population[rows] @ gains_of_batch(size)
    return fitness


def breed(population: BoolArray, fitness: FloatArray, draw: np.random.Generator) -> BoolArray:
    """Children of parents that won binary tournaments: two-point crossover, then one flip each on average."""
    size, users = population.shape
    rivals = draw.integers(0, size, (2, size))
    winners = np.where(fitness[rivals[0]] >= fitness[rivals[1]], rivals[0], rivals[1])
    children: BoolArray = population[winners]
    mothers, fathers = children[: size // 2], children[size // 2 :]
    first, last = np.sort(draw.integers(0, users + 1, (2, size // 2)), axis=0)
    last[draw.random(size // 2) >= CROSSOVER_SHARE] = 0
    place = np.arange(users)
    swapped = (place >= first[:, None]) & (place < last[:, None])
    swapped &= mothers ^ fathers
    mothers ^= swapped
    fathers ^= swapped
    flips = draw.integers(0, size * users, draw.binomial(size * users, 1.0 / users))
    np.bitwise_xor.at(children.reshape(-1), flips, True)
    return children


def repair(population: BoolArray, max_batch: int, draw: np.random.Generator, deadline: float = np.inf) -> int:
    """Drop users at random from every choice that is larger than the batch, C2 (3).

    Returns
    -------
    int
        Choices, from the first on, for which there was time until ``deadline``; some there always is for one.
    """
    for row in np.flatnonzero(population.sum(axis=1) > max_batch).tolist():
        if row and perf_counter() >= deadline:
            return int(row)
        granted = np.flatnonzero(population[row])
        population[row, draw.choice(granted, granted.size - max_batch, replace=False)] = False
    return len(population)
