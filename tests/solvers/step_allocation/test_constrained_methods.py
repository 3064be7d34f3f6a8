"""Every other method of our own under further constraints: steps for a fixed a, P2, SCA, baselines, projection."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest
from builders import step_allocation
from constrained import StepBox, boxed, fixed_optimum, instance, optimum, random_row, with_row
from hypothesis import given, settings
from hypothesis import strategies as st

from formulations.constraints.step_allocation.error_ceiling import ErrorCeiling
from formulations.step_allocation.domain import may_be_at
from formulations.step_allocation.evaluation import evaluate, evaluate_solution
from formulations.step_allocation.models import surrogate
from formulations.step_allocation.parameters import EDGE, LOCAL, StepAllocation
from solvers.core.limits import Limits
from solvers.core.result import Unsupported
from solvers.step_allocation import baselines
from solvers.step_allocation.feasibility import OffloadingInfeasible, proven_infeasible
from solvers.step_allocation.fixed_offloading import best_steps
from solvers.step_allocation.kkt import bisection as kkt
from solvers.step_allocation.kkt.p2_cvxpy import CvxpyP2
from solvers.step_allocation.kkt.p2_solution import P2Unsolved
from solvers.step_allocation.kkt.p2_validation import validate
from solvers.step_allocation.price_search import solve
from solvers.step_allocation.sca import algorithms as sca
from solvers.step_allocation.sca import improved as sca_improved
from solvers.step_allocation.sca import published as sca_published
from solvers.step_allocation.sca import published_cvxpy
from solvers.step_allocation.sca.projection import project

HEURISTICS = {
    "published": sca_published.solve,
    "improved": sca_improved.solve,
    "random": baselines.solve_random,
    "all-local": baselines.solve_all_local,
    "all-edge": baselines.solve_all_edge,
}


@pytest.mark.parametrize("rows", [0, 1, 2])
def test_best_steps_equal_scipy_for_every_offloading(rows):
    refused = 0
    for seed in range(4):
        data = boxed(instance(4, seed), seed)
        for row in range(rows):
            data = random_row(data, seed + row, signed=seed % 2 == 1)
        for bits in product((0.0, 1.0), repeat=4):
            offload = np.array(bits)
            best = fixed_optimum(data, offload)
            if best == np.inf:
                refused += 1
                with pytest.raises(OffloadingInfeasible):
                    best_steps(data, offload)
                continue
            evaluation = evaluate(data, offload, best_steps(data, offload))
            assert evaluation.feasible
            assert evaluation.objective == pytest.approx(best, rel=1e-7, abs=1e-7)
    assert refused > 0


@pytest.mark.parametrize("rows", [0, 1])
def test_whole_best_steps_make_the_optimum(rows):
    """Over all offloadings the best of the best steps is the optimum, if rows leave no gap or a small one."""
    for seed in range(4):
        data = boxed(instance(4, seed, integer=True), seed, whole=True)
        for row in range(rows):
            data = random_row(data, seed + row)
        found = [np.inf]
        for bits in product((0.0, 1.0), repeat=4):
            try:
                steps = best_steps(data, np.array(bits))
            except OffloadingInfeasible:
                continue
            evaluation = evaluate(data, np.array(bits), steps)
            assert evaluation.feasible
            found.append(evaluation.objective)
        best = optimum(data)
        assert min(found) == pytest.approx(best, rel=1e-9 if rows == 0 else 2e-2)
        assert min(found) >= best - 1e-9


def test_the_refusal_of_an_offloading_says_why():
    data = step_allocation(3, edge_step_capacity=50.0)
    ceiling = ErrorCeiling(on="step_allocation", type="error_ceiling", most_error=0.4, users=(1,))
    boxes = np.array([[0.0, 60.0, 20.0], [30.0, 40.0, 40.0]])
    data = data.replaced({"constraints": (ceiling, StepBox(local=boxes, edge=np.array([[26.0] * 3, [60.0] * 3])))})
    with pytest.raises(
        OffloadingInfeasible, match=r"user 1 may not run locally \(error ceiling of user 1 \(0.4\), "
    ):
        best_steps(data, np.zeros(3))
    with pytest.raises(OffloadingInfeasible, match=r"at least 84.6156 edge steps, the budget is 50"):
        best_steps(data, np.ones(3))
    with pytest.raises(Unsupported, match="all-local: user 1 may not run locally"):
        baselines.solve_all_local(data, Limits(), 0)


def p2_at_random(data: StepAllocation, draw: np.random.Generator, tau: float) -> surrogate.Subproblem:
    offload, previous = draw.uniform(0.0, 1.0, (2, data.users))
    start = sca.inside(data, offload, draw.uniform(0.0, 1.0, data.users))
    return surrogate.subproblem(data, surrogate.cost_shift(data), *start, previous, tau)


def test_p2_under_intervals_has_the_same_optimum_as_cvxpy():
    binding = np.zeros(4)
    for seed in range(10):
        data = boxed(instance(4, seed), seed, banned=0.15)
        if proven_infeasible(data) is not None:
            continue
        model, draw = CvxpyP2(data, surrogate.cost_shift(data)), np.random.default_rng(seed)
        for tau in (0.0, 0.1, 1.0, 10.0):
            p2 = p2_at_random(data, draw, tau)
            ours, theirs = kkt.solve(p2), model.solve(p2)
            assert ours.residuals.worst < 1e-8
            assert ours.objective == pytest.approx(theirs.objective, rel=1e-7)
            assert ours.offload == pytest.approx(theirs.offload, abs=1e-5)
            assert ours.steps == pytest.approx(theirs.steps, abs=1e-3)
            multipliers = ours.multipliers
            moving = (data.constraints[0].edge[0] != data.constraints[0].local[0]) & (multipliers.nu > 0.0)
            both = may_be_at(data, LOCAL) & may_be_at(data, EDGE)
            binding += [
                (multipliers.zeta > 0.0).any(),
                (moving & both).any(),
                ~both.all(),
                multipliers.delta > 0.0,
            ]
    assert (binding > 5).all(), binding


@settings(max_examples=150, deadline=None)
@given(
    seed=st.integers(0, 2**20),
    users=st.integers(1, 6),
    tau=st.sampled_from([0.0, 0.1, 1.0, 10.0, 1e5]),
    tightness=st.floats(1.05, 4.0),
)
def test_kkt_conditions_hold_under_intervals(seed, users, tau, tightness):
    """With budgets down to hardly more than the fewest steps of users that may not run locally."""
    data = boxed(instance(users, seed), seed)
    needed = float(np.sum(np.where(may_be_at(data, LOCAL), 0.0, data.constraints[0].edge[0])))
    data = data.replaced({"edge_step_capacity": tightness * needed + 0.5})
    if proven_infeasible(data) is not None:
        return
    point = kkt.solve(p2_at_random(data, np.random.default_rng(seed), tau))
    assert point.residuals.worst < 1e-8


def test_a_p2_without_room_for_the_fewest_steps_says_so():
    """Everybody needs 20 steps wherever it is, and the surrogate charges some of them to the edge at any a."""
    data = step_allocation(6, 1, edge_step_capacity=25.0)
    box = np.array([np.full(6, 20.0), np.full(6, 30.0)])
    data = data.replaced({"constraints": (StepBox(local=box, edge=box),)})
    previous = np.full(6, 0.9)
    p2 = surrogate.subproblem(data, surrogate.cost_shift(data), previous, np.full(6, 30.0), previous, 1.0)
    assert surrogate.least_capacity_use(p2.data, p2.z) == pytest.approx(6 * 20.0**2 * 0.9 / 60.0)
    with pytest.raises(P2Unsolved, match="P2 is infeasible here: users need 36 of 25 edge steps"):
        kkt.solve(p2)
    with pytest.raises(P2Unsolved):
        CvxpyP2(data, p2.shift).solve(p2)


def test_the_validation_of_p2_agrees_under_intervals():
    data = boxed(step_allocation(8, 3), 5, banned=0.1)
    for row in validate(data):
        assert row.worst_residual < 1e-8
        assert abs(row.relative_difference) < 1e-7
        assert row.offload_difference < 1e-5


def refuses(name: str, data: StepAllocation) -> bool:
    """Whether a baseline puts a user where it may not be, or more fewest steps on the edge than it has."""
    if name == "all-local":
        return not may_be_at(data, LOCAL).all()
    lower = data.constraints[0].edge[0].sum()
    return name == "all-edge" and (not may_be_at(data, EDGE).all() or lower > data.edge_step_budget)


@pytest.mark.parametrize("integer", [False, True], ids=["continuous", "integer"])
def test_heuristics_keep_intervals_or_refuse_or_say_infeasible(integer):
    seen = dict.fromkeys(HEURISTICS, 0)
    for seed in range(20):
        data = boxed(instance(8, seed, integer=integer), seed, banned=0.12)
        exact = solve(data, Limits(), 0)
        for name, method in HEURISTICS.items():
            if refuses(name, data) and not exact.infeasible:
                with pytest.raises(Unsupported, match=f"^{name}: "):
                    method(data, Limits(), seed)
                continue
            outcome = method(data, Limits(), seed)
            assert outcome.infeasible == exact.infeasible
            if not exact.infeasible:
                seen[name] += 1
                evaluation = evaluate_solution(data, outcome.solution)
                assert evaluation.feasible
                assert evaluation.objective >= exact.bound - 1e-9
    assert min(seen.values()) > 5


def test_improved_stays_close_to_the_optimum_under_intervals():
    gaps = []
    for seed in range(15):
        data = boxed(instance(12, seed), seed, banned=0.05)
        exact = solve(data, Limits(), 0)
        if not exact.infeasible:
            found = evaluate_solution(data, sca_improved.solve(data, Limits(), 0).solution).objective
            gaps.append((found - exact.bound) / abs(exact.bound))
    assert len(gaps) > 8
    assert np.mean(gaps) < 0.02


def test_a_rounding_that_does_not_fit_sends_the_least_offloaded_home():
    lower = np.array([np.full(4, 30.0), np.full(4, 60.0)])
    local = np.array([[0.0, 0.0, 0.0, 1e9], [30.0] * 4])
    data = step_allocation(4, edge_step_capacity=70.0).replaced(
        {"constraints": (StepBox(local=local, edge=lower),)}
    )
    offload = np.array([0.9, 0.7, 0.8, 0.6])
    kept = sca.keep_budget(data, sca.rounded(offload), offload)
    np.testing.assert_array_equal(kept, [True, False, False, True])


ROW_REFUSERS = [sca_published.solve, published_cvxpy.solve, sca_improved.solve, baselines.solve_random]


@pytest.mark.parametrize("method", ROW_REFUSERS)
def test_rows_are_refused_with_the_constraint(method):
    data = with_row(step_allocation(4), 1.0, 0.0, 0.0, 2.0)
    with pytest.raises(Unsupported, match=r"the row \(2\) couples users, and"):
        method(data, Limits(), 0)


def test_one_place_for_all_keeps_rows_or_refuses():
    data = with_row(step_allocation(4), 0.0, 0.0, 1.0, 30.0)
    solution = baselines.solve_all_edge(data, Limits(), 0).solution
    assert evaluate_solution(data, solution).feasible
    assert solution["s"].sum() == pytest.approx(30.0, rel=1e-8)
    with pytest.raises(Unsupported, match=r"all-edge: its offloading leaves no steps that keep .*'any_row'"):
        baselines.solve_all_edge(with_row(step_allocation(4), 1.0, 0.0, 0.0, 3.0), Limits(), 0)


@given(st.integers(0, 100), st.floats(0.0, 1e-8))
def test_projection_puts_steps_into_their_intervals(seed, noise):
    data = boxed(step_allocation(6, seed), seed, banned=0.0)
    draw = np.random.default_rng(seed)
    offload = draw.integers(0, 2, 6).astype(float)
    lower, upper = np.where(offload > 0.5, data.constraints[0].edge, data.constraints[0].local)
    steps = np.clip(draw.uniform(lower, upper) + draw.choice([-1.0, 1.0], 6) * 5.0, lower, upper)
    used = float(offload @ steps)
    data = data.replaced({"edge_step_capacity": used})
    solution = project(data, offload + noise, steps + draw.choice([-1.0, 1.0], 6) * noise)
    np.testing.assert_array_equal(solution["a"], offload)
    np.testing.assert_allclose(solution["s"], steps, atol=1e-6)
    assert evaluate_solution(data, solution).feasible
    assert (solution["s"] >= lower).all()
    assert float(offload @ solution["s"]) <= used * (1.0 + 1e-12)
