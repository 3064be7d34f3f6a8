"""The command ``diffload prove``: a long exact search of a GQAP that can be stopped and goes on where it was."""

from __future__ import annotations

from argparse import Namespace
from dataclasses import dataclass, field, replace
from pathlib import Path
from time import perf_counter
from typing import NamedTuple

import numpy as np

from formulations.gqap.parameters import GQAP
from formulations.runtime.command_line import (
    Command,
    Parser,
    add_gap,
    add_instance,
    add_out,
    add_time_limit,
    seconds,
)
from formulations.runtime.program import say
from formulations.runtime.standard_output import results
from instances import Instance, load
from instances.files.solution_files import load_solution
from instances.storage.atomic import writing
from instances.storage.layouts import rows_of
from instances.storage.store import Store
from reports.formats import folder
from solvers.comparison.arguments import add_threads
from solvers.core import registry
from solvers.core.limits import Limits
from solvers.core.validation import validate
from solvers.gqap.certificates.write import certificate
from solvers.gqap.heuristics import tabu
from solvers.gqap.tree import checkpoint
from solvers.gqap.tree.assignment_tree import Incumbent
from solvers.gqap.tree.branch_and_bound import CLOSED_SHARE_OF_GAP, incumbent_of, load_kernels, outcome_of
from solvers.gqap.tree.staged_search import StagedSearch

KEPT = "search.npz"
"""File of the output folder from which a search goes on."""

BOUNDS = "bounds.csv"
"""File of the output folder with the incumbent and the bound over time."""

SEARCH_SHARE = 0.1
"""Share of the time limit that the first tabu search may take."""


class BoundAfter(NamedTuple):
    """A row of the bounds over time."""

    seconds: float
    objective: float
    bound: float
    nodes: int
    open: int


ROWS = rows_of(BoundAfter)
"""Layout of the file of bounds."""


@dataclass
class Keeper:
    """Writes down where a search is, now and then.

    Attributes
    ----------
    every : float
        Time between two notes [s].
    before : float
        Time that the search had run in earlier processes [s].
    """

    search: StagedSearch
    bounds: Store[BoundAfter, BoundAfter]
    out: Path
    instance_hash: str
    every: float
    before: float
    began: float = field(default_factory=perf_counter)

    def __post_init__(self) -> None:
        self._next = perf_counter() + self.every
        self._last: tuple[float, float] | None = None

    @property
    def seconds(self) -> float:
        """Time that the search has run, in all processes [s]."""
        return self.before + perf_counter() - self.began

    def seen(self) -> None:
        """Note the bound where it has changed, and keep the search, if it is time."""
        if perf_counter() >= self._next:
            self.note(self.search.left)
            checkpoint.save(self.search, self.out / KEPT, self.instance_hash, self.seconds)
            self._next = perf_counter() + self.every

    def note(self, left: int | None) -> None:
        """Add a row to the bounds over time, from the least bound that is left, None where none is."""
        search = self.search
        bound = search.bound_cost(left)
        bound = np.inf if bound is None else bound  # nothing is feasible
        if self._last == (search.incumbent.cost, bound):
            return
        self._last = (search.incumbent.cost, bound)
        parts = 0 if search.frontier is None else len(list(search.frontier.branches()))
        row = BoundAfter(round(self.seconds, 1), search.incumbent.cost, bound, search.nodes, parts)
        self.bounds.append(row, row)
        say(f"{self.seconds:.0f} s: best {self._last[0]:.10g}, bound {bound:.10g}, {search.nodes} nodes")


def _arguments(parser: Parser) -> None:
    add_instance(parser)
    add_time_limit(parser, 600.0, "for this run; the same command goes on from there")
    add_threads(parser)
    add_gap(parser)
    add_out(parser, f"folder of {KEPT}, {BOUNDS} and results.json", required=True)
    parser.add_argument("--start", metavar="FILE", help="solution file, .sln, to begin with")
    parser.add_argument(
        "--every", type=seconds, default=60.0, metavar="SECONDS", help="time between two notes (%(default)g)"
    )
    parser.add_argument(
        "--certificate",
        action="store_true",
        help="write a proof that 'diffload check' reads, of at most 1000 leaves",
    )


def _run(options: Namespace) -> int:
    instance = load(options.instance)
    data = instance.section("gqap")
    assert isinstance(data, GQAP)
    given = None if options.start is None else load_solution(options.start, data)
    with writing(options.out):
        folder.prepare(options.out)
    load_kernels()
    began = perf_counter()
    deadline = began + options.time_limit
    search = StagedSearch(data, CLOSED_SHARE_OF_GAP * options.gap, Incumbent(None, np.inf))
    with Store(options.out / BOUNDS, ROWS) as bounds:
        before = 0.0
        if (options.out / KEPT).exists():
            before = checkpoint.resume(search, options.out / KEPT, instance.sha256, deadline)
        elif given is None:
            given = tabu.search(data, 0, perf_counter() + SEARCH_SHARE * options.time_limit).place
        search.incumbent = min(search.incumbent, incumbent_of(data, given), key=lambda incumbent: incumbent.cost)
        if search.frontier is not None:
            search.frontier.incumbent = search.incumbent
        keeper = Keeper(search, bounds, options.out, instance.sha256, options.every, before, began)
        search.seen = keeper.seen
        left = search.search(deadline, options.threads)
        keeper.note(left)
        if left is not None:
            checkpoint.save(search, options.out / KEPT, instance.sha256, keeper.seconds)
    return _report(options, instance, search, left, keeper.seconds)


def _report(options: Namespace, instance: Instance, search: StagedSearch, left: int | None, spent: float) -> int:
    """Write and print the result, with its certificate where one is asked for; return the exit status."""
    outcome = outcome_of(search, left, build_seconds=0.0, solve_seconds=spent)
    data = instance.section("gqap")
    if options.certificate and left is None and outcome.solution is not None and isinstance(data, GQAP):
        until = perf_counter() + options.time_limit
        proof = certificate(data, search.incumbent.cost, instance.sha256, until)
        if proof is None:
            say("no certificate: it would be too large or take too long, or the numbers are not whole")
        outcome = replace(outcome, certificate=proof)
    limits = Limits(time_limit=options.time_limit, gap=options.gap, threads=options.threads)
    method = registry.method("branch-and-bound", "gqap")
    result = validate(method, instance.name, instance.sha256, data, outcome, limits, 0)
    folder.write_results(options.out, [result])
    print(result, file=results())
    return 0 if left is None else 1


main = Command(
    module="diffload prove",
    summary="Search a generalised quadratic assignment problem to a proven optimum, in as many runs as it takes.",
    arguments=_arguments,
    run=_run,
    example=("edge_servers_12x4 --out proof", "nug17.dat --start nug17.sln --time-limit 3600 --out nug17"),
    statuses={0: "the optimum is proven, or that there is no assignment", 1: "the search is not at its end"},
    interrupted="the same command goes on from the last note",
)
"""Searches a GQAP for long."""
