"""Paper B's genetic algorithm (section 6.2): P = 100 choices of users, M = 200 generations, best splits inside.

The paper gives the population and the generations and nothing else. What is used here is the textbook algorithm on
the binary x: fair coins at the start, binary tournaments, two-point crossover, one flip per child on average, and
the best choice always survives. A child with more users than the batch takes loses some of them at random. Because
the splits of a choice depend on its size alone, a generation is evaluated by one gain vector for each size in it.
Under further constraints a child is repaired at random, too, and worth less than every feasible one if that fails.
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
from solvers.limits import Limits
from solvers.result import TIME_LIMIT, Outcome
from solvers.split_offloading import constrained_genetic
from solvers.split_offloading.batch_scan import load_kernels_for, solution_of
from solvers.split_offloading.constrained_choice import NOTHING_ALLOWED, Choices

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
    deadline = started + limits.time_seconds
    draw = np.random.default_rng(seed)
    rules = plain_rules(data) if not data.constraints else constrained_rules(data)
    population = draw.random((setting.population, data.users), dtype=np.float32) < 0.5
    rules.repair(population, draw)
    fitness = rules.evaluate(population)
    generation = 0
    while generation < setting.generations and perf_counter() < deadline:
        children = breed(population, fitness, draw)
        rules.repair(children, draw)
        best = int(np.argmax(fitness))
        children[0] = population[best]
        population, fitness = children, rules.evaluate(children)
        generation += 1
    granted = population[int(np.argmax(fitness))]
    feasible = rules.allows(granted)
    reason = "all generations" if generation == setting.generations else TIME_LIMIT
    return Outcome(
        solution_of(data, np.flatnonzero(granted)) if feasible else None,
        reason=reason if feasible else f"{reason}: {NOTHING_ALLOWED}",
        iterations=generation,
        solve_seconds=perf_counter() - started,
    )


class Rules(NamedTuple):
    """What the algorithm knows of a snapshot."""

    repair: Callable[[BoolArray, np.random.Generator], None]
    """Makes choices feasible, in place, where it can."""
    evaluate: Callable[[BoolArray], FloatArray]
    """Fitness of every choice."""
    allows: Callable[[BoolArray], bool]
    """Whether a choice is feasible."""


def plain_rules(data: SplitOffloading) -> Rules:
    """Rules of a snapshot without further constraints."""
    gains_of_batch = lru_cache(maxsize=max(2, _CACHED_BYTES // (8 * data.users)))(lambda batch: gains(data, batch))
    return Rules(
        repair=lambda population, draw: repair(population, data.max_batch, draw),
        evaluate=lambda population: evaluate_all(population, gains_of_batch),
        allows=lambda granted: True,
    )


def constrained_rules(data: SplitOffloading) -> Rules:
    """Rules of a snapshot with further constraints."""
    choices = Choices(data)
    return Rules(
        repair=lambda population, draw: constrained_genetic.repair(population, choices, draw),
        evaluate=lambda population: constrained_genetic.evaluate_all(population, choices),
        allows=lambda granted: choices.shortfall(granted) == 0.0,
    )


def evaluate_all(population: BoolArray, gains_of_batch: Callable[[int], FloatArray]) -> FloatArray:
    """Gain over all-local of every choice with its best splits [s], shape (P,)."""
    sizes = population.sum(axis=1)
    fitness = np.empty(sizes.size)
    for size in np.unique(sizes):
        rows = sizes == size
        fitness[rows] = population[rows] @ gains_of_batch(int(size))
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


def repair(population: BoolArray, max_batch: int, draw: np.random.Generator) -> None:
    """Drop users at random from every choice that is larger than the batch, C2 (3)."""
    for row in np.flatnonzero(population.sum(axis=1) > max_batch):
        granted = np.flatnonzero(population[row])
        population[row, draw.choice(granted, granted.size - max_batch, replace=False)] = False
