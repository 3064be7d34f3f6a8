"""The genetic algorithm of paper B on servers in place of grants: P = 100 choices, M = 200 generations.

As for one server: binary tournaments, two-point crossover, one change per child on average, and the best choice
always survives. Splits are the best ones for the batches that come out. A user that gains nothing at its server,
finds it full or its model not there goes local, users taken in a random order.
"""

from __future__ import annotations

from time import perf_counter

import numpy as np
from numpy.typing import NDArray

from formulations.compiled import compiled
from formulations.fields import FloatArray
from formulations.multi_edge_offloading.gains import GainTable
from formulations.multi_edge_offloading.parameters import MultiEdgeOffloading
from solvers.core.limits import Limits
from solvers.core.result import TIME_LIMIT, Outcome
from solvers.multi_edge_offloading.constrained.demands import demands_of, view
from solvers.multi_edge_offloading.constrained.repair import NO_PLAN
from solvers.multi_edge_offloading.decomposition.rules import Rules, all_allowed
from solvers.multi_edge_offloading.exchange.assignments import assignment_of
from solvers.multi_edge_offloading.gains import gain_table
from solvers.multi_edge_offloading.tree.branch_and_bound import load_kernels, solution_with_models
from solvers.multi_edge_offloading.tree.incumbent import Incumbent, feasible_incumbent

POPULATION = 100
"""P of paper B."""

GENERATIONS = 200
"""M of paper B."""

CROSSOVER_SHARE = 0.9
"""Share of the parents that are crossed."""


def solve(data: MultiEdgeOffloading, limits: Limits, seed: int) -> Outcome:
    """Run the genetic algorithm; equal seeds give equal results unless the time runs out."""
    load_kernels()
    began = perf_counter()
    draw = np.random.default_rng(seed)
    plain = gain_table(data)
    rules, demands = all_allowed(data, plain), demands_of(data, plain)
    table, position = view(plain, rules, demands).table, positions(plain, data.users)
    population = draw.integers(0, data.servers + 1, (POPULATION, data.users))
    fitness = _evaluate(table, rules, position, population, draw)
    generation, reason = 0, "all generations"
    while generation < GENERATIONS:
        if perf_counter() - began > limits.time_limit:
            reason = TIME_LIMIT
            break
        champion, highest = population[np.argmax(fitness)].copy(), float(fitness.max())
        population = _breed(population, fitness, data.servers, draw)
        fitness = _evaluate(table, rules, position, population, draw)
        population[0], fitness[0] = champion, highest
        generation += 1
    best = population[np.argmax(fitness)]
    held = np.zeros(rules.held.shape, dtype=np.bool_)
    offloaded = np.flatnonzero(best > 0)
    held[best[offloaded] - 1, rules.model[offloaded]] = True
    found = Incumbent(assignment_of(best, data.servers), held, float(fitness.max()))
    incumbent = feasible_incumbent(plain, rules, demands, found, better=False)
    if incumbent is None:
        return Outcome(None, reason=NO_PLAN, iterations=generation, solve_seconds=perf_counter() - began)
    return Outcome(
        solution_with_models(data, incumbent),
        reason=reason,
        iterations=generation,
        solve_seconds=perf_counter() - began,
    )


def positions(table: GainTable, users: int) -> NDArray[np.int64]:
    """Where each user is among those that a server reaches, -1 where it is not, shape (m, I)."""
    place = np.full((table.batches.size, users), -1, dtype=np.int64)
    for j in range(table.batches.size):
        reached = table.reached(j)
        place[j, reached] = np.arange(reached.size)
    return place


def _breed(
    population: NDArray[np.int64], fitness: FloatArray, servers: int, draw: np.random.Generator
) -> NDArray[np.int64]:
    """Children of tournament winners: two-point crossover, then one change per child on average."""
    count, users = population.shape
    pairs = draw.integers(0, count, (count, 2))
    winner = np.where(fitness[pairs[:, 0]] >= fitness[pairs[:, 1]], pairs[:, 0], pairs[:, 1])
    children = population[winner]
    cuts = np.sort(draw.integers(0, users + 1, (count // 2, 2)), axis=1)
    crossed = draw.random(count // 2) < CROSSOVER_SHARE
    between = (np.arange(users) >= cuts[:, :1]) & (np.arange(users) < cuts[:, 1:]) & crossed[:, None]
    one, two = children[0::2].copy(), children[1::2].copy()
    children[0::2], children[1::2] = np.where(between, two, one), np.where(between, one, two)
    changed = draw.random(children.shape) < 1.0 / users
    return np.where(changed, draw.integers(0, servers + 1, children.shape), children)


def _evaluate(
    table: GainTable,
    rules: Rules,
    position: NDArray[np.int64],
    population: NDArray[np.int64],
    draw: np.random.Generator,
) -> FloatArray:
    """Repair every choice in place, users in a random order, and return what each gains [s]."""
    fitness = np.empty(len(population))
    fill_fitness(table, rules, position, population, draw.permutation(population.shape[1]), fitness)
    return fitness


@compiled
def fill_fitness(
    table: GainTable,
    rules: Rules,
    position: NDArray[np.int64],
    population: NDArray[np.int64],
    order: NDArray[np.int64],
    fitness: FloatArray,
) -> None:
    """Send users local that cannot be at their place, and write what each choice gains [s]."""
    servers, models = rules.held.shape
    for c in range(fitness.size):
        batch, held = np.zeros(servers, dtype=np.int64), np.zeros((servers, models), dtype=np.bool_)
        slots = rules.slots.copy()
        for i in order:
            j = population[c, i] - 1
            if j < 0:
                continue
            new = not held[j, rules.model[i]]
            if position[j, i] < 0 or batch[j] == table.batches[j] or (new and slots[j] == 0):
                population[c, i] = 0
                continue
            batch[j] += 1
            if new:
                held[j, rules.model[i]] = True
                slots[j] -= 1
        fitness[c] = 0.0
        for i in order:
            j = population[c, i] - 1
            if j >= 0:
                reach = table.start[j + 1] - table.start[j]
                fitness[c] += table.values[table.first[j] + (batch[j] - 1) * reach + position[j, i]]
