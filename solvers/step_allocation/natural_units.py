"""Solvers with absolute tolerances see every scenario in its natural units, and answer in the original ones."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from formulations.step_allocation.parameters import StepAllocation
from formulations.step_allocation.units import in_units, natural_units
from solvers.limits import Limits
from solvers.result import Outcome


def solve_in_natural_units(
    data: StepAllocation, limits: Limits, seed: int, solve: Callable[[StepAllocation, Limits, int], Outcome]
) -> Outcome:
    """Solve the scenario in its natural units, and measure solution and bound in the original ones."""
    units = natural_units(data)
    found = solve(in_units(data, units), limits, seed)

    def cost(value: float | None) -> float | None:
        return None if value is None else value * units.cost

    solution = found.solution
    return replace(
        found,
        solution=None if solution is None else {"a": solution["a"], "s": solution["s"] * units.steps},
        bound=cost(found.bound),
        raw_objective=cost(found.raw_objective),
        history=tuple(
            {key: cost(value) if key in ("objective", "bound") else value for key, value in row.items()}
            for row in found.history
        ),
    )
