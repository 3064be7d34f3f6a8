"""Genetic algorithms that paper B may have run: it publishes P = 100 and M = 200 alone, so the rest is varied.

The genome holds the choice of users alone, every choice worth what it is with its best splits, or the splits as
well. Parents win binary tournaments, or are drawn in proportion to their fitness above the worst (a roulette).
The best choice survives (elitism) or does not; what the run ever saw is not kept either way, its last generation
counts.
"""

from __future__ import annotations

from functools import lru_cache
from itertools import product
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from formulations.fields import BoolArray, FloatArray
from formulations.split_offloading.accuracy import accuracy_index
from formulations.split_offloading.gain import gains
from formulations.split_offloading.latency import edge_seconds_per_step
from formulations.split_offloading.parameters import SplitOffloading
from solvers.split_offloading.heuristics.genetic import CROSSOVER_SHARE, PAPER, repair


class Variant(NamedTuple):
    """One reading."""

    splits: bool
    """Whether the genome holds the splits, too."""
    roulette: bool
    elitism: bool

    def __str__(self) -> str:
        genome = "x and n" if self.splits else "x alone"
        selection = "roulette" if self.roulette else "tournament"
        return f"{genome}, {selection}, {'elitism' if self.elitism else 'no elitism'}"


VARIANTS = tuple(Variant(*flags) for flags in product((False, True), repeat=3))


def gain_found(data: SplitOffloading, variant: Variant, draw: np.random.Generator) -> float:
    """Gain over all-local of the best choice of the last generation [s]."""
    size = PAPER.population
    users = draw.random((size, data.users)) < 0.5
    splits = draw.integers(data.min_local_steps, data.total_steps, (size, data.users), endpoint=True)
    worth = _Worth(data, variant)
    repair(users, data.max_batch, draw)
    fitness = worth(users, splits)
    for _ in range(PAPER.generations):
        best = int(np.argmax(fitness))
        champion = users[best].copy(), splits[best].copy()
        parents = _selected(fitness, variant.roulette, draw)
        users, splits = _bred(users[parents], splits[parents], data, variant.splits, draw)
        repair(users, data.max_batch, draw)
        if variant.elitism:
            users[0], splits[0] = champion
        fitness = worth(users, splits)
    return float(fitness.max())


def _selected(fitness: FloatArray, roulette: bool, draw: np.random.Generator) -> NDArray[np.int64]:
    """Parents, shape (P,)."""
    size = fitness.size
    if not roulette:
        rivals = draw.integers(0, size, (2, size))
        return np.asarray(np.where(fitness[rivals[0]] >= fitness[rivals[1]], rivals[0], rivals[1]))
    above = fitness - fitness.min()
    total = above.sum()
    return np.asarray(draw.choice(size, size, p=above / total if total > 0.0 else None))


def _bred(
    users: BoolArray, splits: NDArray[np.int64], data: SplitOffloading, mutate: bool, draw: np.random.Generator
) -> tuple[BoolArray, NDArray[np.int64]]:
    """Two-point crossover of pairs, then one change of each part of a genome on average."""
    size, count = users.shape
    half = size // 2
    first, last = np.sort(draw.integers(0, count + 1, (2, half)), axis=0)
    last[draw.random(half) >= CROSSOVER_SHARE] = 0
    swapped = (np.arange(count) >= first[:, None]) & (np.arange(count) < last[:, None])
    for genes in (users, splits):
        mothers, fathers = genes[:half].copy(), genes[half : 2 * half].copy()
        genes[:half] = np.where(swapped, fathers, mothers)
        genes[half : 2 * half] = np.where(swapped, mothers, fathers)
    users ^= draw.random(users.shape) < 1.0 / count
    if mutate:
        new = draw.integers(data.min_local_steps, data.total_steps, splits.shape, endpoint=True)
        splits = np.where(draw.random(splits.shape) < 1.0 / count, new, splits)
    return users, splits


class _Worth:
    """Gain over all-local of many choices [s]."""

    def __init__(self, data: SplitOffloading, variant: Variant) -> None:
        self.data = data
        self.splits = variant.splits
        self._best = lru_cache(maxsize=None)(lambda batch: gains(data, float(batch)))
        batches = np.arange(data.users + 1, dtype=np.float64)
        self._edge = np.array([edge_seconds_per_step(data, batch) for batch in batches])
        self._sending = (data.prompt_bits + data.latent_bits) / (data.spectral_efficiency * data.bandwidth_hz)
        self._denied = data.accuracy_weight * accuracy_index(data, np.full(data.users, float(data.total_steps)))
        self._denied = self._denied - data.total_steps * data.local_seconds_per_step

    def __call__(self, users: BoolArray, splits: NDArray[np.int64]) -> FloatArray:
        sizes = users.sum(axis=1)
        if not self.splits:
            return np.array([self._best(int(size))[row].sum() for size, row in zip(sizes, users, strict=True)])
        data = self.data
        worth = data.accuracy_weight * accuracy_index(data, splits.astype(np.float64))
        worth -= splits * data.local_seconds_per_step + self._sending * sizes[:, None]
        worth -= (data.total_steps - splits) * self._edge[sizes][:, None]
        return np.asarray(np.where(users, worth - self._denied, 0.0).sum(axis=1))
