"""The price search under further constraints: intervals, places that users may not be at, and coupling rows."""

from __future__ import annotations

import copy
import json

import numpy as np
import pytest
from builders import near_identical, step_allocation
from constrained import StepBox, boxed, fixed_optimum, instance, optimum, random_row, with_row
from hypothesis import given, settings
from hypothesis import strategies as st

from formulations.step_allocation.evaluation import evaluate
from formulations.step_allocation.parameters import StepAllocation
from solvers.core.limits import Limits
from solvers.core.result import Outcome, Status, plain
from solvers.step_allocation.certificates.check import Checked, check
from solvers.step_allocation.check_certificates import report
from solvers.step_allocation.price_search import solve

TIGHT = Limits(time_limit=20.0, gap=1e-8)

KINDS = {"intervals": 0, "one row": 1, "two rows": 2, "signed rows": 2}


def constrained(kind: str, seed: int, integer: bool) -> StepAllocation:
    data = instance(2 + seed % 4, seed, integer=integer)
    if seed % 3 != 2 or kind == "intervals":
        data = boxed(data, seed, whole=integer)
    for row in range(KINDS[kind]):
        data = random_row(data, 7 * seed + row, signed=kind == "signed rows")
    return data


def checked(data: StepAllocation, outcome: Outcome) -> Checked:
    """What the certificate proves once it has been written and read."""
    certificate = json.loads(json.dumps(plain(outcome.certificate)))
    return check(data, certificate, outcome.solution)


@pytest.mark.parametrize("integer", [False, True], ids=["continuous", "integer"])
@pytest.mark.parametrize("kind", KINDS)
def test_equals_the_slow_way_and_the_certificate_holds(kind, integer):
    infeasible = 0
    for seed in range(12):
        data = constrained(kind, seed, integer)
        outcome, best = solve(data, TIGHT, 0), optimum(data)
        if best == np.inf:
            infeasible += 1
            assert outcome.infeasible
            assert outcome.solution is None
            assert outcome.certificate is None or checked(data, outcome).bound == np.inf
            continue
        evaluation = evaluate(data, outcome.solution["a"], outcome.solution["s"])
        assert evaluation.feasible
        assert evaluation.objective == pytest.approx(best, rel=1e-7, abs=1e-7)
        assert outcome.bound <= evaluation.objective + 1e-11
        assert evaluation.objective - outcome.bound <= 1e-8 * max(1e-3, abs(best))
        assert checked(data, outcome).bound >= outcome.bound - 1e-11 * max(1.0, abs(best))
    assert infeasible > 0 or kind != "intervals"


def with_box(data: StepAllocation, local: tuple[float, float], edge: tuple[float, float]) -> StepAllocation:
    boxes = {
        name: np.array([np.full(data.users, end) for end in box])
        for name, box in (("local", local), ("edge", edge))
    }
    return data.replaced({"constraints": (StepBox(**boxes),)})


@pytest.mark.parametrize("integer", [False, True], ids=["continuous", "integer"])
@pytest.mark.parametrize("share", [0.999, 1.0, 1.001])
def test_everybody_at_the_edge_at_its_fewest(integer, share):
    """Nobody may run locally, and the fewest steps fill the budget exactly, or just not."""
    lower = 20.0 if integer else 20.0 + 1.0 / 3.0
    data = with_box(step_allocation(7, integer_steps=integer), (1e9, 1e9), (lower, 60.0))
    data = data.replaced({"edge_step_capacity": share * 7 * lower})
    outcome = solve(data, TIGHT, 0)
    if share < 1.0:
        assert outcome.infeasible
        assert "edge_budget" in outcome.reason
        return
    evaluation = evaluate(data, outcome.solution["a"], outcome.solution["s"])
    assert evaluation.feasible
    assert evaluation.metrics["offloaded"] == 7
    assert evaluation.objective == pytest.approx(fixed_optimum(data, np.ones(7)), rel=1e-6)
    assert evaluation.objective - outcome.bound <= 1e-8 * abs(evaluation.objective)


@pytest.mark.parametrize("fits", [2, 3])
def test_fewest_steps_that_fill_the_budget_with_some_users_exactly(fits):
    """Any third of a step more per user and one user less fits: rounding must not decide which it is."""
    lower = 30.0 + 1.0 / 3.0
    data = with_box(step_allocation(5), (0.0, 10.0), (lower, 60.0))
    data = data.replaced({"edge_step_capacity": sum([lower] * fits)})
    outcome = solve(data, TIGHT, 0)
    evaluation = evaluate(data, outcome.solution["a"], outcome.solution["s"])
    assert evaluation.feasible
    assert evaluation.metrics["offloaded"] == fits
    assert evaluation.objective == pytest.approx(optimum(data), rel=1e-7)
    assert evaluation.objective - outcome.bound <= 1e-8 * abs(evaluation.objective)


def test_a_user_that_may_be_nowhere_is_named_with_its_constraint():
    data = step_allocation(4)
    boxes = np.array([np.zeros(4), np.full(4, 40.0)])
    nowhere = boxes.copy()
    nowhere[0, 2] = 90.0
    outcome = solve(data.replaced({"constraints": (StepBox(local=nowhere, edge=nowhere),)}), TIGHT, 0)
    assert outcome.infeasible
    assert outcome.reason == "user 2 may be nowhere: box of steps of user 2 (1 steps)"


@pytest.mark.parametrize("integer", [False, True], ids=["continuous", "integer"])
@pytest.mark.parametrize("spread", [0.0, 1e-7, 1e-3])
def test_near_identical_users_under_intervals_and_rows_are_certified(spread, integer):
    users = 20
    data = near_identical(users, spread, integer_steps=integer)
    for limited in (
        with_box(data, (5.0, 18.0), (25.0, 55.0)),
        with_row(data, 1.0, 0.0, 0.0, 3.0),
        with_row(with_box(data, (5.0, 18.0), (25.0, 55.0)), 0.0, 0.0, 10.0, 90.0 * users),
    ):
        outcome = solve(limited, Limits(time_limit=10.0), 0)
        evaluation = evaluate(limited, outcome.solution["a"], outcome.solution["s"])
        assert evaluation.feasible
        assert evaluation.objective - outcome.bound <= 1e-8 * abs(evaluation.objective)
        assert checked(limited, outcome).bound >= outcome.bound - 1e-11


def test_at_most_k_users_agrees_with_the_search_over_counts():
    """As many users as the free optimum offloads change nothing; fewer cost more and more."""
    data = step_allocation(30, 1, edge_step_capacity=360.0)
    free = solve(data, TIGHT, 0)
    offloaded = int(free.solution["a"].sum())
    objectives = []
    for most in range(offloaded, -1, -1):
        limited = with_row(data, 1.0, 0.0, 0.0, float(most))
        outcome = solve(limited, TIGHT, 0)
        evaluation = evaluate(limited, outcome.solution["a"], outcome.solution["s"])
        assert evaluation.metrics["offloaded"] <= most
        assert evaluation.objective - outcome.bound <= 1e-8 * abs(evaluation.objective)
        objectives.append(evaluation.objective)
    assert objectives[0] == pytest.approx(free.bound, rel=1e-8)
    assert (np.diff(objectives) > 0.0).all()


@settings(max_examples=25, deadline=None)
@given(seed=st.integers(0, 10_000), users=st.integers(1, 30), integer=st.booleans(), share=st.floats(0.3, 1.0))
def test_a_second_row_that_says_what_the_budget_says_changes_nothing(seed, users, integer, share):
    data = boxed(step_allocation(users, seed, integer_steps=integer), seed, banned=0.0, whole=integer)
    limit = float(np.floor(share * data.edge_step_budget))
    tighter = solve(data.replaced({"edge_step_capacity": limit}), TIGHT, 0)
    as_row = solve(with_row(data, 0.0, 0.0, 1.0, limit), TIGHT, 0)
    assert tighter.infeasible == as_row.infeasible
    if not tighter.infeasible:
        assert as_row.bound == pytest.approx(tighter.bound, rel=1e-7, abs=1e-9)


@settings(max_examples=25, deadline=None)
@given(seed=st.integers(0, 10_000), users=st.integers(1, 25), integer=st.booleans(), rows=st.integers(1, 3))
def test_more_constraints_never_help(seed, users, integer, rows):
    data = step_allocation(users, seed, integer_steps=integer)
    limits = Limits(time_limit=3.0)
    best = solve(data, limits, 0).bound
    for limited in (boxed(data, seed, banned=0.1), *(random_row(data, seed + row) for row in range(rows))):
        outcome = solve(limited, limits, 0)
        if outcome.solution is None:
            assert outcome.infeasible
            continue
        evaluation = evaluate(limited, outcome.solution["a"], outcome.solution["s"])
        assert evaluation.feasible
        assert evaluation.objective >= best - 1e-7 * max(1.0, abs(best))


def test_a_bound_is_valid_when_time_is_over():
    data = random_row(boxed(instance(6, 3), 3, banned=0.0), 1)
    stopped, best = solve(data, Limits(time_limit=0.0), 0), optimum(data)
    assert stopped.bound <= best + 1e-9
    assert stopped.solution is None or evaluate(data, stopped.solution["a"], stopped.solution["s"]).feasible


def strained() -> StepAllocation:
    """Rows whose search branches on counts and on steps."""
    data = step_allocation(5, 1, edge_step_capacity=90.0, integer_steps=True)
    return with_row(with_row(data, 0.0, 0.0, [1.0, 0.7, 1.3, 0.9, 1.1], 50.5), 1.0, 0.0, 0.0, 3.0)


def test_a_forged_row_certificate_proves_less_or_is_refused():
    data = strained()
    outcome = solve(data, TIGHT, 0)
    certificate = json.loads(json.dumps(plain(outcome.certificate)))
    assert any("user" in node for node in certificate["tree"])
    assert any("begin" in node for node in certificate["tree"])
    best = evaluate(data, outcome.solution["a"], outcome.solution["s"]).objective

    def proven(**changes):
        return check(data, certificate | changes, outcome.solution).bound

    assert proven() == pytest.approx(best, rel=1e-8)
    one_leaf = [{"multipliers": certificate["fixing_multipliers"]}]
    assert proven(tree=one_leaf) < best - 1e-6
    wrong = copy.deepcopy(certificate["tree"])
    for leaf in wrong:
        if "multipliers" in leaf:
            leaf["multipliers"] = [2.0 * price for price in leaf["multipliers"]]
    assert proven(tree=wrong) < best - 1e-7
    for forged, words in (
        ({"tree": [{"multipliers": certificate["fixing_multipliers"][:1]}]}, "one multiplier for each"),
        ({"fixing_multipliers": [-1.0, 0.0, 0.0]}, "finite number"),
        ({"order": certificate["order"][1:]}, "not a branch"),
        ({"fixed_edge": certificate["order"][:1]}, "listed twice"),
        ({"tree": [{"user": 9, "place": 1, "most": 3, "children": [1, 2]}, *one_leaf, *one_leaf]}, "not a branch"),
        (
            {"tree": [{"user": 0, "place": 1, "most": 3.5, "children": [1, 2]}, *one_leaf, *one_leaf]},
            "not a branch",
        ),
    ):
        with pytest.raises(ValueError, match=words):
            proven(**forged)


def test_a_row_bound_is_never_above_the_optimum_whatever_the_certificate_says():
    data = strained()
    best = optimum(data)
    draw = np.random.default_rng(0)
    for _ in range(100):
        order = draw.permutation(5)
        cut = sorted(draw.integers(0, 6, 2))
        leaves = [{"multipliers": draw.uniform(0.0, 0.1, 3).tolist()} for _ in range(3)]
        branch = {
            "user": int(draw.integers(5)),
            "place": int(draw.integers(2)),
            "most": int(draw.integers(0, 70)),
        }
        size = 5 - int(cut[1])
        count = {"begin": 0, "end": size, "most": int(draw.integers(0, size))} if size else branch
        certificate = {
            "version": 2,
            "fixing_multipliers": draw.uniform(0.0, 0.1, 3).tolist(),
            "fixed_edge": order[: cut[0]],
            "fixed_local": order[cut[0] : cut[1]],
            "order": order[cut[1] :],
            "tree": [branch | {"children": [1, 2]}, count | {"children": [3, 4]}, *leaves],
        }
        assert check(data, certificate, None).bound <= best + 1e-9


def test_a_certificate_of_a_place_that_a_user_may_not_be_at_is_refused():
    data = with_box(step_allocation(3, 1), (1e9, 1e9), (1.0, 60.0))
    solution = solve(data, TIGHT, 0).solution
    for wrong in ("order", "fixed_local"):
        users = {"order": [], "fixed_edge": [0, 1, 2], "fixed_local": []} | {wrong: [0], "fixed_edge": [1, 2]}
        with pytest.raises(ValueError, match="where it may not be"):
            check(
                data,
                {**users, "version": 2, "fixing_multipliers": [0.0], "tree": [{"multipliers": [0.0]}]},
                solution,
            )


@pytest.mark.parametrize(
    ("claim", "holds"),
    [
        ({"status": "infeasible"}, True),
        ({"status": "optimal"}, False),
        ({"status": "infeasible", "solution": "of another"}, False),
    ],
    ids=str,
)
def test_the_command_confirms_proven_infeasibility_only(capsys, claim, holds):
    """Each row can hold alone, both together cannot: at least three offloaded, and hardly any edge step."""
    data = with_box(step_allocation(5, 2), (0.0, 30.0), (20.0, 60.0))
    data = with_row(with_row(data, -1.0, 0.0, 0.0, -3.0), 0.0, 0.0, 2.0, 100.0)
    outcome = solve(data, TIGHT, 0)
    assert outcome.infeasible
    assert outcome.reason == "'edge_budget' and 'any_row' and 'any_row 2' cannot hold together"
    record = plain(
        {"solver": "x", "instance_hash": None, "certificate": outcome.certificate, "solution": None, "bound": None}
        | claim
    )
    if record["solution"] is not None:
        record["solution"] = {"a": [0.0] * 5, "s": [10.0] * 5}
    assert report(data, record) == (0 if holds else 1)
    assert len(capsys.readouterr().out.strip().splitlines()) == 1


def test_an_instance_that_can_hold_is_not_confirmed_infeasible():
    data = random_row(instance(4, 1), 1)
    outcome = solve(data, TIGHT, 0)
    record = plain(
        {
            "instance_hash": None,
            "certificate": outcome.certificate,
            "solution": None,
            "status": str(Status.INFEASIBLE),
        }
    )
    assert report(data, record) == 1
