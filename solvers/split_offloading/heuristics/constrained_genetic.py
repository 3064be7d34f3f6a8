"""Start, repair and fitness of the genetic algorithm under further constraints."""

from __future__ import annotations

from time import perf_counter

import numpy as np
from numpy.typing import NDArray

from formulations.fields import BoolArray, FloatArray
from solvers.split_offloading.exact.constrained_choice import Choices

MOST_PASSES = 16
"""Most times that one repair goes through a choice."""

CELLS_BETWEEN_CLOCKS = 1_000_000
"""Choices times users that a repair goes through before the time is looked at."""


def evaluate_all(population: BoolArray, choices: Choices, deadline: float = np.inf) -> FloatArray:
    """Gain over all-local of every choice with its best splits [s], shape (P,).

    A choice that breaks a constraint is worth less than every feasible one, and the less the more it breaks. The
    first choice is always evaluated; those for which the time until ``deadline`` is not enough are worth minus
    infinity.
    """
    sizes = population.sum(axis=1)
    fitness, shortfall = np.full(sizes.size, -np.inf), np.zeros(sizes.size)
    for size in first_before(sizes):
        if size != sizes[0] and perf_counter() >= deadline:
            break
        rows = sizes == size
        batch = choices.batch(size)
        fitness[rows] = population[rows] @ np.where(batch.grantable, batch.gain, 0.0)
        shortfall[rows] = choices.shortfalls(population[rows], size)
    broken = shortfall > 0.0
    lowest = float(fitness[~broken & (fitness > -np.inf)].min(initial=0.0))
    fitness[broken] = lowest - (1.0 + abs(lowest)) * (1.0 + shortfall[broken])
    return fitness


def first_before(sizes: NDArray[np.int64]) -> list[int]:
    """The different sizes in ascending order, but the first one at first."""
    others = np.unique(sizes[sizes != sizes[0]]).tolist()
    return [int(sizes[0]), *others]


def repair(population: BoolArray, choices: Choices, draw: np.random.Generator, deadline: float = np.inf) -> int:
    """Change users at random in every choice that breaks a constraint, as few as mend it, until it breaks none.

    A choice that nothing mends, or not within :data:`MOST_PASSES`, is left to its fitness.

    Returns
    -------
    int
        Choices, from the first on, for which there was time until ``deadline``; some there always is for one.
    """
    at_once = max(1, CELLS_BETWEEN_CLOCKS // choices.users)
    for first in range(0, len(population), at_once):
        if first and perf_counter() >= deadline:
            return first
        part = population[first : first + at_once]
        rows = np.arange(len(part))
        for _ in range(MOST_PASSES):
            before: BoolArray = part[rows]
            after = mended(before, choices, draw, deadline)
            part[rows] = after
            rows = rows[(before != after).any(axis=1)]
            if rows.size == 0:
                break
            if perf_counter() >= deadline:
                return max(1, first)
    return len(population)


def mended(
    population: BoolArray, choices: Choices, draw: np.random.Generator, deadline: float = np.inf
) -> BoolArray:
    """The choices with the first kind of constraint that each breaks mended, as far as it goes; shape (P, I).

    All missing users are added. Of those that may not be granted in a batch of that size, half are dropped, since
    a smaller batch may allow the others. Rows that couple users are mended one after another until ``deadline``.
    """
    sizes = population.sum(axis=1)
    different, which = np.unique(sizes, return_inverse=True)
    batches = [choices.batch(size) for size in different.tolist()]
    mandatory = np.array([batch.mandatory for batch in batches])[which]
    grantable = np.array([batch.grantable for batch in batches])[which]
    optional, addable = population & ~mandatory, ~population & grantable
    missing, forbidden = mandatory & ~population, population & ~grantable
    kinds = (
        (missing, missing.sum(axis=1)),
        (forbidden, (forbidden.sum(axis=1) + 1) // 2),
        (optional, sizes - choices.sizes.stop + 1),
        (addable, choices.sizes.start - sizes),
    )
    after = population.copy()
    whole = np.ones(len(population), dtype=np.bool_)
    for candidates, count in kinds:
        rows = np.flatnonzero(whole & (count > 0) & candidates.any(axis=1))
        if rows.size:
            after[rows] ^= drawn(candidates[rows], np.ones(choices.users), count[rows].astype(np.float64), draw)
            whole[rows] = False
    _mend_rows(after, choices, optional, addable, np.flatnonzero(whole), draw, deadline)
    return after


def _mend_rows(
    after: BoolArray,
    choices: Choices,
    optional: BoolArray,
    addable: BoolArray,
    whole: NDArray[np.int64],
    draw: np.random.Generator,
    deadline: float,
) -> None:
    """Mend the rows that couple users, one after another until ``deadline``, in the choices ``whole``."""
    if whole.size == 0 or not choices.rows:
        return
    for row in np.flatnonzero((choices.excess(after[whole]) > 0.0).any(axis=0)):
        if perf_counter() >= deadline:
            return
        users, coefficients = choices.rows[row]
        excess = np.asarray(after[np.ix_(whole, users)] @ coefficients - choices.limits[row])
        broken, excess = whole[excess > 0.0], excess[excess > 0.0]
        here = np.ix_(broken, users)
        dropped = drawn(after[here] & optional[here] & (coefficients > 0.0), np.abs(coefficients), excess, draw)
        nothing = ~np.asarray(dropped.any(axis=1, keepdims=True))
        added = ~after[here] & addable[here] & (coefficients < 0.0) & nothing
        after[here] ^= dropped | drawn(added, np.abs(coefficients), excess, draw)


def drawn(candidates: BoolArray, amounts: FloatArray, wanted: FloatArray, draw: np.random.Generator) -> BoolArray:
    """Candidates at random, shape (P, U), as few as have the wanted amount in all, or all that there are.

    Parameters
    ----------
    candidates : BoolArray
        Who may be drawn, shape (P, U).
    amounts : FloatArray
        Amount of each, shape (U,).
    wanted : FloatArray
        Amount that is wanted of each row, shape (P,).
    draw : Generator
        Source of chance.
    """
    if not candidates.any():
        return candidates
    order = np.argsort(np.where(candidates, draw.random(candidates.shape), 2.0), axis=1)
    in_order = np.take_along_axis(candidates, order, axis=1) * amounts[order]
    before = np.cumsum(in_order, axis=1) - in_order
    found = np.zeros_like(candidates)
    np.put_along_axis(found, order, (in_order > 0.0) & (before < wanted[:, None]), axis=1)
    return found
