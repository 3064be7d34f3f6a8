"""Paper B's P1 taken apart by hand: every joint choice, (19) as one quadratic form, exact rational numbers."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from itertools import combinations, product

import numpy as np

from formulations.fields import FloatArray
from formulations.split_offloading.accuracy import accuracy_index
from formulations.split_offloading.evaluation import evaluate_solution
from formulations.split_offloading.models.gqap_reduction import denied_worth, granted_worth, interaction
from formulations.split_offloading.parameters import SplitOffloading
from formulations.split_offloading.split_point import best_splits


def quadratic_form(data: SplitOffloading) -> FloatArray:
    """A~ of (19) [s], shape (2 I, 2 I): the places g of all users, then their places d.

    The diagonal is D_ij - A_ijij, and everything else -A_i'j'ij.
    """
    users = data.users
    form = np.zeros((2 * users, 2 * users))
    form[:users, :users] = -interaction(data)
    form[np.diag_indices(2 * users)] += np.concatenate([granted_worth(data), denied_worth(data)])
    return form


def largest_loss_of_nesting(data: SplitOffloading) -> float:
    """Return how much some joint splits of all users beat the splits that are chosen inside, as a share.

    Every choice of users is taken, with each granted user's own best split, its two neighbours and both ends, in
    every combination; all are evaluated as solutions of P1.
    """
    lost, ends = 0.0, (data.min_local_steps, data.total_steps)
    for chosen in product((0.0, 1.0), repeat=data.users):
        granted = np.array(chosen)
        if granted.sum() > data.max_batch:
            continue
        nested = np.where(granted > 0.5, best_splits(data, max(granted.sum(), 1.0)), float(data.total_steps))
        tried = [
            sorted({*ends, *np.clip([split - 1, split, split + 1], *ends).tolist()}) if x > 0.5 else [split]
            for x, split in zip(chosen, nested, strict=True)
        ]
        inside = evaluate_solution(data, {"x": granted, "n": nested})
        joint = max(
            evaluate_solution(data, {"x": granted, "n": np.array(splits, dtype=np.float64)}).objective
            for splits in product(*tried)
        )
        lost = max(lost, (joint - inside.objective) / (inside.magnitude or 1.0))
    return lost


def rational_scan(data: SplitOffloading) -> Fraction:
    """Return the worth of the batch scan [s] in exact numbers, F being a table of N + 1 rational numbers."""
    alone = _worths(data, 0)
    scanned = [sum(alone, Fraction(0))]
    for batch in range(1, data.largest_batch + 1):
        gains = [offered - kept for offered, kept in zip(_worths(data, batch), alone, strict=True)]
        scanned.append(scanned[0] + sum(sorted(gains, reverse=True)[:batch], Fraction(0)))
    return max(scanned)


def rational_enumeration(data: SplitOffloading) -> Fraction:
    """Return the best worth of all choices of users [s] in the same numbers."""
    by_batch = [_worths(data, batch) for batch in range(data.largest_batch + 1)]
    return max(
        sum((by_batch[batch if i in chosen else 0][i] for i in range(data.users)), Fraction(0))
        for batch in range(data.largest_batch + 1)
        for chosen in combinations(range(data.users), batch)
    )


def _worths(data: SplitOffloading, batch: int) -> Sequence[Fraction]:
    """alpha_i F(n) - L_i [s] of every user, granted in a batch with the best split, or denied where b = 0."""
    first = data.min_local_steps if batch else data.total_steps
    table = [Fraction(value) for value in accuracy_index(data, np.arange(data.total_steps + 1.0)).tolist()]
    step = Fraction(data.edge_seconds_per_step_per_item) * batch / data.gpus
    step += Fraction(data.edge_seconds_per_step_base)
    band = Fraction(data.spectral_efficiency) * Fraction(data.bandwidth_hz)
    found = []
    for i in range(data.users):
        weight, local = Fraction(data.accuracy_weight[i]), Fraction(data.local_seconds_per_step[i])
        bits = Fraction(data.prompt_bits[i]) + Fraction(data.latent_bits[i])
        fixed = Fraction(data.wait_seconds[i]) + bits * batch / band
        found.append(
            max(
                weight * table[n] - (data.total_steps - n) * step - n * local
                for n in range(first, data.total_steps + 1)
            )
            - fixed
        )
    return found
