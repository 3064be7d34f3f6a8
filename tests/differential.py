"""Compare all methods on random instances: no bound may exclude a feasible point, exact methods must agree.

    python tests/differential.py --out DIR [--cases 2100] [--seed 1] [--minutes 10]
    python tests/differential.py --seed 1 --case 47          one instance alone

Instances are small, of all problems, with and without further constraints. Every method of the registry
takes part, SCIP's and HiGHS's too, all in one process; a method that calls an external solver gets one instance in
``--share``, and a slow heuristic one in a few. Tolerances are those of the command
(:mod:`solvers.core.validation`). DIR/differential.jsonl keeps the counts; the same command goes on where a stopped
one left off. Exit status: 0 nothing was found, 1 something was, 130 interrupted.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

_HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(_HERE.parent), str(_HERE), str(_HERE / "support")]

from fuzzing.campaign import Campaign, Verdict, main
from fuzzing.checks import wrong_claims
from fuzzing.drawn_problems import drawn_problem

from solvers.core import registry
from solvers.core.limits import Limits
from solvers.core.registry import Method
from solvers.core.result import Result, Status
from solvers.core.run import Case, run

LIMITS = Limits(time_limit=20.0)

SELDOM = {"genetic": 6, "tabu": 3, "sca-published-cvxpy": 4}
"""Heuristics that take long: one in so many instances of their problem is given to them."""


def check(seed: int, number: int, share: int) -> Verdict:
    """Verdict of one instance."""
    problem, kind, data = drawn_problem(seed, number)
    verdict = Verdict(f"{problem}, {kind}")
    case = Case("drawn", "", problem, data)
    # A method that calls an external solver runs here in place of a child of its own: a start takes a second.
    turn = number // len(registry.PROBLEMS)
    methods = [
        replace(method, isolated=False)
        for place, method in enumerate(registry.methods_for(problem))
        if (turn + place) % SELDOM.get(method.name, share if method.isolated else 1) == 0
    ]
    results = [run(method, case, LIMITS, seed=number) for method in methods]
    verdict.outcomes.extend(f"{problem} {result.solver} {result.status}" for result in results)
    verdict.failures.extend(wrong_claims(problem, data, results))
    verdict.failures.extend(unproven(methods, results))
    return verdict


def unproven(methods: list[Method], results: list[Result]) -> Iterator[str]:
    """Exact methods of our own that proved nothing, neither an optimum nor infeasibility, on small instances."""
    settled = (Status.OPTIMAL, Status.INFEASIBLE, Status.UNSUPPORTED)
    own = {method.name for method in registry.methods() if method.exact and not method.isolated}
    for method, result in zip(methods, results, strict=True):
        if method.name in own and result.status not in settled:
            yield f"{method.name} proves nothing: {result.status}, {result.reason}, gap {result.own_gap}"


CAMPAIGN = Campaign(__file__, check, cases=2100, chunk=100, share=2, hard_limit=180.0)

if __name__ == "__main__":
    raise SystemExit(main(CAMPAIGN, __doc__))
