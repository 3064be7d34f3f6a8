from __future__ import annotations

import copy
import json

import pytest
from multi_edge_enumeration import brute_force, random_multi_edge

from formulations.multi_edge_offloading.evaluation import evaluate_solution
from solvers.core.limits import Limits
from solvers.core.result import plain
from solvers.multi_edge_offloading.certificates.check import check
from solvers.multi_edge_offloading.tree import branch_and_bound
from solvers.multi_edge_offloading.tree.branch_and_bound import outcome_of, solve
from solvers.multi_edge_offloading.tree.incumbent import Incumbent
from solvers.multi_edge_offloading.tree.search import Node, leaves, started
from solvers.step_allocation import check_certificates


def on_disk(value):
    """What a results file holds."""
    return json.loads(json.dumps(plain(value)))


def test_every_certificate_proves_the_bound_of_its_method():
    for seed in range(30):
        data = random_multi_edge(seed)
        found = solve(data, Limits(gap=1e-9), 0)
        checked = check(data, on_disk(found.certificate), on_disk(found.solution))
        objective = evaluate_solution(data, found.solution).objective
        assert checked.objective == objective
        assert abs(checked.bound - found.bound) <= 1e-9 * max(1.0, abs(found.bound)), seed


def branched(data):
    """A search that has to branch, because its incumbent starts far too low and everything is divided."""
    table = branch_and_bound.gain_table(data)
    rules = branch_and_bound.all_allowed(data, table)
    search = started(table, rules, 0.0, float("inf"))
    best = search.best
    search.best = Incumbent(best.now, best.held, best.gain)
    stack = [search.root]
    from solvers.multi_edge_offloading.decomposition.node_bound import bound_of
    from solvers.multi_edge_offloading.tree.branching import children

    while stack:
        node = stack.pop()
        found = bound_of(table, node.rules, node.prices, 0.0, 1e-9, float("inf"))
        node.bound, node.prices = found.bound, found.prices
        if found.weights.size and len(leaves(search.root)) < 12:
            node.children = [Node(rules, node.bound, node.prices) for rules in children(node.rules, found)]
            stack += node.children
    return search


def test_a_certificate_with_branches_proves_the_optimum():
    divided = 0
    for seed in range(40):
        data = random_multi_edge(seed)
        search = branched(data)
        certificate = on_disk(outcome_of(data, search, 0.0).certificate)
        checked = check(data, certificate, None)
        best = brute_force(data)
        assert checked.bound >= best - 1e-12 * abs(best), seed
        assert checked.leaves == len(leaves(search.root))
        divided += checked.leaves > 1
    assert divided > 10


@pytest.fixture(scope="module")
def proven():
    data = random_multi_edge(5)
    assert brute_force(data) is not None
    return data, on_disk(solve(data, Limits(), 0).certificate)


def test_lower_prices_still_prove_a_bound_but_a_weaker_one(proven):
    data, certificate = proven
    forged = copy.deepcopy(certificate)
    forged["tree"]["prices"] = [0.0] * data.users
    assert check(data, forged, None).bound >= check(data, certificate, None).bound


@pytest.mark.parametrize(
    ("tree", "message"),
    [
        ({"prices": [0.0]}, "finite prices"),
        ({"server": 99, "cuts": [1], "children": []}, "expected a server from 0"),
        ({"server": 0, "cuts": [1], "children": []}, "expected 2 children"),
        ({"server": 0, "cuts": [2, 1], "children": []}, "ascending order"),
        ({"server": 0, "model": 77, "children": []}, "expected a model from 0"),
    ],
)
def test_a_broken_tree_is_refused(proven, tree, message):
    data, _ = proven
    with pytest.raises(ValueError, match=message):
        check(data, {"version": 1, "tree": tree}, None)


def test_another_version_or_instance_is_refused(proven):
    data, certificate = proven
    with pytest.raises(ValueError, match="version 1"):
        check(data, certificate | {"version": 2}, None)
    with pytest.raises(ValueError, match="another instance"):
        check(data, certificate | {"instance_hash": "a"}, None, "b")


def test_the_command_knows_the_sense_of_the_problem(capsys):
    data = random_multi_edge(6)
    found = solve(data, Limits(), 0)
    objective = evaluate_solution(data, found.solution).objective
    record = {
        "solver": "price-decomposition",
        "problem": "multi_edge_offloading",
        "instance_hash": "h",
        "status": "optimal",
        "objective": objective,
        "bound": found.bound,
        "solution": on_disk(found.solution),
        "certificate": on_disk(found.certificate) | {"instance_hash": "h"},
    }
    assert check_certificates.report(data, record) == 0
    assert check_certificates.report(data, record | {"bound": found.bound - 1e-3 * abs(objective)}) == 1
    assert check_certificates.report(data, record | {"objective": objective + 1e-3 * abs(objective)}) == 1
