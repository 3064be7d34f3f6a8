from __future__ import annotations

import subprocess
import sys
from time import perf_counter

import numpy as np
import pytest
from multi_edge_enumeration import brute_force, random_multi_edge

from formulations.multi_edge_offloading.evaluation import evaluate_solution
from formulations.multi_edge_offloading.snapshots import server_snapshot
from formulations.split_offloading.evaluation import evaluate as evaluate_split
from instances import load
from solvers.core.limits import Limits
from solvers.multi_edge_offloading.decomposition.rules import all_allowed
from solvers.multi_edge_offloading.gains import gain_table
from solvers.multi_edge_offloading.tree.branch_and_bound import solve
from solvers.multi_edge_offloading.tree.incumbent import Incumbent
from solvers.multi_edge_offloading.tree.search import started
from solvers.split_offloading.exact.batch_scan import solve as batch_scan


@pytest.mark.parametrize("first", range(0, 320, 40))
def test_it_equals_the_enumeration(first):
    for seed in range(first, first + 40):
        data = random_multi_edge(seed)
        found = solve(data, Limits(gap=1e-9), 0)
        evaluated = evaluate_solution(data, found.solution)
        best = brute_force(data)
        size = 1e-9 * max(1.0, evaluated.magnitude)
        assert evaluated.feasible, (seed, evaluated.violations)
        assert evaluated.objective == pytest.approx(best, rel=1e-12, abs=size), seed
        assert best - 1e-12 * abs(best) <= found.bound <= best + size, seed


@pytest.mark.parametrize("seed", range(40))
def test_one_server_gives_the_plan_of_paper_b(seed):
    data = random_multi_edge(seed, most_users=30, most_servers=1)
    data = data.replace(models=1, model_of_user=0.0, model_slots=1.0)
    snapshot = server_snapshot(data, 0)
    one, several = batch_scan(snapshot, Limits(), 0), solve(data, Limits(gap=1e-9), 0)
    x = (several.solution["server"] == 0).astype(np.float64)
    split = evaluate_split(snapshot, x, several.solution["n"])
    assert split.objective == pytest.approx(evaluate_split(snapshot, **renamed(one.solution)).objective, rel=1e-12)
    assert evaluate_solution(data, several.solution).objective == pytest.approx(split.objective, rel=1e-12)
    if np.unique(data.accuracy_weight).size == data.users:  # a tie has several plans
        np.testing.assert_array_equal(x, one.solution["x"])
        np.testing.assert_array_equal(several.solution["n"], one.solution["n"])


@pytest.mark.parametrize("seconds", [0.0, 0.005])
def test_a_time_limit_leaves_a_feasible_plan_and_a_valid_bound(seconds):
    data = load("instances/multi_300x10.json").section("multi_edge_offloading")
    found = solve(data, Limits(time_limit=seconds), 0)
    evaluated = evaluate_solution(data, found.solution)
    assert evaluated.feasible
    assert evaluated.objective <= -3936.0670057 <= found.bound  # the optimum, which HiGHS proves, too


def renamed(solution):
    return {"granted": solution["x"], "split": solution["n"]}


def test_a_search_that_is_cut_short_does_not_claim_its_gap():
    """At the root of this instance the bound is open, and the time is over before a branch is divided."""
    data = load("instances/multi_100x5_models.json").section("multi_edge_offloading")
    table = gain_table(data)
    search = started(table, all_allowed(data, table), 0.0, np.inf)
    search.best = Incumbent(search.best.now, search.best.held, 0.9 * search.best.gain)
    search.deadline = perf_counter() + 2e-4
    search.run()
    assert search.nodes == 1
    assert not search.complete
    assert search.bound > search.best.gain + search.tolerance


INTERRUPTED = """
import signal, time
signal.signal(signal.SIGINT, signal.default_int_handler)
signal.signal(signal.SIGALRM, lambda number, frame: signal.raise_signal(signal.SIGINT))
from instances.generation.multi_edge import generate
from formulations.multi_edge_offloading.parameters import MultiEdgeOffloading
from solvers.core.limits import Limits
from solvers.multi_edge_offloading.tree.branch_and_bound import load_kernels, solve
data = MultiEdgeOffloading.model_validate(generate(0, users=400, servers=8, models=6, model_slots=2))
load_kernels()
signal.setitimer(signal.ITIMER_REAL, 0.3)
began = time.perf_counter()
try:
    solve(data, Limits(time_limit=60.0, gap=0.0), 0)
except KeyboardInterrupt:
    print("interrupted", time.perf_counter() - began < 2.0)
"""


def test_ctrl_c_ends_a_search_at_once():
    """A comparison keeps what other methods have finished; nothing of this one may swallow the interrupt."""
    done = subprocess.run([sys.executable, "-c", INTERRUPTED], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "interrupted True"
