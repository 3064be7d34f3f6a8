"""Every method returns at its time limit with what it has, at every size and under many constraints."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import time_limits
from time_limits import SCENARIOS, timed

from solvers.core import registry, run
from solvers.core.limits import Limits
from solvers.core.result import Status

SHORT = Limits(time_limit=0.2)

LONG = Limits(time_limit=1.0)

LARGEST_WITH_MANY_ROWS = 100_000
"""Users up to which hundreds of rows, each with a number for every user, fit into common memory."""

MOST_ITEMS = 4_000
"""Of the GQAP."""


def returned(method: registry.Method, data: Any, limits: Limits) -> Any:
    """What a method returns, which has to hold: no violation, no bound on the wrong side."""
    result = run.run(method, run.Case("any", "", method.problem, data), limits, 0)
    assert result.status is not Status.ERROR, (method.name, result.reason, result.log)
    return result


OWN = [(problem, make) for problem in SCENARIOS for make in SCENARIOS[problem]]


def called(value: object) -> str | None:
    """Name of a maker in the name of a test."""
    return value.__name__ if callable(value) else None


@pytest.mark.parametrize(("problem", "make"), OWN, ids=called)
def test_what_a_short_time_leaves_holds(problem: str, make: Callable[[int], Any]) -> None:
    data = make(60 if problem == "gqap" else 600)
    for method in registry.methods_for(problem):
        if not method.isolated and method.name != "price-search":
            returned(method, data, SHORT)


def test_rows_that_count_users_cost_no_more_than_their_number() -> None:
    """Nobody is counted where nobody offloads: no row of hundreds binds, and the steps are the best ones."""
    few, many = time_limits.steps_plain(30), time_limits.steps_many_rows(30)
    results = [returned(registry.method("all-local", "step_allocation"), data, LONG) for data in (few, many)]
    assert results[0].status is results[1].status is Status.FEASIBLE
    assert results[1].objective == pytest.approx(results[0].objective, rel=1e-12)


@pytest.mark.parametrize("make", [time_limits.exclusive, time_limits.one_exclusive])
@pytest.mark.parametrize("name", ["genetic", "greedy", "sorted-stop", "all-offload-best-split", "all-local"])
def test_denying_all_is_the_least_that_heuristics_find_under_exclusive_users(
    name: str, make: Callable[[int], Any]
) -> None:
    result = returned(registry.method(name, "split_offloading"), make(3_000), SHORT)
    assert result.status is Status.FEASIBLE


@pytest.mark.parametrize("name", ["sca-improved", "sca-published"])
def test_successive_approximation_without_time_for_one_subproblem_finishes_its_start(name: str) -> None:
    data = time_limits.steps_plain(120_000)
    result = returned(registry.method(name, "step_allocation"), data, Limits(time_limit=0.0))
    assert result.status is Status.FEASIBLE
    assert result.reason == "time limit"


def largest(problem: str, make: Callable[[int], Any]) -> float:
    """Most users that are tried: a GQAP has no more, and more with many rows do not fit into memory."""
    if problem == "gqap":
        return MOST_ITEMS
    return LARGEST_WITH_MANY_ROWS if make in (time_limits.exclusive, time_limits.steps_many_rows) else float("inf")


@pytest.mark.long
@pytest.mark.parametrize(
    ("problem", "make", "size"),
    [
        (problem, make, size)
        for problem, make in OWN
        for size in (1_000, 10_000, 100_000, 1_000_000)
        if size <= largest(problem, make)
    ],
    ids=called,
)
def test_every_method_keeps_its_limit(problem: str, make: Callable[[int], Any], size: int) -> None:
    data = make(size)
    late = []
    for method in registry.methods_for(problem):
        found = timed(method, make, data, LONG)
        if found.result.status is Status.ERROR or not found.in_time(LONG):
            late.append(f"{method.name}: {found.seconds:.1f} s, {found.result.status}, {found.result.reason}")
    assert not late, "\n".join(late)
