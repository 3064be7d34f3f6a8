"""Exact solver of P1: Lagrangian bound, fixing by reduced cost, branching on counts of offloaded users.

One price on the budget bounds P1 and decides most users for good; the rest is closed by branch and bound on
counts (docs/theory/step_allocation, sections 4 to 6). The result carries a certificate that
:mod:`solvers.step_allocation.certificates.check` checks without this solver. Constraints that separate by user are
in the steps that a user may have at each place; where rows couple users,
:mod:`solvers.step_allocation.coupled.search` gives each of them a price of its own.
"""

from __future__ import annotations

from functools import cache
from time import perf_counter
from typing import Any

import numpy as np

from formulations.step_allocation.best_response import PlaceCosts, decision_costs
from formulations.step_allocation.cost_scale import constant_cost, ideal_cost, search_unit
from formulations.step_allocation.domain import coupling_rows, may_be_at
from formulations.step_allocation.parameters import EDGE, LOCAL, StepAllocation
from solvers.core.limits import Limits
from solvers.core.result import Outcome
from solvers.core.rounding import with_constant
from solvers.step_allocation.certificates.check import VERSION
from solvers.step_allocation.coupled import search as row_search
from solvers.step_allocation.feasibility import proven_infeasible
from solvers.step_allocation.lagrangian.budget import relaxed_budget, share_budget
from solvers.step_allocation.lagrangian.closing import CLOSED_SHARE_OF_GAP, Closing
from solvers.step_allocation.lagrangian.compiled_search import ProvenPlan, search
from solvers.step_allocation.lagrangian.stopping import NEVER, stopping
from solvers.step_allocation.lagrangian.unpriced import Instance
from solvers.step_allocation.large_scale import large_price_search

FEW_NODES = 64
"""Nodes up to which a search does without a clock, whose thread takes longer to start than most instances."""

FEW_BOUNDED = 30_000
"""Users in these nodes together, eight nodes at least: what is done in some hundredths of a second."""

MOST_NODES = 2**62
"""Nodes up to which a search goes on with one."""


def solve(data: StepAllocation, limits: Limits, seed: int) -> Outcome:
    """Solve P1 to a proven optimum; the seed is not used.

    Compiled kernels are loaded before the clock starts: at most once in a process, and compiled once per machine.

    Returns
    -------
    Outcome
        Solution, bound, number of nodes, the price ``delta`` of an edge step [1/step] at the root, and the
        certificate. If the time is over before the gap is closed, the bound is still valid. Infeasibility is
        proven.
    """
    infeasible = proven_infeasible(data)
    if infeasible is not None:
        return infeasible
    if coupling_rows(data):
        return row_search.solve(data, limits)
    if data.users >= large_price_search.USERS:
        return large_price_search.solve(data, limits)
    return solve_small(data, limits)


def solve_small(data: StepAllocation, limits: Limits) -> Outcome:
    """Solve P1 without rows that couple users, all of it in compiled code."""
    load_kernels()
    started = perf_counter()
    unit = search_unit(data)
    instance = instance_of(data, unit)
    built = perf_counter()
    closing = Closing.within(limits, CLOSED_SHARE_OF_GAP, data.users, lambda: ideal_cost(data) / unit)
    found, few_nodes = None, max(8, min(FEW_NODES, FEW_BOUNDED // data.users))
    if limits.time_limit > 0.0:
        found = search(instance, closing.relative, few_nodes, NEVER)
    if found is None or not found.complete:
        with stopping(limits.time_limit - (perf_counter() - started)) as stop:
            found = search(instance, closing.relative, MOST_NODES, stop)
    return Outcome(
        solution={"a": found.offload.astype(np.float64), "s": found.steps},
        bound=with_constant((found.bound - found.rounding) * unit, constant_cost(data)),
        reason=closing.reason(found.cost, found.bound, found.rounding, late=not found.complete),
        build_seconds=built - started,
        solve_seconds=perf_counter() - built,
        nodes=found.prices.size,
        duals={"delta": found.price * unit},
        certificate=certificate(found, unit),
    )


@cache
def load_kernels() -> None:
    """Run every kernel once on a single user, which compiles it or loads it from the cache on disk."""
    one, yes = np.ones(1), np.ones(1, dtype=np.bool_)
    place = PlaceCosts(one, one, one, one, one, lower=np.zeros(1), limit=one)
    search(Instance(place, place, yes, yes, 1.0, False), 1e-9, FEW_NODES, NEVER)
    share_budget(place, np.zeros(1, dtype=np.int64), 0.5, False, one.copy())


def instance_of(data: StepAllocation, unit: float = 1.0) -> Instance:
    """P1 as the search reads it, with costs and prices in multiples of ``unit``."""
    edge, local = (decision_costs(data, place, unit) for place in (EDGE, LOCAL))
    may_stay, may_offload = (may_be_at(data, place).copy() for place in (LOCAL, EDGE))
    budget = relaxed_budget(data, edge.lower, np.flatnonzero(~may_stay))
    return Instance(local, edge, may_stay, may_offload, budget, data.integer_steps)


def best_price(data: StepAllocation) -> float:
    """Price of an edge step at which the Lagrangian bound is highest [1/step]."""
    load_kernels()
    unit = search_unit(data)
    return float(search(instance_of(data, unit), np.inf, FEW_NODES, NEVER).price * unit)


def certificate(found: ProvenPlan, unit: float) -> dict[str, Any]:
    """Multipliers (times ``unit``), fixings and tree, as the checker of certificates reads them."""

    def node(branch: list[int], price: float) -> dict[str, Any]:
        begin, end, most, first = branch
        if first < 0:
            return {"multipliers": [price * unit]}
        return {"begin": begin, "end": end, "most": most, "children": (first, first + 1)}

    return {
        "version": VERSION,
        "fixing_multipliers": [found.price * unit],
        "fixed_edge": found.forced,
        "fixed_local": found.staying,
        "order": found.order,
        "tree": list(map(node, found.branches.tolist(), found.prices.tolist())),
    }
