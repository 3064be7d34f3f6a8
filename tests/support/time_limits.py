"""Scenarios of any size, and how long a method takes on one: what the tests of the time limit share."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from time import perf_counter
from typing import Any, NamedTuple

import numpy as np
from builders import split_offloading, step_allocation

from formulations.constraints.registry import constraint_types
from formulations.gqap.parameters import GQAP
from formulations.multi_edge_offloading.parameters import MultiEdgeOffloading
from instances.calibration.devices import read_devices
from instances.generation.edge_servers import EdgeServers, edge_servers
from instances.generation.multi_edge import generate as several_servers
from solvers.core import registry, run
from solvers.core.limits import GRACE_SECONDS, Limits
from solvers.core.result import Result

ROWS = 400
"""Rows of the scenarios with many of them."""

SMALLEST = 4
"""Users of the scenario on which a method is started up before it is timed."""

ALIKE = {"step_allocation": 3_000, "split_offloading": 3_000, "gqap": 60, "multi_edge_offloading": 100}
"""Users or items, by problem, of a scenario of the same kind, on which it is started up, too: many users and
further constraints have kernels of their own."""


class Timed(NamedTuple):
    """One method on one scenario."""

    result: Result
    seconds: float
    """Wall-clock time until the validated result is there, without the start of a child [s]."""

    def in_time(self, limits: Limits) -> bool:
        """Whether the method kept its limit but for what is granted beyond it."""
        return self.seconds <= limits.time_limit + GRACE_SECONDS


def timed(method: registry.Method, make: Callable[[int], Any], data: Any, limits: Limits) -> Timed:
    """Run a method on a scenario, without what starting up takes: that of kernels, libraries and the child.

    Scenarios of its kind are made by ``make`` from a number of users or items.
    """
    case = run.Case("timed", "", method.problem, data)
    startup = 0.0
    if not method.isolated:
        run.run(method, run.Case("alike", "", method.problem, make(ALIKE[method.problem])), Limits(0.1), 0)
    for _ in range(2):
        began = perf_counter()
        run.run(method, run.Case("small", "", method.problem, SMALL[method.problem]()), Limits(0.1), 0)
        startup = perf_counter() - began
    began = perf_counter()
    result = run.run(method, case, limits, 0)
    seconds = perf_counter() - began
    return Timed(result, seconds - startup if method.isolated else seconds)


def constrained(data: Any, *documents: Mapping[str, Any]) -> Any:
    """A scenario with further constraints, each given as in a file."""
    kinds = constraint_types()
    made = [
        kinds[data.problem, document["type"]].model_validate({"on": data.problem, **document})
        for document in documents
    ]
    return data.replaced({"constraints": tuple(made)})


def groups(users: int, count: int) -> list[list[int]]:
    """Users in ``count`` groups that are apart, one after another."""
    return [part.tolist() for part in np.array_split(np.arange(users), min(count, users))]


def steps_plain(users: int) -> Any:
    """Step allocation without further constraints."""
    return step_allocation(users)


def steps_whole(users: int) -> Any:
    """Step allocation in whole steps."""
    return step_allocation(users, integer_steps=True)


def steps_lower(users: int) -> Any:
    """Step allocation where everybody needs some steps."""
    return constrained(
        step_allocation(users, edge_step_capacity=2.0 * users), {"type": "error_ceiling", "most_error": 0.5}
    )


def steps_one_row(users: int) -> Any:
    """Step allocation with one row over all users."""
    return constrained(step_allocation(users), {"type": "max_offloaded", "most_users": users // 3})


def steps_many_rows(users: int) -> Any:
    """Step allocation with a row for each of many groups, or many rows over few users."""
    draw = np.random.default_rng(1)
    listed = groups(users, ROWS)
    listed += [sorted(draw.permutation(users)[: max(1, users // 2)].tolist()) for _ in range(ROWS - len(listed))]
    rows = ({"type": "max_offloaded", "most_users": max(1, len(group) // 3), "users": group} for group in listed)
    return constrained(step_allocation(users), *rows)


def wide(users: int) -> Any:
    """A snapshot whose batch may hold everybody, on as many GPUs as that takes to be worth while."""
    return split_offloading(users, max_batch=users, gpus=max(1, users // 5), bandwidth_hz=1e6 * users)


def narrow(users: int) -> Any:
    """A snapshot with a batch of at most 20."""
    return split_offloading(users)


def wide_deadline(users: int) -> Any:
    """A wide snapshot where every user has a deadline."""
    return constrained(wide(users), {"type": "latency_deadline", "most_seconds": 60.0})


def wide_budget(users: int) -> Any:
    """A wide snapshot with one row over all users that does not count them."""
    return constrained(wide(users), {"type": "transmission_budget", "most_bits": 1e6 * users})


def exclusive(users: int) -> Any:
    """A wide snapshot where one user of every group may be granted."""
    return constrained(wide(users), *({"type": "exclusive_users", "users": g} for g in groups(users, ROWS)))


def one_exclusive(users: int) -> Any:
    """A wide snapshot where one user of one group of half of them may be granted."""
    return constrained(wide(users), {"type": "exclusive_users", "users": list(range(max(1, users // 2)))})


def gqap_of(items: int) -> GQAP:
    """Items on edge servers."""
    table = read_devices().devices
    return GQAP.model_validate(edge_servers(EdgeServers(servers=max(1, items // 10)), items, 0, table))


def quadratic_assignment(items: int) -> GQAP:
    """A problem of assignment in whole numbers, with as many places as items."""
    draw = np.random.default_rng(0)
    flow, distance = draw.integers(0, 10, (2, items, items)).astype(float)
    nothing, one = np.zeros((items, items)), np.ones(items)
    return GQAP(
        items=items,
        places=items,
        assignment_cost=nothing,
        flow=flow,
        distance=distance,
        cost_factor=1.0,
        weight=one,
        capacity=one,
    )


def several(users: int, **options: Any) -> MultiEdgeOffloading:
    """Users in the plane with a server for every fifty of them, and at most twenty servers."""
    fields = several_servers(0, users=users, servers=max(2, min(20, users // 50)), **options)
    return MultiEdgeOffloading.model_validate(fields)


def several_models(users: int) -> MultiEdgeOffloading:
    """The same with servers that hold two of six models."""
    return several(users, models=6, model_slots=2)


def several_deadline(users: int) -> Any:
    """Several servers and a deadline for every user."""
    return constrained(several(users), {"type": "latency_deadline", "most_seconds": 60.0})


def several_budget(users: int) -> Any:
    """Several servers and one row over all users that does not count them."""
    return constrained(several(users), {"type": "transmission_budget", "most_bits": 5e5 * users})


SMALL: Mapping[str, Callable[[], Any]] = {
    "step_allocation": lambda: steps_plain(SMALLEST),
    "split_offloading": lambda: narrow(SMALLEST),
    "gqap": lambda: gqap_of(SMALLEST),
    "multi_edge_offloading": lambda: several(SMALLEST),
}
"""A tiny scenario of each problem."""

SCENARIOS: Mapping[str, tuple[Callable[[int], Any], ...]] = {
    "step_allocation": (steps_plain, steps_whole, steps_lower, steps_one_row, steps_many_rows),
    "split_offloading": (narrow, wide, wide_deadline, wide_budget, one_exclusive, exclusive),
    "gqap": (gqap_of, quadratic_assignment),
    "multi_edge_offloading": (several, several_models, several_deadline, several_budget),
}
"""Scenarios of each problem, by the number of users or items."""
