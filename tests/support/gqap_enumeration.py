"""The GQAP by enumeration, term by term in Python's own numbers: it shares no code with ours."""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence
from fractions import Fraction

import numpy as np

from formulations.gqap.parameters import GQAP


def random_gqap(seed: int, items: int = 5, places: int = 3, **overrides: object) -> GQAP:
    """Asymmetric, with diagonals and some negative costs; whole numbers for even seeds, capacities that bind."""
    draw = np.random.default_rng(seed)
    weight = draw.integers(1, 10, items).astype(float)
    fields: dict[str, object] = {
        "items": items,
        "places": places,
        "assignment_cost": draw.integers(-5, 60, (items, places)).astype(float),
        "flow": draw.integers(-2, 10, (items, items)) * draw.integers(0, 2, (items, items)) * 1.0,
        "distance": draw.integers(-1, 8, (places, places)).astype(float),
        "cost_factor": float(draw.integers(1, 4)),
        "weight": weight,
        "capacity": np.ceil(weight.sum() / places * draw.uniform(1.0, 1.8, places)),
    }
    if seed % 2:
        for name in ("assignment_cost", "flow", "distance"):
            fields[name] = np.asarray(fields[name]) * draw.uniform(0.5, 1.5, np.shape(fields[name]))
    return GQAP.model_validate(fields | overrides)


def exact_cost(data: GQAP, places: Sequence[int]) -> Fraction:
    """Cost of an assignment without any rounding."""
    items = range(data.items)
    total = sum((Fraction(float(data.assignment_cost[i, places[i]])) for i in items), Fraction(0))
    for i in items:
        for other in items:
            product = Fraction(float(data.flow[i, other])) * Fraction(
                float(data.distance[places[i], places[other]])
            )
            total += Fraction(data.cost_factor) * product
    return total


def is_feasible(data: GQAP, places: Sequence[int]) -> bool:
    """Whether no place gets more than its capacity, in exact arithmetic."""
    loads = [Fraction(0)] * data.places
    for i, j in enumerate(places):
        loads[j] += Fraction(float(data.weight[i]))
    return all(load <= Fraction(float(most)) for load, most in zip(loads, data.capacity, strict=True))


def feasible_assignments(data: GQAP) -> list[tuple[int, ...]]:
    """Every assignment within the capacities."""
    every = itertools.product(range(data.places), repeat=data.items)
    return [places for places in every if is_feasible(data, places)]


def brute_force(data: GQAP) -> float:
    """Optimum over every feasible assignment; infinite where there is none."""
    return min((float(exact_cost(data, places)) for places in feasible_assignments(data)), default=math.inf)


def words(*parts: object) -> str:
    """Numbers and arrays of numbers with spaces between them."""
    return " ".join(repr(float(x)) if isinstance(x, float) else str(x) for part in parts for x in np.ravel(part))


def gqap_text(data: GQAP) -> str:
    """A problem in the public text format."""
    return "\n".join(
        [
            words(data.items, data.places, data.cost_factor),
            *(
                words(part)
                for part in (data.flow, data.distance, data.assignment_cost, data.weight, data.capacity)
            ),
        ]
    )
