"""Registry entries of step allocation (paper A): its methods in the order they run in."""

from __future__ import annotations

from solvers.core.entry import Method

METHODS = (
    Method(
        "price-search",
        "step_allocation",
        "P1 Lagrangian",
        "solvers.step_allocation.price_search:solve",
        "exact: budget price, count branching, certificate",
        exact=True,
    ),
    Method(
        "scip-convex",
        "step_allocation",
        "P1 convex",
        "solvers.step_allocation.mip.scip:solve_convex",
        "exact: convex MINLP by SCIP",
        exact=True,
        isolated=True,
    ),
    Method(
        "scip-literal",
        "step_allocation",
        "P1 literal",
        "solvers.step_allocation.mip.scip:solve_literal",
        "exact: P1 as printed by SCIP",
        exact=True,
        isolated=True,
    ),
    Method(
        "highs-outer-approximation",
        "step_allocation",
        "P1 convex, tangents",
        "solvers.step_allocation.mip.highs_outer_approximation:solve",
        "exact: MILPs with tangents by HiGHS",
        exact=True,
        isolated=True,
    ),
    Method(
        "sca-improved",
        "step_allocation",
        "P2 sequence",
        "solvers.step_allocation.sca.improved:solve",
        "Algorithms 1 and 3 with a growing penalty, started from the price",
    ),
    Method(
        "sca-published",
        "step_allocation",
        "P2 sequence",
        "solvers.step_allocation.sca.published:solve",
        "Algorithms 1 to 3 as published, tau = 1e5",
    ),
    Method(
        "sca-published-cvxpy",
        "step_allocation",
        "P2 sequence",
        "solvers.step_allocation.sca.published:solve_with_cvxpy",
        "the same, P2 solved by CVXPY",
        isolated=True,
    ),
    Method(
        "random",
        "step_allocation",
        "P1",
        "solvers.step_allocation.baselines:solve_random",
        "paper A's baseline: random offloading, random steps",
        random=True,
    ),
    Method(
        "all-local",
        "step_allocation",
        "P1",
        "solvers.step_allocation.baselines:solve_all_local",
        "nobody offloads, best steps",
    ),
    Method(
        "all-edge",
        "step_allocation",
        "P1",
        "solvers.step_allocation.baselines:solve_all_edge",
        "everybody offloads, best steps",
    ),
)
