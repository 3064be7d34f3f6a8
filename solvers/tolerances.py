"""Tolerances of the external solvers, and what they leave uncertain in a bound; every number has its reason here.

All are absolute, so a model is handed over in natural units, in which what a decision can change is about 1 to 64.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

SHARE_OF_GAP = 0.1
"""Share of the asked gap that a solver has to close itself; the rest is for its feasibility tolerance."""

ROUNDS_SHARE_OF_GAP = 0.2
"""The same for one MILP of an outer approximation, and for what its lines may be short of at the best steps."""

SCIP_EPIGRAPH: Mapping[str, Any] = {
    # With the default 1e-6 per constraint the objective of 30 users undercuts the truth by half of a gap of 1e-6;
    # at 1e-9, SCIP's own smallest difference, it was seen to cut off an optimum.
    "numerics/feastol": 1e-8
}
"""SCIP where every user's cost is a variable above a curve, so that violations add up in the objective."""

SCIP: Mapping[str, Any] = {
    # The default 1e-6 per constraint lets the objective overrate the truth by more than the asked gap.
    "numerics/feastol": 1e-7
}
"""SCIP elsewhere."""

HIGHS: Mapping[str, Any] = {
    # At 1e-8 and below, the presolve of HiGHS 1.15.1 cut off 2 optima in 90 small instances, at 1e-7 none.
    "mip_feasibility_tolerance": 1e-7,
    # Each line of an outer approximation, and each reduced cost, may be missed by this much.
    "primal_feasibility_tolerance": 1e-9,
    "dual_feasibility_tolerance": 1e-9,
}
"""HiGHS."""

HIGHS_WITHOUT_PRESOLVE: Mapping[str, Any] = {
    **HIGHS,
    # With errors of 1e8, HiGHS 1.16.0 cut off 2 optima in 55 outer approximations; without its presolve none.
    "presolve": "off",
}
"""HiGHS where coefficients may be of very different sizes."""

CLARABEL: Mapping[str, Any] = {"tol_gap_abs": 1e-10, "tol_gap_rel": 1e-10, "tol_feas": 1e-10}
"""Clarabel, tight enough to validate with. Where it stalls before, CVXPY reports ``optimal_inaccurate``."""

BY_HAND: Mapping[str, Mapping[str, Any]] = {"scip": SCIP_EPIGRAPH, "highs": HIGHS, "CLARABEL": CLARABEL}
"""Options for a model that somebody changed by hand, which leave no violation that the evaluator would find."""

BOUND = 1e-8
"""What a solver's tolerances may add to its bound for each constraint, per unit by which its terms count in the
objective. SCIP's pruning was seen to add 2e-9 a user."""

PRUNED: Mapping[str, float] = {"scip": 1e-8, "highs": 1e-7}
"""Improvement on the incumbent below which a solver prunes a node and forgets it: its tolerance."""

GQAP_BOUND = 1e-6
"""The same for each item and pair of items of a GQAP where a bound is then rounded up: a wide margin."""

MOST_THREADS: Mapping[str, int] = {"scip": 64, "highs": 1024}
"""Threads that a solver takes: SCIP refuses more; HiGHS starts them for seconds, or ends the process."""
