"""What methods return on data of either paper, and what that is worth."""

from __future__ import annotations

from importlib import import_module

from formulations.evaluation import Evaluation
from formulations.problems import problem
from formulations.section import Section
from solvers.core import registry
from solvers.core.limits import Limits
from solvers.core.result import Outcome

LIMITS = Limits(time_limit=60.0)


def outcome(name: str, data: Section, seed: int = 0) -> Outcome:
    """Return what a method returns."""
    found: Outcome = registry.method(name, data.problem).load()(data, LIMITS, seed)
    return found


def evaluated(name: str, data: Section, seed: int = 0) -> Evaluation:
    """Return a method's solution, evaluated."""
    found: Evaluation = import_module(problem(data.problem).evaluation).evaluate_solution(
        data, outcome(name, data, seed).solution
    )
    return found
