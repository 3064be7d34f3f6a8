"""Runs everything that has compiled kernels, so that their machine code is kept: ``python warm_up.py HALF``."""

from __future__ import annotations

import sys
from collections.abc import Callable

from builders import split_offloading, step_allocation
from engines import ENGINES
from gqap_enumeration import random_gqap
from multi_edge_enumeration import random_multi_edge

from formulations.constraints.step_allocation.max_offloaded import MaxOffloaded
from solvers.core import registry, run
from solvers.core.limits import Limits
from solvers.core.registry import Method

LIMITS = Limits(time_limit=60.0)


def quick_methods(problem: str) -> list[Method]:
    """Methods that run in the process itself: the others call external solvers."""
    return [method for method in registry.methods_for(problem) if not method.isolated]


def of_step_allocation() -> None:
    data = step_allocation(6, 1)
    for engine in ENGINES.values():
        engine(data, LIMITS)
    limited = data.replaced(
        {"constraints": (MaxOffloaded(on="step_allocation", type="max_offloaded", most_users=2),)}
    )
    for scenario in (data, limited):
        for method in quick_methods("step_allocation"):
            run.attempt(method.function, scenario, LIMITS, 0)


def of_the_other_problems() -> None:
    for problem, data in (
        ("gqap", random_gqap(1)),
        ("split_offloading", split_offloading(5, 1)),
        ("multi_edge_offloading", random_multi_edge(2)),
    ):
        for method in quick_methods(problem):
            run.attempt(method.function, data, LIMITS, 0)


HALVES: tuple[Callable[[], None], ...] = (of_step_allocation, of_the_other_problems)

if __name__ == "__main__":
    HALVES[int(sys.argv[1])]()
