"""Every registered constraint with every method of its problem: honoured, or refused with a reason."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from dataclasses import replace
from functools import cache
from importlib import import_module
from typing import Any

import numpy as np
import pytest
from builders import split_offloading, step_allocation

from formulations.constraints.registry import labels, own_types
from formulations.step_allocation import costs
from formulations.step_allocation.evaluation import evaluate
from formulations.step_allocation.parameters import EDGE, LOCAL, StepAllocation
from instances import Instance
from solvers.core import registry, run
from solvers.core.limits import Limits
from solvers.core.result import Result, Status
from solvers.core.run import Case
from solvers.multi_edge_offloading.tree.branch_and_bound import tiny as tiny_multi_edge

LIMITS = Limits(time_limit=20.0, gap=1e-6)


def contended(**overrides: object) -> StepAllocation:
    """Users of whom some gain by offloading, with a budget for about two of them."""
    return step_allocation(5, seed=3, edge_step_capacity=150.0, energy_weight_per_joule=2e-5, **overrides)


def tiny() -> StepAllocation:
    """Three users with a few whole steps each, few enough to try everything."""
    return step_allocation(
        3,
        seed=1,
        integer_steps=True,
        error_decay_per_step=[0.25, 0.3, 0.35],
        utility_decay_per_step=[0.3, 0.25, 0.2],
        local_seconds_per_step=[0.02, 0.03, 0.025],
        edge_seconds_per_step=0.01,
        energy_weight_per_joule=1e-4,
        local_max_steps=[4.0, 5.0, 5.0],
        edge_max_steps=[7.0, 8.0, 8.0],
        edge_step_capacity=14.0,
    )


def several_servers() -> Any:
    """Two servers and a user whose device is so fast that it stays local."""
    seconds = np.array([0.3, 0.3, 0.3, 0.05])
    return tiny_multi_edge(2.0).replaced({"max_batch": np.full(2, 3.0), "local_seconds_per_step": seconds})


INSTANCES: dict[str, dict[str, Callable[[], Any]]] = {
    "step_allocation": {"continuous": contended, "whole steps": tiny},
    "split_offloading": {"snapshot": lambda: split_offloading(6, seed=2, gpus=8)},
    "multi_edge_offloading": {"two servers": several_servers},
}

PARAMETERS: dict[tuple[str, str], dict[str, dict[str, Any]]] = {
    ("step_allocation", "error_ceiling"): {
        "continuous": {"most_error": [0.34, 0.32], "users": [4, 1]},
        "whole steps": {"most_error": 0.15, "users": [2]},
    },
    ("step_allocation", "latency_deadline"): {
        "continuous": {"most_seconds": 0.05},
        "whole steps": {"most_seconds": [0.07, 0.05, 0.06]},
    },
    ("step_allocation", "device_energy_budget"): {
        "continuous": {"most_joules": 1.5},
        "whole steps": {"most_joules": [2.0, 3.0, 2.0]},
    },
    ("step_allocation", "utility_floor"): {
        "continuous": {"least_utility": 0.66},
        "whole steps": {"least_utility": [0.7, 0.6, 0.65]},
    },
    ("step_allocation", "edge_energy_budget"): {
        "continuous": {"most_joules": 500.0},
        "whole steps": {"most_joules": 600.0, "users": [0, 2]},
    },
    ("step_allocation", "max_offloaded"): {
        "continuous": {"most_users": 1},
        "whole steps": {"most_users": 1},
    },
    ("split_offloading", "latency_deadline"): {"snapshot": {"most_seconds": 42.0}},
    ("split_offloading", "pai_floor"): {"snapshot": {"least_accuracy": 0.75}},
    ("split_offloading", "battery_budget"): {"snapshot": {"device_watts": 5.0, "most_joules": 175.0}},
    ("split_offloading", "min_granted"): {"snapshot": {"least_granted": 6}},
    ("split_offloading", "transmission_budget"): {"snapshot": {"most_bits": 1e7}},
    ("split_offloading", "exclusive_users"): {"snapshot": {"users": [0, 1, 2, 3]}},
    ("multi_edge_offloading", "latency_deadline"): {"two servers": {"most_seconds": 31.5, "users": [2]}},
    ("multi_edge_offloading", "pai_floor"): {"two servers": {"least_accuracy": 0.65}},
    ("multi_edge_offloading", "battery_budget"): {
        "two servers": {"device_watts": 5.0, "most_joules": 125.0, "users": [2]}
    },
    ("multi_edge_offloading", "min_granted"): {"two servers": {"least_granted": 4}},
    ("multi_edge_offloading", "transmission_budget"): {"two servers": {"most_bits": 1e7}},
    ("multi_edge_offloading", "exclusive_users"): {"two servers": {"users": [0, 1, 2]}},
}
"""Parameters with which every constraint forbids the optimum without it, and still leaves some solution."""

CASES = [(problem, kind, label) for (problem, kind), parameters in PARAMETERS.items() for label in parameters]

NAMES = {kind.model_fields["type"].annotation.__args__[0]: kind.title for kind in own_types()}  # type: ignore


@cache
def case(problem: str, kind: str | None, label: str) -> Case:
    """The case with one constraint, or without any."""
    fields: dict[str, Any] = {problem: INSTANCES[problem][label]()}
    if kind is not None:
        fields["constraints"] = [{"on": problem, "type": kind, **PARAMETERS[problem, kind][label]}]
    instance = Instance(schema_version=1, name=label.replace(" ", "_"), **fields)
    return Case(instance.name, instance.sha256, problem, instance.section(problem))


@cache
def solved(problem: str, kind: str | None, label: str, method: str) -> Result:
    """A method's validated result, in this process: starting one for each would take most of the time."""
    found = replace(registry.method(method, problem), isolated=False)
    return run.run(found, case(problem, kind, label), LIMITS, seed=0)


def exact_methods(problem: str) -> list[str]:
    return [method.name for method in registry.methods_for(problem) if method.exact]


def test_every_type_has_a_case():
    registered = {(on, name) for name, kind in _own() for on in labels(kind, "on")}
    assert registered == set(PARAMETERS)
    assert all(set(PARAMETERS[problem, kind]) == set(INSTANCES[problem]) for problem, kind in PARAMETERS)


def _own() -> list[tuple[str, Any]]:
    return [(kind.model_fields["type"].annotation.__args__[0], kind) for kind in own_types()]


@pytest.mark.parametrize(("problem", "kind", "label"), CASES)
def test_it_binds(problem: str, kind: str, label: str):
    """The evaluator finds the optimum without the constraint to violate it."""
    free = solved(problem, None, label, exact_methods(problem)[0])
    assert free.status is Status.OPTIMAL
    data = case(problem, kind, label).data
    evaluation = import_module(registry.problem(problem).evaluation).evaluate_solution(data, free.solution)
    assert evaluation.violations[kind] > 10.0 * evaluation.tolerance(kind)


MATRIX = [(*entry, method.name) for entry in CASES for method in registry.methods_for(entry[0])]


@pytest.mark.parametrize(("problem", "kind", "label", "method"), MATRIX)
def test_honoured_or_refused(problem: str, kind: str, label: str, method: str):
    result = solved(problem, kind, label, method)
    if result.status is Status.UNSUPPORTED:
        assert any(words in result.reason for words in (kind, NAMES[kind], "constraint", "budget")), result.reason
        return
    exact = registry.method(method, problem).exact
    if result.status is Status.UNKNOWN and not exact:
        assert result.solution is None
        assert "all constraints allow" in result.reason or "constraints do not allow" in result.reason
        return  # a heuristic that keeps to the constraints, and ended without a choice that they allow
    assert result.status in (Status.OPTIMAL, Status.FEASIBLE), f"{result.status}: {result.reason}"
    assert result.evaluation is not None
    assert result.evaluation.feasible
    if exact:
        assert result.status is Status.OPTIMAL
        assert result.objective == pytest.approx(optimum(problem, kind, label), rel=2e-6, abs=1e-9)


@cache
def optimum(problem: str, kind: str, label: str) -> float:
    """Optimum by trying everything where that is possible, else by the first exact method that honours it."""
    if label == "whole steps":
        return brute_force(case(problem, kind, label).data)
    results = (solved(problem, kind, label, method) for method in exact_methods(problem))
    return next(result.objective for result in results if result.status is Status.OPTIMAL)  # type: ignore


def brute_force(data: StepAllocation) -> float:
    """Best objective of all whole steps at all places that the evaluator finds feasible, cheapest first."""
    options = [
        [
            (costs.cost(data, np.full(data.users, steps), place)[user], place, steps)
            for place in (LOCAL, EDGE)
            for steps in np.arange(costs.step_limit(data, place)[user] + 1.0)
        ]
        for user in range(data.users)
    ]
    for choice in sorted(itertools.product(*options), key=lambda choice: sum(cost for cost, _, _ in choice)):
        cost, offload, steps = np.array(choice).T
        evaluation = evaluate(data, offload, steps)
        assert evaluation.objective == pytest.approx(cost.sum(), rel=1e-12, abs=1e-12)
        if evaluation.feasible:
            return evaluation.objective
    return np.inf


@pytest.mark.parametrize(("problem", "kind", "label"), CASES)
def test_some_exact_method_of_our_own_and_an_external_one_honour_it(problem: str, kind: str, label: str):
    honouring = [m for m in exact_methods(problem) if solved(problem, kind, label, m).status is Status.OPTIMAL]
    assert {registry.method(name, problem).isolated for name in honouring} == {False, True}
