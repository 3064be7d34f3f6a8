"""Heuristics of split offloading under further constraints: whom they add, mend and pass over."""

from __future__ import annotations

import numpy as np
import pytest
from builders import split_offloading
from split_constraints import COUPLING, SEPARABLE, random_constraints, with_constraints
from split_enumeration import random_snapshot

from formulations.split_offloading.evaluation import evaluate
from formulations.split_offloading.gain import gains
from formulations.split_offloading.parameters import SplitOffloading
from formulations.split_offloading.split_point import best_splits
from solvers.core.limits import Limits
from solvers.split_offloading.exact.constrained_choice import Choices
from solvers.split_offloading.heuristics import baselines, constrained_genetic, genetic, greedy

NOTHING = {"type": "min_granted", "least_granted": 0}


def granted_by(solve: object, data: SplitOffloading) -> list[int] | None:
    solution = solve(data, Limits(), 0).solution  # type: ignore[operator]
    return None if solution is None else np.flatnonzero(solution["x"]).tolist()


RULES = {
    "greedy": greedy.solve,
    "sorted-stop": greedy.solve_sorted_stop,
    "best split": baselines.solve_all_offload_best_split,
    "fixed split": baselines.solve_all_offload_fixed_split,
    "all-local": baselines.solve_all_local,
}


@pytest.mark.parametrize("name", RULES)
def test_a_constraint_that_demands_nothing_changes_nothing(name: str) -> None:
    for seed in range(30):
        snapshot = split_offloading(12, seed, gpus=1 + seed % 8, max_batch=3 + seed % 12)
        free = with_constraints(snapshot, NOTHING)
        assert granted_by(RULES[name], free) == granted_by(RULES[name], snapshot)


@pytest.mark.parametrize("seed", range(40))
def test_the_shortfall_is_0_exactly_for_choices_that_the_evaluator_accepts(seed: int) -> None:
    data = random_constraints(random_snapshot(seed, 5), seed, SEPARABLE + COUPLING)
    choices = Choices(data)
    for code in range(2**data.users):
        granted = np.array([bool(code >> i & 1) for i in range(data.users)])
        best = best_splits(data, granted.sum(), np.flatnonzero(granted))
        split = np.full(data.users, float(data.total_steps))
        split[granted] = np.where(np.isnan(best), float(data.min_local_steps), best)
        assert (choices.shortfall(granted) == 0.0) == evaluate(data, granted.astype(float), split).feasible


def test_the_greedy_rule_starts_from_the_mandatory_users_and_passes_over_full_groups() -> None:
    snapshot = split_offloading(8, seed=3)
    best = greedy.add_best_users(snapshot).tolist()
    worst = int(np.argmin(gains(snapshot, 1)))
    seconds = float(snapshot.wait_seconds[worst] + 200 * snapshot.local_seconds_per_step[worst])
    data = with_constraints(
        snapshot,
        {"type": "latency_deadline", "users": (worst,), "most_seconds": 0.999 * seconds},
        {"type": "exclusive_users", "users": (best[0], best[1])},
    )
    found = granted_by(greedy.solve, data)
    assert found is not None
    assert worst in found
    assert worst not in best
    assert (best[0] in found) + (best[1] in found) == 1


def test_the_greedy_rule_goes_on_at_a_loss_until_enough_are_granted() -> None:
    snapshot = split_offloading(6, seed=2, bandwidth_hz=1e5)
    assert greedy.add_best_users(snapshot).size < 4
    for rule in (greedy.solve, greedy.solve_sorted_stop):
        found = granted_by(rule, with_constraints(snapshot, {"type": "min_granted", "least_granted": 4}))
        assert found is not None
        assert len(found) == 4


def test_the_baselines_take_the_largest_batch_of_the_first_requests_that_is_feasible() -> None:
    snapshot = split_offloading(6, seed=1, wait_seconds=[0.6, 0.5, 0.4, 0.3, 0.2, 0.1])
    groups = with_constraints(snapshot, {"type": "exclusive_users", "users": (0, 1, 4)})
    assert granted_by(baselines.solve_all_offload_best_split, groups) == [0, 2, 3, 5]
    most = 3 * float(snapshot.prompt_bits[0] + snapshot.latent_bits[0])
    bits = with_constraints(snapshot, {"type": "transmission_budget", "most_bits": most})
    assert granted_by(baselines.solve_all_offload_best_split, bits) == [0, 1, 2]
    # n = N - N_hat = 120 for all: F(120) = 0.88.
    floor = with_constraints(snapshot, {"type": "pai_floor", "users": (1, 2), "least_accuracy": 0.9})
    assert granted_by(baselines.solve_all_offload_fixed_split, floor) == [0, 3, 4, 5]
    assert granted_by(baselines.solve_all_offload_best_split, floor) == [0, 1, 2, 3, 4, 5]


def test_all_local_says_that_it_is_not_allowed() -> None:
    data = with_constraints(split_offloading(3), {"type": "min_granted", "least_granted": 1})
    outcome = baselines.solve_all_local(data, Limits(), 0)
    assert outcome.solution is None
    assert not outcome.infeasible
    assert outcome.reason == "the constraints do not allow to deny everybody"


@pytest.mark.parametrize("seed", range(10))
def test_repair_mends_what_can_be_mended_and_leaves_feasible_choices(seed: int) -> None:
    data = random_constraints(split_offloading(8, seed), seed, SEPARABLE + COUPLING)
    choices = Choices(data)
    draw = np.random.default_rng(seed)
    before = draw.random((60, 8)) < 0.5
    after = before.copy()
    constrained_genetic.repair(after, choices, draw)
    shortfalls = [[choices.shortfall(granted) for granted in population] for population in (before, after)]
    for old, new, granted, repaired in zip(*shortfalls, before, after, strict=True):
        if old == 0.0:
            np.testing.assert_array_equal(granted, repaired)
        elif new == 0.0:
            assert (granted != repaired).any()
    assert np.count_nonzero(np.array(shortfalls[1]) == 0.0) >= np.count_nonzero(np.array(shortfalls[0]) == 0.0)


@pytest.mark.parametrize("seed", range(10))
def test_every_feasible_choice_is_fitter_than_every_other(seed: int) -> None:
    data = random_constraints(split_offloading(7, seed), seed, SEPARABLE + COUPLING)
    choices = Choices(data)
    population = np.random.default_rng(seed).random((80, 7)) < 0.4
    fitness = constrained_genetic.evaluate_all(population, choices)
    shortfall = np.array([choices.shortfall(granted) for granted in population])
    feasible = shortfall == 0.0
    assert fitness[feasible].min(initial=np.inf) > fitness[~feasible].max(initial=-np.inf)
    order = np.argsort(shortfall[~feasible], kind="stable")
    assert (np.diff(fitness[~feasible][order]) <= 0.0).all()
    for granted, value in zip(population[feasible], fitness[feasible], strict=True):
        assert value == pytest.approx(gains(data, granted.sum())[granted].sum(), abs=1e-9)


def test_the_genetic_algorithm_is_repeatable_and_close() -> None:
    snapshot = split_offloading(15, seed=8)
    data = with_constraints(
        snapshot,
        {"type": "exclusive_users", "users": (0, 1, 2)},
        {"type": "exclusive_users", "users": (2, 3, 4)},
        {"type": "min_granted", "least_granted": 5},
    )
    found = [genetic.solve(data, Limits(), 1).solution for _ in range(2)]
    assert found[0] is not None
    assert found[1] is not None
    np.testing.assert_array_equal(found[0]["x"], found[1]["x"])
    reached = evaluate(data, found[0]["x"], found[0]["n"])
    assert reached.feasible
    rule = greedy.solve(data, Limits(), 0).solution
    assert rule is not None
    assert reached.objective >= evaluate(data, rule["x"], rule["n"]).objective - 1e-9
