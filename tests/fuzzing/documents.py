"""Small valid instances as documents, drawn at random: what a fuzzed file starts from."""

from __future__ import annotations

from copy import deepcopy
from random import Random
from typing import Any

import numpy as np
from malformed_file import DOCUMENT, GQAP_DOCUMENT, SPLIT_DOCUMENT
from multi_edge_enumeration import random_fields

Document = dict[str, Any]

SECTIONS = {
    "step_allocation": DOCUMENT,
    "split_offloading": SPLIT_DOCUMENT,
    "gqap": GQAP_DOCUMENT,
    "multi_edge_offloading": {"schema_version": 1, "name": "small"},
}
"""A valid document of each problem, but for the fields that are drawn whole."""

MOST_USERS = 4
"""Users or items of a drawn instance."""


def drawn(draw: Random, problem: str) -> Document:
    """A valid document that poses one problem, sometimes a second one."""
    document = _resized(draw, problem)
    if draw.random() < 0.1:
        other = draw.choice([name for name in SECTIONS if name != problem])
        document[other] = _resized(draw, other)[other]
    return document


def size_of(section: Document) -> int:
    """Users or items."""
    return int(section["users"] if "users" in section else section["items"])


def _resized(draw: Random, problem: str) -> Document:
    document = deepcopy(SECTIONS[problem])
    if problem == "multi_edge_offloading":
        fields = random_fields(draw.randrange(2**31), MOST_USERS, 2)
        document[problem] = {name: np.asarray(value).tolist() for name, value in fields.items()}
        return document
    section = document[problem]
    if problem == "gqap":
        _draw_matrices(draw, section)
        return document
    users = draw.randint(1, MOST_USERS)
    section["users"] = users
    alike = draw.random() < 0.25
    for name, value in section.items():
        if isinstance(value, list):
            section[name] = _per_user(draw, value, users, alike)
        elif isinstance(value, float):
            section[name] = value * draw.uniform(0.5, 2.0)
    if problem == "step_allocation":
        section["integer_steps"] = draw.random() < 0.5
        section["edge_step_capacity"] = draw.choice([0.0, 1.0, 30.0, 30.0, 1e3]) * users * draw.random()
    else:
        section["max_batch"] = draw.choice([0, 1, 2, users, 20])
        section["total_steps"] = draw.choice([1, 2, 20, 200])
        section["min_local_steps"] = draw.randint(0, section["total_steps"])
    return document


def _per_user(draw: Random, values: list[Any], users: int, alike: bool) -> Any:
    if isinstance(values[0], str):
        return [draw.choice(values) for _ in range(users)]
    if alike:
        return values[0] if draw.random() < 0.5 else [values[0]] * users
    return [draw.choice(values) * draw.uniform(0.5, 2.0) for _ in range(users)]


def _draw_matrices(draw: Random, section: Document) -> None:
    items, places = draw.randint(1, MOST_USERS), draw.randint(1, 3)
    whole = draw.random() < 0.5

    def number(low: float, high: float) -> float:
        return float(draw.randint(int(low), int(high))) if whole else draw.uniform(low, high)

    def matrix(rows: int, columns: int, low: float, high: float) -> list[list[float]]:
        return [[number(low, high) for _ in range(columns)] for _ in range(rows)]

    weight = [number(0, 9) for _ in range(items)]
    section |= {
        "items": items,
        "places": places,
        "assignment_cost": matrix(items, places, -5, 60),
        "flow": matrix(items, items, -2, 10),
        "distance": matrix(places, places, -1, 8),
        "cost_factor": number(0, 4),
        "weight": weight,
        "capacity": [sum(weight) * draw.uniform(0.2, 2.0) for _ in range(places)],
    }


def constraints(draw: Random, problem: str, users: int) -> list[Document]:
    """A few further constraints that their types allow, their limits anywhere."""
    return [_constraint(draw, problem, users) for _ in range(draw.randint(1, 3))]


_LIMITS: dict[str, dict[str, dict[str, Any]]] = {
    "step_allocation": {
        "error_ceiling": {"most_error": (1e-3, 2.0)},
        "latency_deadline": {"most_seconds": (1e-3, 0.2)},
        "device_energy_budget": {"most_joules": (0.01, 5.0)},
        "utility_floor": {"least_utility": (0.0, 0.999)},
        "edge_energy_budget": {"most_joules": 2000.0},
        "max_offloaded": {"most_users": 3},
    },
    "split_offloading": {
        "latency_deadline": {"most_seconds": (5.0, 100.0)},
        "pai_floor": {"least_accuracy": (0.0, 0.999)},
        "battery_budget": {"most_joules": (1.0, 300.0), "device_watts": (0.5, 10.0)},
        "min_granted": {"least_granted": 2},
        "transmission_budget": {"most_bits": 2e7},
        "exclusive_users": {"most_granted": 1},
    },
}
_LIMITS["multi_edge_offloading"] = _LIMITS["split_offloading"]
"""Per problem and type: a range per user, the largest of a draw, or the largest of whole numbers."""


def _constraint(draw: Random, problem: str, users: int) -> Document:
    kind = draw.choice(list(_LIMITS[problem]))
    named = sorted(draw.sample(range(users), draw.randint(1, users))) if draw.random() < 0.3 else None
    count = users if named is None else len(named)
    document: Document = {"on": problem, "type": kind}
    if named is not None and kind != "edge_energy_budget":
        document["users"] = named
    for name, limit in _LIMITS[problem][kind].items():
        if isinstance(limit, tuple):
            values = [draw.uniform(*limit) for _ in range(count)]
            document[name] = values if "users" in document or draw.random() < 0.5 else values[0]
        else:
            document[name] = draw.randint(0, limit) if isinstance(limit, int) else draw.uniform(0.0, limit)
    return document
