"""Registry entries of generalised quadratic assignment: its methods in the order they run in.

CP-SAT is one where OR-tools is installed: ``pip install 'diffload[peers]'``.
"""

from __future__ import annotations

from importlib.util import find_spec

from solvers.core.entry import Method, own

_method = own("gqap")

METHODS: tuple[Method, ...] = (
    _method(
        "branch-and-bound",
        "RLT-1 dual ascent",
        "tree.branch_and_bound:solve",
        "exact: dual ascent on RLT-1, in whole numbers",
        exact=True,
    ),
    _method(
        "tabu", "quadratic", "heuristics.tabu:solve", "memetic tabu search over shifts and swaps", random=True
    ),
    _method(
        "greedy", "quadratic", "heuristics.greedy:solve", "places the item with the largest regret, one by one"
    ),
    _method(
        "scipy-quadratic-assignment",
        "QAP",
        "heuristics.scipy_quadratic_assignment:solve",
        "SciPy's FAQ and 2-opt from many starts, where the GQAP is a QAP",
        random=True,
        isolated=True,
    ),
    _method(
        "scip-quadratic",
        "quadratic",
        "mip.explicit_models:solve_quadratic",
        "exact: products in the objective, by SCIP",
        exact=True,
        isolated=True,
    ),
    _method(
        "highs-standard",
        "standard linearisation",
        "mip.explicit_models:solve_standard",
        "exact: one variable for each product, MILP by HiGHS",
        exact=True,
        isolated=True,
    ),
    _method(
        "highs-rlt1",
        "RLT-1",
        "mip.explicit_models:solve_rlt1",
        "exact: equations and capacities multiplied, MILP by HiGHS",
        exact=True,
        isolated=True,
    ),
    _method(
        "highs-compact",
        "compact linearisation",
        "mip.explicit_models:solve_compact",
        "exact: one variable for each item's pairs, MILP by HiGHS",
        exact=True,
        isolated=True,
    ),
)

if find_spec("ortools") is not None:
    METHODS += (
        _method(
            "cp-sat",
            "costs of pairs",
            "mip.cp_sat:solve",
            "exact: one variable for the cost of each pair, whole costs, by CP-SAT",
            exact=True,
            isolated=True,
        ),
    )
