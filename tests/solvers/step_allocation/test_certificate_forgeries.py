"""Forged records of every engine: each has to be refused, and the honest one to hold."""

from __future__ import annotations

import ast
import copy
import json
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from builders import step_allocation
from constrained import StepBox, boxed, with_row
from engines import TAKE_INTERVALS, WRITE_CERTIFICATES, Solve
from fakes import method

from formulations.constraints.step_allocation.edge_energy_budget import EdgeEnergyBudget
from formulations.constraints.step_allocation.error_ceiling import ErrorCeiling
from formulations.constraints.step_allocation.max_offloaded import MaxOffloaded
from formulations.step_allocation.evaluation import evaluate
from formulations.step_allocation.parameters import StepAllocation
from solvers.core.limits import Limits
from solvers.core.result import Outcome, Status
from solvers.core.validation import validate
from solvers.step_allocation import price_search
from solvers.step_allocation.certificates import check as certificate
from solvers.step_allocation.certificates.check import check
from solvers.step_allocation.check_certificates import report

Record = dict[str, Any]
HASH = "a" * 64
ASKED = Limits(time_limit=20.0, gap=1e-8)
CLOSE = Limits(time_limit=20.0, gap=1e-11)


def alike(users: int, **fields: object) -> StepAllocation:
    """Users whose choice leaves a gap at the root: steps are worth nearly the same to all of them."""
    draw = np.random.default_rng(1)
    most = draw.uniform(50.0, 80.0, users)
    given: dict[str, object] = {
        "error_decay_per_step": 1e-4,
        "utility_decay_per_step": 1e-4,
        "local_max_steps": 0.3 * most,
        "edge_max_steps": most,
        "edge_step_capacity": float(0.5 * most.sum()),
        "time_weight_per_second": 0.0,
        "energy_weight_per_joule": 0.0,
    }
    return step_allocation(users, 1, **(given | fields))


def ceiling(data: StepAllocation) -> StepAllocation:
    constraint = ErrorCeiling(on="step_allocation", type="error_ceiling", most_error=0.999)
    return data.replaced({"constraints": (constraint,)})


def strained(**fields: object) -> StepAllocation:
    """Rows whose search branches on counts, and on steps where they are whole."""
    data = step_allocation(5, 1, **({"edge_step_capacity": 90.0} | fields))
    return with_row(with_row(data, 0.0, 0.0, [1.0, 0.7, 1.3, 0.9, 1.1], 50.5), 1.0, 0.0, 0.0, 3.0)


def both_budgets() -> StepAllocation:
    data = step_allocation(8, 3)
    energy = EdgeEnergyBudget(on="step_allocation", type="edge_energy_budget", most_joules=900.0)
    most = MaxOffloaded(on="step_allocation", type="max_offloaded", most_users=4)
    return data.replaced({"constraints": (energy, most)})


def by_choice(data: StepAllocation, limits: Limits) -> Outcome:
    """The engine that the price search itself chooses."""
    return price_search.solve(data, limits, 0)


ANY = {"alike": lambda: alike(8), "whole": lambda: alike(8, integer_steps=True)}

INTERVALS = {"ceiling": lambda: ceiling(alike(8)), "boxes": lambda: boxed(alike(8), 2)}

ROWS = {
    "strained": strained,
    "whole": lambda: strained(integer_steps=True),
    "the package's own": both_budgets,
    "boxes": lambda: boxed(strained(), 1, banned=0.0),
}

CASES: dict[str, tuple[Solve, Callable[[], StepAllocation]]] = {
    **{
        f"{engine}, {kind}": (WRITE_CERTIFICATES[engine], ANY[kind])
        for engine in WRITE_CERTIFICATES
        for kind in ANY
    },
    **{
        f"{engine}, {kind}": (WRITE_CERTIFICATES[engine], INTERVALS[kind])
        for engine in TAKE_INTERVALS
        if engine in WRITE_CERTIFICATES
        for kind in INTERVALS
    },
    **{f"coupled, {kind}": (by_choice, ROWS[kind]) for kind in ROWS},
}


@cache
def honest(case: str) -> tuple[StepAllocation, str]:
    """An instance, and its record as a results file holds it."""
    solve, build = CASES[case]
    data = build()
    return data, json.dumps(record_of(data, solve(data, CLOSE)))


def record_of(data: StepAllocation, outcome: Any) -> Record:
    return validate(method("x", "exact"), "x", HASH, data, outcome, ASKED, 0).to_record()


def holds(data: StepAllocation, record: Record) -> bool:
    return report(data, record) == 0


@pytest.mark.parametrize("case", CASES)
def test_the_honest_record_holds(case: str) -> None:
    data, text = honest(case)
    assert json.loads(text)["status"] == "optimal"
    assert holds(data, json.loads(text))


@pytest.mark.parametrize("case", CASES)
def test_every_forgery_is_refused(case: str, capsys: pytest.CaptureFixture[str]) -> None:
    data, text = honest(case)
    names = []
    for name, forged in forgeries(data, text):
        assert not holds(data, forged), name
        assert "DOES NOT HOLD" in capsys.readouterr().out
        names.append(name)
    assert len(set(names)) == len(names) >= 80


WRONG_NUMBERS: dict[str, Any] = {
    "negative": -1.0,
    "NaN": float("nan"),
    "infinite": float("inf"),
    "beyond floats": 10**400,
    "overflowing": 1.7e308,
    "none": None,
    "bool": True,
    "text": "0.1",
    "list": [0.1],
}


def forgeries(data: StepAllocation, text: str) -> Iterator[tuple[str, Record]]:
    """Records that claim what they do not prove, by what is forged."""
    for source in (header, multipliers, users, tree, claims):
        for name, change in source(json.loads(text), data):
            record = json.loads(text)
            change(record)
            yield name, record


Changes = Iterator[tuple[str, Callable[[Record], None]]]


def setting(key: str, value: Any) -> Callable[[Record], None]:
    return lambda record: record["certificate"].update({key: value})


def header(record: Record, data: StepAllocation) -> Changes:
    for version in (None, 1, 3, 2.0, True, "2"):
        yield f"version {version!r}", setting("version", version)
    yield "no version", lambda record: record["certificate"].pop("version")
    yield "another instance", setting("instance_hash", "b" * 64)
    yield "no instance", lambda record: record["certificate"].pop("instance_hash")
    yield "another instance's record", lambda record: record.update({"instance_hash": "b" * 64})


def multipliers(record: Record, data: StepAllocation) -> Changes:
    root = record["certificate"]["fixing_multipliers"]
    rows = len(root)

    def in_leaves(value: Any) -> Callable[[Record], None]:
        def change(record: Record) -> None:
            for node in record["certificate"]["tree"]:
                if "multipliers" in node:
                    node["multipliers"] = value

        return change

    for name, wrong in WRONG_NUMBERS.items():
        yield f"leaf: {name}", in_leaves([wrong] * rows)
        if name != "overflowing" or record["certificate"]["fixed_edge"] or record["certificate"]["fixed_local"]:
            yield f"root: {name}", setting("fixing_multipliers", [wrong] * rows)
    for name, wrong in (
        ("too many", [*root, 0.0]),
        ("too few", root[1:]),
        ("a number", 0.1),
        ("absent", None),
        ("by row", {"0": 0.1}),
    ):
        yield f"root: {name}", setting("fixing_multipliers", wrong)
        yield f"leaf: {name}", in_leaves(wrong)
    yield "leaf: zero", in_leaves([0.0] * rows)
    yield "leaf: so large that rounding decides", in_leaves([1e250] + [0.0] * (rows - 1))


def users(record: Record, data: StepAllocation) -> Changes:
    every_user = list(range(data.users))
    for key in ("fixed_local", "fixed_edge", "order"):
        for name, wrong in (
            ("beyond", [data.users]),
            ("negative", [-1]),
            ("fractions", [0.5]),
            ("twice", [1, 1]),
            ("texts", ["1"]),
            ("bools", [True]),
            ("nested", [[0, 1]]),
            ("enormous", [10**30]),
            ("no list", 3),
            ("none", None),
        ):
            yield f"{key}: {name}", setting(key, wrong)
    for key in ("fixed_local", "fixed_edge"):

        def everyone(record: Record, key: str = key) -> None:
            record["certificate"].update({"fixed_local": [], "fixed_edge": [], "order": [], key: every_user})
            record["certificate"]["tree"] = [{"multipliers": record["certificate"]["fixing_multipliers"]}]

        yield f"{key}: everybody", everyone


def tree(record: Record, data: StepAllocation) -> Changes:
    certificate = record["certificate"]
    size, ordered = len(certificate["tree"]), len(certificate["order"])
    leaf = {"multipliers": certificate["fixing_multipliers"]}

    def replaced(*nodes: Any) -> Callable[[Record], None]:
        return setting("tree", list(nodes))

    def count(children: Any, **changes: Any) -> Record:
        return {"begin": 0, "end": max(ordered, 1), "most": 0, "children": children} | changes

    def step(children: Any, **changes: Any) -> Record:
        return {"user": 0, "place": 1, "most": 20, "children": children} | changes

    yield "no tree", replaced()
    yield "a text", setting("tree", "leaf")
    yield "null", setting("tree", None)
    yield "a node that is none", replaced(count([1, 2]), leaf, 3)
    yield "an empty node", replaced({})
    yield "the root alone", replaced(leaf)
    yield "a leaf that is a branch too", replaced({**count([1, 2]), **leaf}, leaf, leaf)
    yield "a leaf with its own bound", replaced({**leaf, "bound": record["bound"]})
    yield "one child twice", replaced(count([1, 1]), leaf)
    yield "a child above", replaced(count([1, 2]), count([0, 2]), leaf)
    yield "its own child", replaced(count([0, 1]), leaf)
    yield "a child that is missing", replaced(count([1, 2]), leaf)
    yield "a child below 0", replaced(count([1, -1]), leaf)
    yield "one child", replaced(count([1]), leaf)
    yield "three children", replaced(count([1, 2, 3]), leaf, leaf, leaf)
    yield "children that are no numbers", replaced(count([True, 2]), leaf, leaf)
    yield "a node with two parents", replaced(count([1, 2]), count([3, 4]), count([3, 4]), leaf, leaf)
    yield "a node that nothing leads to", lambda record: record["certificate"]["tree"].append(leaf)
    for name, wrong in (
        ("backwards", {"begin": 2, "end": 1}),
        ("empty", {"begin": 0, "end": 0}),
        ("beyond the users", {"end": ordered + 1}),
        ("below 0", {"begin": -1}),
        ("at most -1", {"most": -1}),
        ("at most all", {"most": max(ordered, 1)}),
        ("a fraction", {"most": 0.5}),
        ("a bool", {"most": False}),
        ("another key", {"least": 0}),
    ):
        yield f"counts: {name}", replaced(count([1, 2], **wrong), leaf, leaf)
    for name, wrong in (
        ("no such user", {"user": data.users}),
        ("no such place", {"place": 2}),
        ("at most -1", {"most": -1}),
        ("half a step", {"most": 20.5}),
        ("beyond floats", {"most": 10**400}),
        ("a bool", {"user": True}),
    ):
        yield f"steps: {name}", replaced(step([1, 2], **wrong), leaf, leaf)
    if not data.integer_steps:
        yield "steps: not whole", replaced(step([1, 2]), leaf, leaf)
    if ordered >= 3:
        first, second = {"begin": 0, "end": 2}, {"begin": 1, "end": 3}
        yield (
            "counts: overlapping",
            replaced(count([1, 2], **first), leaf, count([3, 4], **second), leaf, leaf),
        )
    if size > 1:
        for side in (0, 1):
            kept = subtree(certificate["tree"], certificate["tree"][0]["children"][side])
            yield f"without child {1 - side} of the root", replaced(*kept)


def subtree(nodes: list[Record], root: int) -> list[Record]:
    """A node and all below it, numbered from 0."""
    order = [root]
    for index in order:
        order.extend(nodes[index].get("children", []))
    place = {old: new for new, old in enumerate(order)}
    kept = copy.deepcopy([nodes[index] for index in order])
    for node in kept:
        if "children" in node:
            node["children"] = [place[child] for child in node["children"]]
    return kept


def claims(record: Record, data: StepAllocation) -> Changes:
    size = abs(record["objective"])
    stay = {"a": [0.0] * data.users, "s": [0.0] * data.users}

    def claimed(**changes: Any) -> Callable[[Record], None]:
        return lambda record: record.update(changes)

    def moved(symbol: str, value: Any) -> Callable[[Record], None]:
        return lambda record: record["solution"][symbol].__setitem__(0, value)

    yield "a better objective", claimed(objective=record["objective"] - 1e-6 * size)
    yield "a better bound", claimed(bound=record["bound"] + 1e-6 * size)
    for value in (None, float("nan"), "low"):
        yield f"objective {value!r}", claimed(objective=value)
        yield f"bound {value!r}", claimed(bound=value)
    yield "there is none", claimed(status="infeasible", solution=None, objective=None, bound=None)
    yield "there is none, with a solution", claimed(status="infeasible")
    yield "no solution", claimed(solution=None)
    yield "another solution", claimed(solution=stay)
    for symbol in ("a", "s"):
        for value in (float("nan"), -1.0, 0.5, 1e9, "1"):
            if (symbol, value) != ("s", 0.5):
                yield f"{symbol}[0] = {value!r}", moved(symbol, value)
        yield f"{symbol} too short", lambda record, symbol=symbol: record["solution"][symbol].pop()
        yield f"no {symbol}", lambda record, symbol=symbol: record["solution"].pop(symbol)


def all_local(data: StepAllocation) -> dict[str, list[float]]:
    return {"a": [0.0] * data.users, "s": data.local_step_limit.tolist()}


def claiming(data: StepAllocation, record: Record, solution: dict[str, list[float]]) -> Record:
    """The record with another solution, called optimal, and its true objective."""
    objective = evaluate(data, np.array(solution["a"]), np.array(solution["s"])).objective
    return record | {"solution": solution, "objective": objective, "status": "optimal"}


def test_a_record_cannot_bring_its_own_gap() -> None:
    data, text = honest("blocks, alike")
    record = json.loads(text)
    for gap in ("1e9", 1e9):
        assert not holds(data, claiming(data, record, all_local(data)) | {"limits": {"gap": gap}})


def test_multipliers_that_overflow_do_not_prove_that_there_is_no_solution() -> None:
    data, text = honest("coupled, the package's own")
    record = json.loads(text)
    record["certificate"]["fixing_multipliers"] = [0.0] * 3
    record["certificate"] |= {"fixed_local": [], "fixed_edge": [], "tree": [{"multipliers": [1.7e308, 0.0, 0.0]}]}
    nothing = {"status": "infeasible", "solution": None, "objective": None, "bound": None}
    assert not holds(data, record | nothing)
    with pytest.raises(ValueError, match="overflow"):
        check(data, record["certificate"], None)


def test_multipliers_that_overflow_do_not_prove_that_a_poor_solution_is_optimal() -> None:
    data, text = honest("coupled, the package's own")
    forged = claiming(data, json.loads(text), all_local(data))
    forged["bound"] = forged["objective"]
    forged["certificate"] |= {"fixing_multipliers": [0.0] * 3, "fixed_local": [], "fixed_edge": []}
    forged["certificate"]["tree"] = [{"multipliers": [1.7e308, 0.0, 0.0]}]
    assert not holds(data, forged)


@pytest.mark.parametrize("seed", range(10))
def test_large_multipliers_do_not_turn_rounding_into_a_proof(seed: int) -> None:
    """Everybody has to be at the edge and fills the budget exactly: what is left of the bound is rounding."""
    steps = np.random.default_rng(seed).uniform(10.0, 20.0, 7)
    box = StepBox(local=np.full((2, 7), 1e9), edge=np.array([steps, steps]))
    data = step_allocation(7, edge_max_steps=steps, edge_step_capacity=float(steps.sum()))
    data = data.replaced({"constraints": (box,)})
    for multiplier in (1e12, 1e100, 1e250):
        forged = {"version": 2, "fixing_multipliers": [0.0], "tree": [{"multipliers": [multiplier]}]}
        forged |= {"fixed_local": [], "fixed_edge": [], "order": []}
        assert check(data, forged, None).bound < np.inf


def constant_error(size: float) -> StepAllocation:
    """One user more, whose error no decision can change."""
    data = alike(6, error_decay_per_step=[0.03, 0.04, 0.02, 0.05, 0.03, 0.0])
    return data.replaced({"forward_error": [1.0, 1.0, 1.0, 1.0, 1.0, size]})


@pytest.mark.parametrize("size", [1.0, 1e6, 1e10])
def test_a_constant_that_no_decision_can_change_hides_no_loss(size: float) -> None:
    data = constant_error(size)
    outcome = price_search.solve(data, ASKED, 0)
    record = record_of(data, outcome)
    assert holds(data, record)
    poor = all_local(data)
    assert not holds(data, claiming(data, record, poor))
    arrays = {symbol: np.array(values) for symbol, values in poor.items()}
    loss = evaluate(data, arrays["a"], arrays["s"]).objective - record["objective"]
    assert 0.01 < loss < 2.0
    validated = validate(
        method("x", "exact"), "x", HASH, data, type(outcome)(arrays, bound=outcome.bound), Limits(gap=1e-6), 0
    )
    assert validated.status is Status.FEASIBLE
    false_bound = validate(
        method("x", "exact"),
        "x",
        HASH,
        data,
        type(outcome)(outcome.solution, bound=outcome.bound + loss),
        Limits(),
        0,
    )
    assert false_bound.status is Status.ERROR


@pytest.mark.parametrize(
    ("solve", "build"),
    [
        (by_choice, strained),
        (by_choice, both_budgets),
        *((solve, lambda: step_allocation(8, 1)) for solve in WRITE_CERTIFICATES.values()),
    ],
    ids=["strained", "both budgets", *WRITE_CERTIFICATES],
)
def test_a_correct_record_holds_where_the_objective_is_near_0(solve: Any, build: Any) -> None:
    data = build()
    weight = data.cost_weight * data.error_weight
    shifted = data.forward_error.copy()
    constant = data.replaced({"error_decay_per_step": np.append(data.error_decay_per_step[:-1], 0.0)})
    least = solve(constant, ASKED).bound
    shifted[-1] -= least / weight
    balanced = constant.replaced({"forward_error": shifted})
    record = record_of(balanced, solve(balanced, ASKED))
    assert abs(record["objective"]) < 1e-7
    assert record["status"] == "optimal"
    assert holds(balanced, record)
    assert not holds(balanced, record | {"bound": record["bound"] + 1e-6})


@pytest.mark.parametrize("case", CASES)
def test_the_checker_reads_objective_and_sizes_as_the_evaluator_does(case: str) -> None:
    """They share no code, so that one fault is not in both."""
    data, text = honest(case)
    record = json.loads(text)
    checked = check(data, record["certificate"], record["solution"], HASH)
    found = evaluate(data, np.array(record["solution"]["a"]), np.array(record["solution"]["s"]))
    assert checked.objective == pytest.approx(found.objective, rel=1e-13)
    assert checked.size == pytest.approx(found.magnitude, rel=1e-12)
    assert checked.rounding == pytest.approx(found.rounding, rel=1e-12)


SHARED = {
    "formulations.constraints.step_allocation.",
    "formulations.fields",
    "formulations.step_allocation.parameters",
    "solvers.step_allocation.certificates",
    "solvers.core.certificate",
    "solvers.core.tolerance",
}
"""What the checker may import of the packages: data classes, the rule for tolerances, and its own parts."""


def test_the_checker_shares_the_data_classes_and_nothing_else() -> None:
    folder = Path(certificate.__file__).parent
    parts = sorted(folder.glob("[!_]*.py"))
    assert len(parts) >= 5
    for part in parts:
        for node in ast.walk(ast.parse(part.read_text())):
            if isinstance(node, ast.Import):
                assert not any(name.name.split(".")[0] in ("formulations", "solvers") for name in node.names)
            if isinstance(node, ast.ImportFrom) and node.module.split(".")[0] in ("formulations", "solvers"):
                assert node.module.startswith(tuple(SHARED)), (part.name, node.module)
