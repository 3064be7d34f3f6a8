"""The exact scan under further constraints: batches one by one, groups, certificate, time limit and refusals."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from builders import split_offloading
from split_constraints import SEPARABLE, random_constraints, with_constraints

from formulations.split_offloading.domain import may_grant, must_grant
from formulations.split_offloading.evaluation import all_local_objective, evaluate_solution
from formulations.split_offloading.gain import gains
from solvers.core.limits import Limits
from solvers.core.result import TIME_LIMIT, Unsupported
from solvers.split_offloading.exact import batch_scan, shrinking_batch
from solvers.split_offloading.exact.batch_scan_many import stack
from solvers.split_offloading.exact.constrained_scan import Group, best_choice, by_user, overlapping, scan
from solvers.split_offloading.heuristics import greedy


@pytest.mark.parametrize("seed", range(60))
def test_the_best_choice_of_a_batch_is_that_of_enumeration(seed: int) -> None:
    draw = np.random.default_rng(seed)
    users = int(draw.integers(1, 9))
    gain = np.where(draw.random(users) < 0.2, -np.inf, draw.normal(size=users))
    mandatory = draw.random(users) < 0.15
    inner = draw.random(users) < 0.4
    outer = inner | (draw.random(users) < 0.3)
    apart = ~outer & (draw.random(users) < 0.7)
    limits = draw.integers(0, 4, 3).tolist()
    groups = [
        Group(np.flatnonzero(members), most, 0)
        for members, most in zip((inner, outer, apart), limits, strict=True)
        if members.any()
    ]
    groups = groups[: int(draw.integers(0, 4))]
    assert overlapping(users, groups) is None
    for batch in range(users + 1):
        best, found = -np.inf, best_choice(gain, mandatory, batch, by_user(users, groups))
        for chosen in itertools.combinations(range(users), batch):
            picked = np.isin(np.arange(users), chosen)
            within = all(picked[group.members].sum() <= group.right_hand_side for group in groups)
            if within and not (mandatory & ~picked).any():
                best = max(best, float(gain[picked].sum()))
        if best == -np.inf:
            assert found is None
        else:
            assert found is not None
            assert found.size == batch
            assert gain[found].sum() == pytest.approx(best)


def test_at_least_m_of_some_users_are_at_most_b_less_m_of_the_others() -> None:
    snapshot = split_offloading(10, seed=5, gpus=2)
    free = batch_scan.scan_batches(snapshot)
    others = tuple(i for i in range(10) if i not in free.granted)[:2]
    data = with_constraints(snapshot, {"type": "min_granted", "least_granted": 2, "users": others})
    outcome = batch_scan.solve(data, Limits(), 0)
    assert outcome.solution is not None
    assert outcome.solution["x"][list(others)].sum() == 2.0
    assert evaluate_solution(data, outcome.solution).feasible


@pytest.mark.parametrize("seed", range(6))
def test_the_certificate_has_every_batch_that_was_tried(seed: int) -> None:
    snapshot = split_offloading(40, seed, gpus=1 + seed % 8, max_batch=40, bandwidth_hz=1e7)
    data = random_constraints(snapshot, seed, SEPARABLE)
    found = scan(data, Limits())
    expected = []
    for batch in range(41):
        gain, forced = gains(data, batch), must_grant(data, batch)
        free = np.sort(gain[~forced & may_grant(data, batch)])[::-1][: max(0, batch - forced.sum())]
        whole = forced.sum() + free.size == batch and np.isfinite(gain[forced]).all()
        expected.append(gain[forced].sum() + free.sum() if whole else -np.inf)
    tried = found.gain_of_batch.size
    np.testing.assert_allclose(found.gain_of_batch, expected[:tried], rtol=1e-12, atol=1e-9)
    assert max(expected) == pytest.approx(found.most, rel=1e-12, abs=1e-9)
    assert found.complete


def test_the_scan_stops_early_and_still_has_the_best_batch() -> None:
    data = with_constraints(
        split_offloading(200, seed=1, max_batch=200), {"type": "pai_floor", "least_accuracy": 0.7}
    )
    outcome = batch_scan.solve(data, Limits(), 0)
    assert outcome.iterations is not None
    assert outcome.iterations < 100


def test_a_constraint_that_demands_nothing_leaves_the_plain_scan() -> None:
    for seed in range(20):
        snapshot = split_offloading(15, seed, max_batch=3 + seed)
        free = with_constraints(snapshot, {"type": "min_granted", "least_granted": 0})
        plain, constrained = (batch_scan.solve(data, Limits(), 0) for data in (snapshot, free))
        assert plain.solution is not None
        assert constrained.solution is not None
        np.testing.assert_array_equal(plain.solution["x"], constrained.solution["x"])
        np.testing.assert_array_equal(plain.solution["n"], constrained.solution["n"])
        assert constrained.bound == pytest.approx(plain.bound, rel=1e-12)


@pytest.mark.parametrize("floor", [0.7, 0.9999])
def test_a_scan_that_is_cut_short_still_has_a_bound(floor: float) -> None:
    snapshot = split_offloading(10, seed=1)
    data = with_constraints(snapshot, {"type": "pai_floor", "least_accuracy": floor})
    cut, whole = (batch_scan.solve(data, Limits(time_limit=seconds), 0) for seconds in (0.0, 10.0))
    assert cut.reason == TIME_LIMIT
    assert not cut.infeasible
    assert cut.bound is not None
    if whole.solution is None:
        assert whole.infeasible
        assert whole.bound is None
    else:
        assert cut.bound >= evaluate_solution(data, whole.solution).objective
        assert cut.bound <= all_local_objective(data) + gains(snapshot, 0).clip(0.0).sum() + 1e-9


@pytest.mark.parametrize(
    "documents",
    [
        [{"type": "exclusive_users", "users": (0, 1)}, {"type": "exclusive_users", "users": (1, 2)}],
        [
            {"type": "exclusive_users", "users": (0, 1)},
            {"type": "min_granted", "users": (1, 2), "least_granted": 1},
        ],
        [{"type": "transmission_budget", "most_bits": 1e7}],
    ],
)
def test_what_couples_users_otherwise_is_refused_by_name(documents: list[dict[str, object]]) -> None:
    snapshot = split_offloading(4, latent_bits=[1e6, 2e6, 3e6, 4e6])
    with pytest.raises(Unsupported, match=str(documents[-1]["type"])):
        batch_scan.solve(with_constraints(snapshot, *documents), Limits(), 0)


def test_code_that_knows_no_constraints_refuses_them() -> None:
    data = with_constraints(split_offloading(4), {"type": "pai_floor", "least_accuracy": 0.7})
    for plain in (batch_scan.scan_batches, shrinking_batch.optimum, greedy.add_best_users, greedy.add_in_order):
        with pytest.raises(Unsupported, match="pai_floor"):
            plain(data)
    with pytest.raises(ValueError, match="without further constraints"):
        stack([data])


@pytest.mark.parametrize("seed", range(30))
def test_groups_overlap_exactly_where_two_share_users_and_each_has_others(seed: int) -> None:
    draw = np.random.default_rng(seed)
    sets = [set(np.flatnonzero(draw.random(6) < draw.choice([0.2, 0.5, 0.9])).tolist()) for _ in range(4)]
    overlaps = any(a & b and a - b and b - a for a, b in itertools.combinations(sets, 2))
    found = overlapping(6, [Group(np.array(sorted(s), dtype=np.int64), 1, 0) for s in sets])
    assert (found is not None) == overlaps
    if found is not None:
        a = sets[found]
        assert any(a & b and a - b and b - a for b in sets)
