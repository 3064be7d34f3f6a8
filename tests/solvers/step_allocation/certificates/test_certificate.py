from __future__ import annotations

import copy
import json
from functools import cache

import numpy as np
import pytest
from builders import step_allocation
from fakes import method
from reference import CORNERS

from formulations.step_allocation.evaluation import evaluate
from instances import Instance, save
from solvers.core.limits import Limits
from solvers.core.result import plain
from solvers.core.validation import validate
from solvers.step_allocation.certificates.check import check
from solvers.step_allocation.certificates.tree import Range as CountRange
from solvers.step_allocation.certificates.tree import least_choice
from solvers.step_allocation.check_certificates import main
from solvers.step_allocation.lagrangian.dual_function import choose
from solvers.step_allocation.price_search import solve


def written(data, limits=None):
    """Certificate, solution and claimed bound as they come back from a results file."""
    outcome = solve(data, limits or Limits(), 0)
    return (*json.loads(json.dumps([plain(outcome.certificate), plain(outcome.solution)])), outcome.bound)


@cache
def knapsack(users=30, seed=1):
    draw = np.random.default_rng(seed)
    most = draw.uniform(50.0, 80.0, users)
    fields = {
        "error_decay_per_step": 1e-4,
        "utility_decay_per_step": 1e-4,
        "local_max_steps": 0.3 * most,
        "edge_max_steps": most,
        "edge_step_capacity": 0.5 * most.sum(),
        "time_weight_per_second": 0.0,
        "energy_weight_per_joule": 0.0,
    }
    return step_allocation(users, seed, **fields)


@cache
def solved_knapsack():
    return solve(knapsack(), Limits(), 0)


@pytest.mark.parametrize("integer", [False, True], ids=["continuous", "integer"])
@pytest.mark.parametrize("corner", CORNERS)
def test_proves_the_claimed_bound(corner, integer):
    data = step_allocation(25, 3, integer_steps=integer, **({"edge_step_capacity": 300.0} | CORNERS[corner]))
    certificate, solution, bound = written(data)
    checked = check(data, certificate, solution)
    assert checked.bound >= bound - 1e-12 * max(1.0, abs(bound))
    assert checked.bound <= checked.objective


def test_proves_a_tree_of_many_leaves_and_an_unfinished_one():
    data = knapsack()
    for limits in (Limits(), Limits(time_limit=0.0)):
        certificate, solution, bound = written(data, limits)
        assert check(data, certificate, solution).bound >= bound - 1e-12
    assert check(data, *written(data)[:2]).leaves > 10


def test_another_certificate_proves_less():
    data = knapsack()
    certificate, solution, bound = written(data)
    leaf = next(i for i, node in enumerate(certificate["tree"]) if "multipliers" in node)
    wrong = copy.deepcopy(certificate)
    wrong["tree"][leaf]["multipliers"][0] *= 1.5
    assert check(data, wrong, solution).bound < bound - 1e-6
    root = [{"multipliers": certificate["fixing_multipliers"]}]
    assert check(data, certificate | {"tree": root}, solution).bound < bound - 1e-9
    forgotten = certificate | {"order": certificate["order"][1:], "tree": root}
    assert check(data, forgotten, solution).bound < bound


def test_a_bound_is_never_above_the_optimum_whatever_the_certificate_says():
    data = knapsack(8, 2)
    optimum = written(data)[2]
    draw = np.random.default_rng(0)
    worse = {"a": np.zeros(8), "s": np.zeros(8)}
    for _ in range(200):
        shuffled = draw.permutation(8)
        sizes = draw.integers(0, 9, 2)
        sizes.sort()
        certificate = {
            "version": 2,
            "fixing_multipliers": [float(draw.uniform(0.0, 2e-4))],
            "fixed_edge": shuffled[: sizes[0]],
            "fixed_local": shuffled[sizes[0] : sizes[1]],
            "order": shuffled[sizes[1] :],
            "tree": [{"multipliers": [float(draw.uniform(0.0, 2e-4))]}],
        }
        assert check(data, certificate, worse).bound <= optimum + 1e-7 * abs(optimum)


def test_an_infeasible_solution_is_refused():
    data = step_allocation(5)
    certificate, _, _ = written(data)
    with pytest.raises(ValueError, match="violates"):
        check(data, certificate, {"a": np.ones(5), "s": np.full(5, 1e3)})


def test_both_ways_to_choose_under_nested_counts_agree():
    """The solver's greedy and the checker's merge of sorted users are written apart."""
    draw = np.random.default_rng(7)
    for _ in range(300):
        saving = draw.normal(size=12)
        ranges = []
        for begin, end in ((2, 5), (5, 9), (2, 9), (0, 12)):
            lower = int(draw.integers(0, (end - begin) // 2 + 1))
            ranges.append((begin, end, lower, int(draw.integers(lower, end - begin + 1))))
        best = enumerate_choices(saving, ranges)
        merged = least_choice(np.zeros(12), saving, [CountRange(*row) for row in ranges])
        assert (merged is None) == np.isinf(best)
        if merged is not None:
            assert saving[merged].sum() == pytest.approx(best)
            chosen = np.empty(12, dtype=np.bool_)
            choose(saving, np.array(ranges, dtype=np.int64), chosen)
            assert saving[chosen].sum() == pytest.approx(best)


def enumerate_choices(saving, ranges):
    codes = np.arange(2**saving.size)
    choices = (codes[:, None] >> np.arange(saving.size)) & 1
    allowed = np.ones(codes.size, dtype=bool)
    for begin, end, lower, upper in ranges:
        count = choices[:, begin:end].sum(axis=1)
        allowed &= (lower <= count) & (count <= upper)
    return float((choices[allowed] @ saving).min(initial=np.inf))


def record_of(data, outcome=None, **forged):
    """The record of a result as a results file holds it."""
    instance_hash = Instance(schema_version=1, name="x", step_allocation=data).sha256
    outcome = solve(data, Limits(), 0) if outcome is None else outcome
    case = method("price-search", "exact")
    return validate(case, "x", instance_hash, data, outcome, Limits(), 0).to_record() | forged


def results_file(path, data, **forged):
    record = record_of(data, solved_knapsack())
    other_problem = record | {
        "problem": "split_offloading",
        "certificate": {"bounds": [1.0]},
        "solution": {"x": [1]},
    }
    path.write_text(json.dumps([other_problem, plain(record | forged)]))
    return path


def checked_by_command(tmp_path, capsys, *options, **forged):
    data = knapsack()
    save(Instance(schema_version=1, name="x", step_allocation=data), tmp_path / "x.json")
    results = results_file(tmp_path / "results.json", data, **forged)
    status = main([str(tmp_path / "x.json"), str(results), *options])
    output = capsys.readouterr()
    return status, output.out + output.err


def test_the_command_confirms_what_holds(tmp_path, capsys):
    status, text = checked_by_command(tmp_path, capsys)
    assert status == 0
    assert text.strip().endswith("holds")


@pytest.mark.parametrize(
    "forged",
    [
        {"objective": -100.0},
        {"bound": 1e3},
        {"solution": {"a": np.zeros(30), "s": np.full(30, 10.0)}},
        {"solution": {"a": np.ones(30), "s": np.full(30, 1e9)}},
        {"solution": None},
        {"instance_hash": "0" * 64},
        {"certificate": None},
        {"certificate": {}},
        {"certificate": {"tree": []}},
        {"bound": None},
        {"bound": float("nan")},
        {"status": "infeasible"},
        {"status": "unknown"},
    ],
    ids=lambda forged: next(iter(forged)),
)
def test_the_command_confirms_nothing_else(tmp_path, capsys, forged):
    status, text = checked_by_command(tmp_path, capsys, **forged)
    assert status == 1
    assert len(text.strip().splitlines()) == 1


def test_the_gap_is_the_commands_and_not_the_records(tmp_path, capsys):
    loose = {"solution": {"a": np.zeros(30), "s": knapsack().local_step_limit}, "limits": {"gap": 1e9}}
    data = knapsack()
    objective = evaluate(data, loose["solution"]["a"], loose["solution"]["s"]).objective
    loose |= {"objective": objective, "bound": objective - 1.0, "status": "optimal"}
    assert checked_by_command(tmp_path, capsys, **loose)[0] == 1
    assert checked_by_command(tmp_path, capsys, "--gap", "0.9", **loose)[0] == 0
    status, text = checked_by_command(tmp_path, capsys, "--gap", "1e9")
    assert status == 2
    assert "expected a fraction from 0 to below 1" in text


@pytest.mark.parametrize("text", ["", "{", "[1]", "{}", "[" * 100_000])
def test_an_unusable_results_file_is_one_sentence(tmp_path, capsys, text):
    save(Instance(schema_version=1, name="x", step_allocation=step_allocation(3)), tmp_path / "x.json")
    (tmp_path / "results.json").write_text(text)
    assert main([str(tmp_path / "x.json"), str(tmp_path / "results.json")]) == 2
    assert len(capsys.readouterr().err.strip().splitlines()) == 1


def test_whole_steps_that_cost_far_more_than_none_do_not_lower_the_bound():
    data = step_allocation(3, 1, integer_steps=True, time_weight_per_second=1e60, edge_step_capacity=0.0)
    certificate, solution, bound = written(data)
    checked = check(data, certificate, solution)
    assert checked.objective == pytest.approx(bound, rel=1e-12)
    assert checked.bound == pytest.approx(bound, rel=1e-12)
