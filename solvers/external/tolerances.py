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
    # Small enough for small instances, since HiGHS prunes what improves by less.
    "mip_feasibility_tolerance": 1e-7,
    # Each line of an outer approximation, and each reduced cost, may be missed by this much.
    "primal_feasibility_tolerance": 1e-9,
    "dual_feasibility_tolerance": 1e-9,
    # Where numbers are of very different sizes, HiGHS 1.16.0's presolve cut off optima: at a tolerance of 1e-7 in
    # 2 of 55 outer approximations and 2 of 114 compact models of a GQAP, at 1e-6 in 1 of 57 of these.
    "presolve": "off",
}
"""HiGHS."""

INTERIOR_POINT = 1e-6
"""Relative optimality of HiGHS's interior point where multipliers are wanted: an ascent gains what it leaves."""

CLARABEL: Mapping[str, Any] = {"tol_gap_abs": 1e-10, "tol_gap_rel": 1e-10, "tol_feas": 1e-10}
"""Clarabel, tight enough to validate with. Where it stalls before, CVXPY reports ``optimal_inaccurate``."""

BY_HAND: Mapping[str, Mapping[str, Any]] = {
    "scip": SCIP_EPIGRAPH,
    "highs": HIGHS,
    "CLARABEL": CLARABEL,
}
"""Options for a model that somebody changed by hand, which leave no violation that the evaluator would find."""

BOUND = 1e-8
"""What a solver's tolerances may add to its bound for each constraint, per unit by which its terms count in the
objective. SCIP's pruning was seen to add 2e-9 a user."""

DEFAULT = 1e-6
"""Both solvers' own feasibility tolerance."""

GQAP_BOUND = 1e-6
"""The same for each item and pair of items of a GQAP where a bound is then rounded up: a wide margin."""

MOST_THREADS: Mapping[str, int] = {"scip": 64, "highs": 1024}
"""Threads that a solver takes: SCIP refuses more; HiGHS starts them for seconds, or ends the process."""


def pruned(options: Mapping[str, Any]) -> float:
    """Improvement on the incumbent below which a solver prunes a node and forgets it: its tolerance."""
    named = (options.get(name) for name in ("numerics/feastol", "mip_feasibility_tolerance"))
    return max((float(value) for value in named if value is not None), default=DEFAULT)
