"""Random instances of every problem, with and without further constraints, on which all methods are compared."""

from __future__ import annotations

from random import Random
from typing import Any

import numpy as np
from constrained import boxed, random_row
from constrained import instance as contended
from fuzzing.documents import constraints
from gqap_enumeration import random_gqap
from multi_edge_enumeration import random_constraints as random_constraints_of_servers
from multi_edge_enumeration import random_multi_edge
from reference import CORNERS
from split_constraints import COUPLING, SEPARABLE, random_constraints
from split_enumeration import random_snapshot

from formulations.step_allocation.parameters import StepAllocation
from instances import Instance

PROBLEMS = ("step_allocation", "split_offloading", "gqap", "multi_edge_offloading")


def drawn_problem(seed: int, number: int) -> tuple[str, str, Any]:
    """Problem, what kind of instance of it, and its data."""
    problem = PROBLEMS[number % len(PROBLEMS)]
    draw = Random(f"differential {seed}/{number}")
    one = draw.randrange(2**31)
    if problem == "gqap":
        items, places = draw.randint(2, 5), draw.randint(2, 3)
        kind = "whole costs" if one % 2 == 0 else "fractional costs"
        return problem, kind, random_gqap(one, items, places)
    if problem != "step_allocation":
        several = problem == "multi_edge_offloading"
        data = random_multi_edge(one, 4, 2) if several else random_snapshot(one, 5)
        kind = draw.choice(("plain", "separable constraints", "coupling constraints"))
        if kind == "plain":
            return problem, kind, data
        constrained = random_constraints_of_servers if several else random_constraints
        return problem, kind, constrained(data, one, SEPARABLE if kind[0] == "s" else COUPLING)
    return (problem, *_step_allocation(draw, one))


def _step_allocation(draw: Random, one: int) -> tuple[str, StepAllocation]:
    users, integer = draw.randint(1, 4), draw.random() < 0.5
    kind = draw.choice(("corner", "corner", "shipped constraints", "boxes of steps", "a row"))
    if kind == "corner":
        corner = draw.choice(list(CORNERS))
        return f"corner: {corner}", contended(users, one, integer=integer, **CORNERS[corner])
    data = contended(users, one, integer=integer)
    if kind == "boxes of steps":
        return kind, boxed(data, one, whole=integer)
    if kind == "a row":
        return kind, random_row(data, one)
    fields = {name: getattr(data, name) for name in type(data).model_fields if name != "constraints"}
    added = constraints(draw, "step_allocation", users)
    made = Instance.model_validate(
        {"schema_version": 1, "name": "drawn", "step_allocation": fields, "constraints": added}
    )
    section = made.section("step_allocation")
    assert isinstance(section, StepAllocation)
    assert np.isfinite(section.edge_step_budget)
    return kind, section
