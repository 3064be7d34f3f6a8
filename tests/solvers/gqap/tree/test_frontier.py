"""The open parts of the tree: the same proof for every number of threads, and a bound that rises."""

from __future__ import annotations

import math
from time import perf_counter

import numpy as np
import pytest
from gqap_enumeration import brute_force, random_gqap

from solvers.core.limits import Limits
from solvers.gqap.bounds.cliques import cliques_of
from solvers.gqap.heuristics.short_tabu import short_tabu
from solvers.gqap.tree import frontier as frontier_module
from solvers.gqap.tree import staged_search
from solvers.gqap.tree.assignment_tree import Incumbent, Tree
from solvers.gqap.tree.branch_and_bound import incumbent_of, solve
from solvers.gqap.tree.frontier import Frontier
from solvers.gqap.tree.staged_search import Stage, StagedSearch

NOTHING = Incumbent(None, math.inf)
WEAK_ROOT = (Stage(False, staged_search.STAGES[0].effort._replace(rounds=1), math.inf),)


def whole_frontier(seed: int, most_cells: int = 1 << 27) -> Frontier:
    tree = Tree(random_gqap(seed, 8, 3))
    frontier = Frontier(tree, NOTHING, most_cells)
    frontier.add(tree.branches(tree.root, tree.target(math.inf)))
    return frontier


@pytest.mark.parametrize("most_cells", [0, 2000, 1 << 27])
@pytest.mark.parametrize("seed", [0, 2, 3])
def test_threads_change_neither_the_nodes_nor_the_assignment(seed: int, most_cells: int):
    """Depth first from the start, in between, and least bound first; all without an incumbent to begin with."""
    found = []
    for threads in (1, 2, 3):
        frontier = whole_frontier(seed, most_cells)
        assert frontier.search(math.inf, threads)
        assert frontier.incumbent.place is not None
        found.append((frontier.nodes, frontier.incumbent.cost, frontier.incumbent.place.tolist()))
        assert frontier.bound() is None
        assert frontier.cells == 0
    assert found[0] == found[1] == found[2]
    assert found[0][1] == pytest.approx(brute_force(frontier.tree.data), rel=1e-9)


def test_the_bound_rises_wave_by_wave_and_stays_below_the_optimum(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(frontier_module, "WAVE", 2)
    frontier = whole_frontier(6)
    optimum = frontier.tree.problem.units(brute_force(frontier.tree.data))
    bounds: list[int] = []
    frontier.search(math.inf, seen=lambda: bounds.extend(filter(None, [frontier.bound()])))
    assert bounds == sorted(bounds)
    assert len(set(bounds)) > 2
    assert bounds[-1] <= optimum


def test_a_search_that_was_stopped_goes_on():
    stopped, whole = whole_frontier(0), whole_frontier(0)
    while not stopped.search(math.inf, most_nodes=stopped.nodes + 1):
        assert not stopped.search(0.0)
    whole.search(math.inf)
    assert stopped.incumbent.cost == whole.incumbent.cost
    assert stopped.nodes == whole.nodes


def test_a_tree_that_turns_out_large_gets_a_better_root():
    data = random_gqap(2, 9, 4)
    stages = (*(stage._replace(nodes=1) for stage in staged_search.STAGES), staged_search.LAST_STAGE)
    bounds = []
    for some in (WEAK_ROOT, stages):
        search = StagedSearch(data, 0.0, NOTHING)
        assert search.search(perf_counter() + 60.0, stages=some) is None
        bounds.append((search.root_bound, search.incumbent.cost))
    assert bounds[0][0] < bounds[1][0]
    assert bounds[0][1] == bounds[1][1]


def test_a_better_incumbent_is_looked_for_once_and_before_the_programme():
    data = random_gqap(2, 9, 4)
    stages = (*(stage._replace(nodes=1) for stage in staged_search.STAGES), staged_search.LAST_STAGE)
    whole = StagedSearch(data, 0.0, NOTHING)
    assert whole.search(perf_counter() + 60.0, stages=stages) is None
    search = StagedSearch(data, 0.0, NOTHING)
    asked: list[float] = []

    def optimum(until: float) -> Incumbent:
        asked.append(until)
        return whole.incumbent

    search.better_incumbent = optimum
    deadline = perf_counter() + 60.0
    assert search.search(deadline, stages=stages) is None
    assert len(asked) == 1
    assert asked[0] < deadline
    assert search.incumbent is whole.incumbent
    assert search.nodes <= whole.nodes


def test_the_history_holds_the_bound_over_time():
    rows = solve(random_gqap(4, 14, 6), Limits(time_limit=60.0, threads=2), 0).history
    bounds = [row["bound"] for row in rows if row["bound"] is not None]
    assert len(bounds) > 1
    assert bounds == sorted(bounds)
    assert all(set(row) == {"seconds", "objective", "bound"} for row in rows)


LEVEL2 = (staged_search.LAST_STAGE_LEVEL2,)
WEAK_ROOT_LEVEL2 = (WEAK_ROOT[0]._replace(level2=WEAK_ROOT[0].effort),)


@pytest.mark.parametrize("threads", [1, 2])
@pytest.mark.parametrize(("items", "places"), [(5, 5), (4, 5), (3, 4)])
@pytest.mark.parametrize("seed", range(4))
def test_a_search_at_level_2_equals_enumeration(seed: int, items: int, places: int, threads: int):
    data = random_gqap(seed, items, places, weight=np.ones(items), capacity=np.ones(places))
    search = StagedSearch(data, 0.0, NOTHING)
    assert search.search(math.inf, threads, LEVEL2) is None
    optimum = brute_force(data)
    assert search.incumbent.cost == pytest.approx(optimum, rel=1e-9)
    bound = search.bound_cost(None)
    assert bound is not None
    assert bound == pytest.approx(optimum, rel=1e-8)
    assert bound <= search.incumbent.cost


def test_level_2_needs_fewer_nodes_whatever_the_threads_and_the_memory():
    data = random_gqap(4, 12, 12, weight=np.ones(12), capacity=np.ones(12))
    optimum = incumbent_of(data, short_tabu(data, 0, perf_counter() + 60.0))
    at_level1 = StagedSearch(data, 0.0, optimum)
    assert at_level1.search(math.inf, stages=WEAK_ROOT) is None
    nodes = set()
    for threads in (1, 2):
        search = StagedSearch(data, 0.0, optimum)
        assert search.search(math.inf, threads, WEAK_ROOT_LEVEL2) is None
        nodes.add(search.nodes)
        assert search.incumbent.cost == at_level1.incumbent.cost
    assert len(nodes) == 1
    assert 1 < nodes.pop() < at_level1.nodes
    tree = Tree(data)
    tree.add_triples()
    depth_first = Frontier(tree, optimum._replace(cost=optimum.cost + 1.0), most_cells=0)
    depth_first.add(tree.branches(tree.root, tree.target(math.inf)))
    assert depth_first.search(math.inf)
    assert depth_first.incumbent.cost == at_level1.incumbent.cost


def test_a_large_tree_of_a_qap_goes_on_at_level_2():
    data = random_gqap(4, 9, 9, weight=np.ones(9), capacity=np.ones(9))
    search = StagedSearch(data, 0.0, NOTHING)
    stages = (*(stage._replace(nodes=1) for stage in staged_search.STAGES), *LEVEL2)
    assert search.search(math.inf, stages=stages) is None
    assert search.tree.root.node.triple.size > 0
    assert search.stage == 3
    whole = StagedSearch(data, 0.0, NOTHING)
    assert whole.search(math.inf) is None
    assert whole.incumbent.cost == search.incumbent.cost


@pytest.mark.parametrize("seed", range(8))
def test_a_search_below_a_root_with_cliques_equals_enumeration(seed: int):
    """Most pairs do not fit in one place; whole numbers and others."""
    draw = np.random.default_rng(seed)
    weight = draw.integers(4, 10, 6).astype(float)
    data = random_gqap(seed, 6, 4, weight=weight, capacity=draw.integers(10, 17, 4).astype(float))
    assert cliques_of(Tree(data).root.node).at_place.any()
    search = StagedSearch(data, 0.0, NOTHING)
    assert search.search(perf_counter() + 60.0, stages=(staged_search.LAST_STAGE,)) is None
    assert search.incumbent.cost == pytest.approx(brute_force(data), rel=1e-9)
