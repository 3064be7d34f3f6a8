"""What further constraints change in the genetic algorithm: its repair and its fitness."""

from __future__ import annotations

import numpy as np

from formulations.fields import BoolArray, FloatArray
from solvers.split_offloading.constrained_choice import Choices

MOST_CHANGES = 16
"""Most users that one repair changes in a choice."""


def evaluate_all(population: BoolArray, choices: Choices) -> FloatArray:
    """Gain over all-local of every choice with its best splits [s], shape (P,).

    A choice that breaks a constraint is worth less than every feasible one, and the less the more it breaks.
    """
    sizes = population.sum(axis=1)
    fitness, shortfall = np.empty(sizes.size), np.empty(sizes.size)
    for size in np.unique(sizes).tolist():
        rows = sizes == size
        batch = choices.batch(size)
        fitness[rows] = population[rows] @ np.where(batch.grantable, batch.gain, 0.0)
        shortfall[rows] = choices.shortfalls(population[rows], size)
    broken = shortfall > 0.0
    lowest = float(fitness[~broken].min(initial=0.0))
    fitness[broken] = lowest - (1.0 + abs(lowest)) * (1.0 + shortfall[broken])
    return fitness


def repair(population: BoolArray, choices: Choices, draw: np.random.Generator) -> None:
    """Change users at random, one at a time, in every choice that breaks a constraint, until it breaks none.

    A choice that nothing mends, or not within :data:`MOST_CHANGES`, is left to its fitness.
    """
    rows = np.arange(len(population))
    for _ in range(MOST_CHANGES):
        candidates = changes(population[rows], choices)
        open_rows = candidates.any(axis=1)
        rows, candidates = rows[open_rows], candidates[open_rows]
        if rows.size == 0:
            return
        chosen = np.argmax(candidates * (draw.random(candidates.shape) + 1.0), axis=1)
        population[rows, chosen] ^= True


def changes(population: BoolArray, choices: Choices) -> BoolArray:
    """Users of whom one is to be granted or denied, for the first kind of constraint broken; shape (P, I)."""
    sizes = population.sum(axis=1)
    different, which = np.unique(sizes, return_inverse=True)
    batches = [choices.batch(size) for size in different.tolist()]
    mandatory = np.array([batch.mandatory for batch in batches])[which]
    grantable = np.array([batch.grantable for batch in batches])[which]
    over = (choices.excess(population) > 0.0).astype(np.float64)
    optional = population & ~mandatory
    kinds = (
        mandatory & ~population,
        population & ~grantable,
        optional & (sizes >= choices.sizes.stop)[:, None],
        ~population & grantable & (sizes < choices.sizes.start)[:, None],
        optional & (over @ (choices.coefficients > 0.0) > 0.0),
        ~population & (over @ (choices.coefficients < 0.0) > 0.0),
    )
    needed = np.zeros_like(population)
    for users in kinds:
        needed |= users & ~needed.any(axis=1, keepdims=True)
    return needed
