"""Solvers with absolute tolerances see every scenario in its natural units, and answer in the original ones."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from formulations.step_allocation.parameters import StepAllocation
from formulations.step_allocation.units import in_units, natural_units
from solvers.algebraic import measured
from solvers.limits import Limits
from solvers.result import Outcome


def solve_in_natural_units(
    data: StepAllocation, limits: Limits, seed: int, solve: Callable[[StepAllocation, Limits, int], Outcome]
) -> Outcome:
    """Solve the scenario in its natural units, and measure solution and bound in the original ones."""
    units = natural_units(data)
    found = solve(in_units(data, units), limits, seed)
    solution = found.solution
    if solution is not None:
        found = replace(found, solution={"a": solution["a"], "s": solution["s"] * units.steps})
    return measured(found, units.cost)
