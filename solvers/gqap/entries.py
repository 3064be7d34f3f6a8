"""Registry entries of generalised quadratic assignment: its methods in the order they run in.

CP-SAT is one where OR-tools is installed: ``pip install 'diffload[peers]'``.
"""

from __future__ import annotations

from importlib.util import find_spec

from solvers.core.entry import Method

METHODS: tuple[Method, ...] = (
    Method(
        "branch-and-bound",
        "gqap",
        "RLT-1 dual ascent",
        "solvers.gqap.tree.branch_and_bound:solve",
        "exact: dual ascent on RLT-1, in whole numbers",
        exact=True,
    ),
    Method(
        "tabu",
        "gqap",
        "quadratic",
        "solvers.gqap.heuristics.tabu:solve",
        "memetic tabu search over shifts and swaps",
        random=True,
    ),
    Method(
        "greedy",
        "gqap",
        "quadratic",
        "solvers.gqap.heuristics.greedy:solve",
        "places the item with the largest regret, one by one",
    ),
    Method(
        "scipy-quadratic-assignment",
        "gqap",
        "QAP",
        "solvers.gqap.heuristics.scipy_quadratic_assignment:solve",
        "SciPy's FAQ and 2-opt from many starts, where the GQAP is a QAP",
        random=True,
        isolated=True,
    ),
    Method(
        "scip-quadratic",
        "gqap",
        "quadratic",
        "solvers.gqap.mip.explicit_models:solve_quadratic",
        "exact: products in the objective, by SCIP",
        exact=True,
        isolated=True,
    ),
    Method(
        "highs-standard",
        "gqap",
        "standard linearisation",
        "solvers.gqap.mip.explicit_models:solve_standard",
        "exact: one variable for each product, MILP by HiGHS",
        exact=True,
        isolated=True,
    ),
    Method(
        "highs-rlt1",
        "gqap",
        "RLT-1",
        "solvers.gqap.mip.explicit_models:solve_rlt1",
        "exact: equations and capacities multiplied, MILP by HiGHS",
        exact=True,
        isolated=True,
    ),
    Method(
        "highs-compact",
        "gqap",
        "compact linearisation",
        "solvers.gqap.mip.explicit_models:solve_compact",
        "exact: one variable for each item's pairs, MILP by HiGHS",
        exact=True,
        isolated=True,
    ),
)

if find_spec("ortools") is not None:
    METHODS += (
        Method(
            "cp-sat",
            "gqap",
            "costs of pairs",
            "solvers.gqap.mip.cp_sat:solve",
            "exact: one variable for the cost of each pair, whole costs, by CP-SAT",
            exact=True,
            isolated=True,
        ),
    )
