"""Paper B's branch and bound baseline: the GQAP with fixed splits, quadratic by SCIP or linearised by HiGHS.

Both solve a restriction of P1 to optimality, so what they return is feasible for P1 and bounds nothing;
their own bounds are in the table of :mod:`solvers.split_offloading.mip.gqap_comparison`.
"""

from __future__ import annotations

from dataclasses import replace
from functools import partial

from formulations.split_offloading.models import gqap_reduction
from formulations.split_offloading.parameters import SplitOffloading
from solvers.core.limits import Limits
from solvers.core.result import Outcome
from solvers.external.algebraic import ModelAndSolver, solve_model
from solvers.external.tolerances import HIGHS, SCIP
from solvers.split_offloading.mip.natural_units import solve_in_natural_units, uncertainty

QUADRATIC = ModelAndSolver("quadratic, SCIP", "scip", gqap_reduction.build_quadratic, SCIP)
LINEARISED = ModelAndSolver("linearised, HiGHS", "highs", gqap_reduction.build_linearised, HIGHS)


def solve_quadratic(data: SplitOffloading, limits: Limits, seed: int) -> Outcome:
    """Solve (18) with its products by SCIP."""
    return _of_p1(solve_restriction(QUADRATIC, data, limits, seed))


def solve_linearised(data: SplitOffloading, limits: Limits, seed: int) -> Outcome:
    """Solve (18) with its products linearised by the branch and bound of HiGHS."""
    return _of_p1(solve_restriction(LINEARISED, data, limits, seed))


def solve_restriction(how: ModelAndSolver, data: SplitOffloading, limits: Limits, seed: int) -> Outcome:
    """Build and solve one model of the restriction; the bound is the restriction's."""

    def solve(scaled: SplitOffloading, limits: Limits, seed: int) -> Outcome:
        return solve_model(
            build=partial(how.build, scaled),
            read=partial(gqap_reduction.solution, data=scaled),
            solver=how.solver,
            options=how.options,
            limits=limits,
            seed=seed,
            size=scaled.users,
            uncertainty=uncertainty(scaled),
        )

    return solve_in_natural_units(data, limits, seed, solve)


def _of_p1(restricted: Outcome) -> Outcome:
    """What a solve of the restriction says of P1: a feasible point and no bound."""
    return replace(
        restricted,
        bound=None,
        root_bound=None,
        infeasible=False,
        raw_objective=None,
        history=tuple({**row, "bound": None} for row in restricted.history),
        reason=f"restriction to n = N_hat: {restricted.reason}",
    )
