"""What solves what: every problem and every method, by name, imported only when it is called."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from importlib.metadata import entry_points
from typing import Any

from solvers.result import Sense

ENTRY_POINT_GROUP = "diffload.solvers"
"""Entry points of this group name a :class:`Method`, or a list of them, in another package."""


@dataclass(frozen=True)
class Companion:
    """A table of its own beside a problem's comparison, computed from the data in a child process.

    Attributes
    ----------
    name : str
        What its files are called.
    title : str
        What its heading says.
    function : str
        ``package.module:function``, called with the problem's data and the limits; returns what ``table`` shows.
    table : str
        ``package.module:function``, called with the heading and the returned value; makes the table.
    beside : str
        Method that it belongs to: a selection of methods without it leaves the table out.
    """

    name: str
    title: str
    function: str
    table: str
    beside: str


@dataclass(frozen=True)
class Problem:
    """A problem: where its evaluator is and how its objective is read.

    Attributes
    ----------
    name : str
        Section name in instance files.
    title : str
        What a table's heading says.
    sense : Sense
        Whether the objective is minimised or maximised.
    evaluation : str
        Module with ``evaluate_solution(data, solution)``, ``METRICS`` and ``describe(data)``.
    companions : tuple of Companion
        Tables of its own beside the comparison.
    gap_measures : tuple of str
        Gaps to the best proven bound that its table shows, by their names in :mod:`reports.gap_measures`.
    users : str
        Field of its data that says how many there are whom a measure per user is divided by.
    own_limits : str
        ``package.module:function`` that lists the limits which the problem has by itself, see
        :mod:`solvers.infeasibility`; without it, only further constraints are named in a conflict.
    """

    name: str
    title: str
    sense: Sense
    evaluation: str
    companions: tuple[Companion, ...] = ()
    gap_measures: tuple[str, ...] = ("gap", "absolute_gap")
    users: str = "users"
    own_limits: str = ""


@dataclass(frozen=True)
class Method:
    """A method: one function ``solve(data, limits, seed) -> Outcome``.

    Attributes
    ----------
    name, problem, formulation : str
        Its name, the problem it solves, and in which formulation.
    function : str
        Where it is: ``package.module:function``.
    summary : str
        One line for ``--list``.
    exact : bool
        Whether it claims a bound.
    random : bool
        Whether its result depends on the seed.
    isolated : bool
        Whether it runs in a child process that is killed when it overruns its limit; every external solver does.
    """

    name: str
    problem: str
    formulation: str
    function: str
    summary: str
    exact: bool = False
    random: bool = False
    isolated: bool = False

    def load(self) -> Callable[..., Any]:
        """Import the method's function."""
        function: Callable[..., Any] = load(self.function)
        return function


PROBLEMS = (
    Problem(
        name="step_allocation",
        title="step allocation (P1, paper A)",
        sense=Sense.MINIMISE,
        evaluation="formulations.step_allocation.evaluation",
        companions=(
            Companion(
                name="p2-kkt-cvxpy",
                title="P2 subproblem: KKT / CVXPY",
                function="solvers.step_allocation.p2_validation:validate",
                table="reports.p2_validation:table",
                beside="sca-published-cvxpy",
            ),
        ),
        own_limits="formulations.step_allocation.own_limits:own_limits",
    ),
    Problem(
        name="split_offloading",
        title="split offloading (P1, paper B)",
        sense=Sense.MAXIMISE,
        evaluation="formulations.split_offloading.evaluation",
        companions=(
            Companion(
                name="gqap-fixed-split",
                title="GQAP (18), fixed splits",
                function="solvers.split_offloading.gqap_comparison:compare_routes",
                table="reports.gqap_fixed_split:table",
                beside="highs-gqap-fixed-split",
            ),
            Companion(
                name="shrinking-batch",
                title="Simplification (9): fixed / shrinking batch",
                function="solvers.split_offloading.shrinking_batch:compare_models",
                table="reports.shrinking_batch:table",
                beside="highs-batch-indexed",
            ),
        ),
        gap_measures=("absolute_gap", "gap_per_user", "captured_share"),
        own_limits="formulations.split_offloading.own_limits:own_limits",
    ),
    Problem(
        name="gqap",
        title="generalised quadratic assignment",
        sense=Sense.MINIMISE,
        evaluation="formulations.gqap.evaluation",
        gap_measures=("gap", "absolute_gap", "root_gap", "nodes"),
        users="items",
    ),
)

_STEP_ALLOCATION = "solvers.step_allocation"
_SPLIT_OFFLOADING = "solvers.split_offloading"
_GQAP = "solvers.gqap"

METHODS = (
    Method(
        "price-search",
        "step_allocation",
        "P1 Lagrangian",
        f"{_STEP_ALLOCATION}.price_search:solve",
        "exact: budget price, count branching, certificate",
        exact=True,
    ),
    Method(
        "scip-convex",
        "step_allocation",
        "P1 convex",
        f"{_STEP_ALLOCATION}.scip:solve_convex",
        "exact: convex MINLP by SCIP",
        exact=True,
        isolated=True,
    ),
    Method(
        "scip-literal",
        "step_allocation",
        "P1 literal",
        f"{_STEP_ALLOCATION}.scip:solve_literal",
        "exact: P1 as printed by SCIP",
        exact=True,
        isolated=True,
    ),
    Method(
        "highs-outer-approximation",
        "step_allocation",
        "P1 convex, tangents",
        f"{_STEP_ALLOCATION}.highs_outer_approximation:solve",
        "exact: MILPs with tangents by HiGHS",
        exact=True,
        isolated=True,
    ),
    Method(
        "sca-improved",
        "step_allocation",
        "P2 sequence",
        f"{_STEP_ALLOCATION}.sca_improved:solve",
        "Algorithms 1 and 3 with a growing penalty, started from the price",
    ),
    Method(
        "sca-published",
        "step_allocation",
        "P2 sequence",
        f"{_STEP_ALLOCATION}.sca_published:solve",
        "Algorithms 1 to 3 as published, tau = 1e5",
    ),
    Method(
        "sca-published-cvxpy",
        "step_allocation",
        "P2 sequence",
        f"{_STEP_ALLOCATION}.sca_published:solve_with_cvxpy",
        "the same, P2 solved by CVXPY",
        isolated=True,
    ),
    Method(
        "random",
        "step_allocation",
        "P1",
        f"{_STEP_ALLOCATION}.baselines:solve_random",
        "paper A's baseline: random offloading, random steps",
        random=True,
    ),
    Method(
        "all-local",
        "step_allocation",
        "P1",
        f"{_STEP_ALLOCATION}.baselines:solve_all_local",
        "nobody offloads, best steps",
    ),
    Method(
        "all-edge",
        "step_allocation",
        "P1",
        f"{_STEP_ALLOCATION}.baselines:solve_all_edge",
        "everybody offloads, best steps",
    ),
    Method(
        "batch-scan",
        "split_offloading",
        "P1",
        f"{_SPLIT_OFFLOADING}.batch_scan:solve",
        "exact: best users for every batch size, certificate",
        exact=True,
    ),
    Method(
        "scip-minlp",
        "split_offloading",
        "P1 strengthened",
        f"{_SPLIT_OFFLOADING}.scip:solve",
        "exact: P1 strengthened (chords, batch) by SCIP",
        exact=True,
        isolated=True,
    ),
    Method(
        "highs-batch-indexed",
        "split_offloading",
        "P1 batch-indexed",
        f"{_SPLIT_OFFLOADING}.highs_batch_indexed:solve",
        "exact: one binary per batch size, MILP by HiGHS",
        exact=True,
        isolated=True,
    ),
    Method(
        "highs-gqap-fixed-split",
        "split_offloading",
        "GQAP (18) linearised",
        f"{_SPLIT_OFFLOADING}.gqap_fixed_split:solve_linearised",
        "paper B's branch and bound: fixed splits, linearised, by HiGHS",
        isolated=True,
    ),
    Method(
        "scip-gqap-fixed-split",
        "split_offloading",
        "GQAP (18)",
        f"{_SPLIT_OFFLOADING}.gqap_fixed_split:solve_quadratic",
        "fixed splits, quadratic, by SCIP",
        isolated=True,
    ),
    Method(
        "per-dqn",
        "split_offloading",
        "decision process",
        f"{_SPLIT_OFFLOADING}.per_dqn.methods:solve",
        "paper B's learned policy, greedy decoding",
    ),
    Method(
        "per-dqn-best-of-16",
        "split_offloading",
        "decision process",
        f"{_SPLIT_OFFLOADING}.per_dqn.methods:solve_best_of_16",
        "the same, best of 16 sampled episodes",
        random=True,
    ),
    Method(
        "genetic",
        "split_offloading",
        "P1",
        f"{_SPLIT_OFFLOADING}.genetic:solve",
        "paper B's genetic algorithm, best splits inside",
        random=True,
    ),
    Method(
        "greedy",
        "split_offloading",
        "P1",
        f"{_SPLIT_OFFLOADING}.greedy:solve",
        "adds the user that gains most while the objective improves",
    ),
    Method(
        "sorted-stop",
        "split_offloading",
        "P1",
        f"{_SPLIT_OFFLOADING}.greedy:solve_sorted_stop",
        "adds users by their gain alone, stops at the first loss",
    ),
    Method(
        "all-offload-best-split",
        "split_offloading",
        "P1",
        f"{_SPLIT_OFFLOADING}.baselines:solve_all_offload_best_split",
        "baseline 1: all offload up to B_max, best splits",
    ),
    Method(
        "all-offload-fixed-split",
        "split_offloading",
        "P1",
        f"{_SPLIT_OFFLOADING}.baselines:solve_all_offload_fixed_split",
        "baseline 2: all offload up to B_max, N_hat steps each",
    ),
    Method(
        "all-local",
        "split_offloading",
        "P1",
        f"{_SPLIT_OFFLOADING}.baselines:solve_all_local",
        "baseline 3: nobody offloads",
    ),
    Method(
        "branch-and-bound",
        "gqap",
        "RLT-1 dual ascent",
        f"{_GQAP}.branch_and_bound:solve",
        "exact: dual ascent on RLT-1, in whole numbers",
        exact=True,
    ),
    Method(
        "tabu",
        "gqap",
        "quadratic",
        f"{_GQAP}.tabu:solve",
        "memetic tabu search over shifts and swaps",
        random=True,
    ),
    Method(
        "greedy",
        "gqap",
        "quadratic",
        f"{_GQAP}.greedy:solve",
        "places the item with the largest regret, one by one",
    ),
    Method(
        "scipy-quadratic-assignment",
        "gqap",
        "QAP",
        f"{_GQAP}.scipy_quadratic_assignment:solve",
        "SciPy's FAQ and 2-opt from many starts, where the GQAP is a QAP",
        random=True,
        isolated=True,
    ),
    Method(
        "scip-quadratic",
        "gqap",
        "quadratic",
        f"{_GQAP}.explicit_models:solve_quadratic",
        "exact: products in the objective, by SCIP",
        exact=True,
        isolated=True,
    ),
    Method(
        "highs-standard",
        "gqap",
        "standard linearisation",
        f"{_GQAP}.explicit_models:solve_standard",
        "exact: one variable for each product, MILP by HiGHS",
        exact=True,
        isolated=True,
    ),
    Method(
        "highs-rlt1",
        "gqap",
        "RLT-1",
        f"{_GQAP}.explicit_models:solve_rlt1",
        "exact: equations and capacities multiplied, MILP by HiGHS",
        exact=True,
        isolated=True,
    ),
    Method(
        "highs-compact",
        "gqap",
        "compact linearisation",
        f"{_GQAP}.explicit_models:solve_compact",
        "exact: one variable for each item's pairs, MILP by HiGHS",
        exact=True,
        isolated=True,
    ),
)


def load(path: str) -> Any:
    """Import ``package.module:attribute``."""
    module, _, attribute = path.partition(":")
    return getattr(import_module(module), attribute)


def problem(name: str) -> Problem:
    """Return the problem called ``name``.

    Raises
    ------
    KeyError
        If there is none.
    """
    for candidate in PROBLEMS:
        if candidate.name == name:
            return candidate
    raise KeyError(f"unknown problem '{name}', expected one of {', '.join(p.name for p in PROBLEMS)}")


@cache
def methods() -> tuple[Method, ...]:
    """Every method: the package's own, then those that entry points of other packages bring."""
    found = list(METHODS)
    for entry in entry_points(group=ENTRY_POINT_GROUP):
        loaded = entry.load()
        found.extend([loaded] if isinstance(loaded, Method) else loaded)
    return tuple(found)


def methods_for(problem_name: str) -> tuple[Method, ...]:
    """Methods of one problem, in the order in which they are run."""
    return tuple(method for method in methods() if method.problem == problem_name)


def method(name: str, problem_name: str | None = None) -> Method:
    """Return the method called ``name`` (of one problem where several have that name).

    Raises
    ------
    KeyError
        If there is none.
    """
    for candidate in methods():
        if candidate.name == name and problem_name in (None, candidate.problem):
            return candidate
    names = dict.fromkeys(m.name for m in methods() if problem_name in (None, m.problem))
    raise KeyError(f"unknown solver '{name}', expected one of {', '.join(names)}")
