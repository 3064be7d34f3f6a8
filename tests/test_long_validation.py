"""Longer validation: every exact method on the whole library, and many random instances."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from builders import step_allocation
from reference import CORNERS, brute_force

from formulations.step_allocation.evaluation import evaluate
from instances import load
from instances.library import LIBRARY
from solvers.comparison.cross_check import cross_check
from solvers.core import registry
from solvers.core.limits import Limits
from solvers.core.result import Status
from solvers.core.solve import solve
from solvers.step_allocation import price_search
from solvers.step_allocation.certificates import check as certificate

ROOT = Path(__file__).parent.parent

OWN_EXACT = {
    "step_allocation": "price-search",
    "split_offloading": "batch-scan",
    "gqap": "branch-and-bound",
    "multi_edge_offloading": "price-decomposition",
}
"""Our own exact method of each problem, which finishes on every library instance but those in :data:`OPEN`."""

OPEN = tuple(f"edge_servers_{size}" for size in ("20x5", "40x6", "60x8", "100x10"))
"""Instances too hard for a minute."""


@pytest.mark.long
@pytest.mark.parametrize("name", sorted(LIBRARY))
def test_no_method_contradicts_another_on_the_library(name):
    instance = load(ROOT / "instances" / f"{name}.json")
    for problem in map(registry.problem, instance.problems):
        methods = registry.methods_for(problem.name)
        limits = Limits(time_limit=60.0)
        results = [solve(instance, m.name, problem=m.problem, limits=limits) for m in methods]
        assert not [r.reason for r in results if r.status is Status.ERROR]
        _, verdict = cross_check(results, problem.sense)
        assert not verdict.contradictions
        if name in OPEN:
            continue
        assert verdict.certified
        assert OWN_EXACT[problem.name] in verdict.proven_by


@pytest.mark.long
@pytest.mark.parametrize("integer", [False, True], ids=["continuous", "integer"])
@pytest.mark.parametrize("corner", CORNERS)
def test_price_search_equals_enumeration_on_many_more_instances(corner, integer):
    for seed in range(100, 175):
        draw = np.random.default_rng(seed)
        users = int(draw.integers(1, 6))
        fields = {"edge_step_capacity": float(draw.uniform(0.0, 60.0) * users), "integer_steps": integer}
        data = step_allocation(users, seed, **(fields | CORNERS[corner]))
        outcome = price_search.solve(data, Limits(time_limit=20.0), 0)
        objective = evaluate(data, outcome.solution["a"], outcome.solution["s"]).objective
        assert objective == pytest.approx(brute_force(data), rel=1e-7, abs=1e-7)
        checked = certificate.check(data, outcome.certificate, outcome.solution)
        assert objective - checked.bound <= 1e-7 * max(1.0, abs(objective))
