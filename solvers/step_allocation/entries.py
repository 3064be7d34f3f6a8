"""Registry entries of step allocation (paper A): its methods in the order they run in."""

from __future__ import annotations

from solvers.core.entry import own

_method = own("step_allocation")

METHODS = (
    _method(
        "price-search",
        "P1 Lagrangian",
        "price_search:solve",
        "exact: budget price, count branching, certificate",
        exact=True,
    ),
    _method(
        "scip-convex",
        "P1 convex",
        "mip.scip:solve_convex",
        "exact: convex MINLP by SCIP",
        exact=True,
        isolated=True,
    ),
    _method(
        "scip-literal",
        "P1 literal",
        "mip.scip:solve_literal",
        "exact: P1 as printed by SCIP",
        exact=True,
        isolated=True,
    ),
    _method(
        "highs-outer-approximation",
        "P1 convex, tangents",
        "mip.highs_outer_approximation:solve",
        "exact: MILPs with tangents by HiGHS",
        exact=True,
        isolated=True,
    ),
    _method(
        "dynamic-programme",
        "P1 whole steps",
        "dynamic_programme:solve",
        "exact: all budgets in turn, whole steps, small budgets",
        exact=True,
    ),
    _method(
        "scip-reduced",
        "P1 reduced, perspectives",
        "mip.scip_reduced:solve",
        "exact: the offloaded part alone, written for SCIP itself",
        exact=True,
        isolated=True,
    ),
    _method(
        "sca-improved",
        "P2 sequence",
        "sca.improved:solve",
        "Algorithms 1 and 3 with a growing penalty, started from the price",
    ),
    _method(
        "sca-published",
        "P2 sequence",
        "sca.published:solve",
        "Algorithms 1 to 3 as published, tau = 1e5, Algorithm 2 as its appendix reads",
    ),
    _method(
        "sca-published-cvxpy",
        "P2 sequence",
        "sca.published_cvxpy:solve",
        "the same, P2 solved by CVXPY",
        isolated=True,
    ),
    _method(
        "sca-printed", "P2 sequence", "sca.published:solve_printed", "the same, line 8 of Algorithm 2 read alone"
    ),
    _method(
        "random",
        "P1",
        "baselines:solve_random",
        "paper A's baseline: random offloading, random steps",
        random=True,
    ),
    _method("all-local", "P1", "baselines:solve_all_local", "nobody offloads, best steps"),
    _method("all-edge", "P1", "baselines:solve_all_edge", "everybody offloads, best steps"),
)
