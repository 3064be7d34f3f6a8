"""The genetic algorithm: repeatable, feasible, and its parts one by one."""

from __future__ import annotations

import numpy as np
import pytest
from builders import split_offloading

from formulations.split_offloading.evaluation import evaluate, evaluate_solution
from formulations.split_offloading.gain import gains
from formulations.split_offloading.split_point import best_splits
from solvers.core.limits import Limits
from solvers.split_offloading.exact.batch_scan import scan_batches
from solvers.split_offloading.heuristics.genetic import PAPER, Setting, breed, evaluate_all, repair, solve


def test_the_paper_gives_population_and_generations() -> None:
    assert PAPER == (100, 200)


@pytest.mark.parametrize("most", [0, 4, 20])
def test_it_is_repeatable_feasible_and_close(most: int) -> None:
    data = split_offloading(20, seed=8, max_batch=most)
    outcomes = [solve(data, Limits(), seed) for seed in (1, 1, 2)]
    values = []
    for outcome in outcomes:
        assert outcome.bound is None
        assert outcome.iterations == 200
        assert outcome.solution is not None
        found = evaluate_solution(data, outcome.solution)
        assert found.feasible
        values.append(found.metrics["gain_over_all_local"])
    assert outcomes[0].solution is not None
    assert outcomes[1].solution is not None
    np.testing.assert_array_equal(outcomes[0].solution["x"], outcomes[1].solution["x"])
    optimum = scan_batches(data).gain_of_batch.max()
    assert max(values) <= optimum + 1e-9
    assert min(values) >= 0.95 * optimum


def test_fitness_is_the_gain_of_the_choice_with_its_best_splits() -> None:
    data = split_offloading(9, seed=2)
    population = np.random.default_rng(0).random((30, 9)) < 0.4
    fitness = evaluate_all(population, lambda batch: gains(data, batch))
    for granted, value in zip(population, fitness, strict=True):
        split = np.where(granted, best_splits(data, granted.sum()), 200.0)
        found = evaluate(data, granted.astype(float), split)
        assert value == pytest.approx(found.metrics["gain_over_all_local"], abs=1e-9)


def test_the_best_choice_never_gets_lost() -> None:
    data = split_offloading(30, seed=1, max_batch=6)
    reached = []
    for generations in (0, 1, 5, 50):
        outcome = solve(data, Limits(), 3, setting=Setting(20, generations))
        assert outcome.solution is not None
        reached.append(evaluate_solution(data, outcome.solution).objective)
    assert reached == sorted(reached)


def test_repair_only_drops_and_leaves_exactly_the_batch() -> None:
    draw = np.random.default_rng(5)
    before = draw.random((200, 12)) < 0.6
    after = before.copy()
    repair(after, 5, draw)
    assert not (after & ~before).any()
    np.testing.assert_array_equal(after.sum(axis=1), np.minimum(before.sum(axis=1), 5))


def test_crossover_exchanges_genes_and_mutation_flips_one_on_average() -> None:
    draw = np.random.default_rng(6)
    same = np.zeros((400, 25), dtype=bool)
    flipped = breed(same, np.zeros(400), draw).sum()
    assert 300 < flipped < 500  # 400 children, one flip each on average
    mixed = np.zeros((400, 25), dtype=bool)
    mixed[::2] = True
    shares = breed(mixed, np.zeros(400), draw).mean(axis=1)
    assert 0.4 < shares.mean() < 0.6
    assert ((shares > 0.1) & (shares < 0.9)).sum() > 80


def test_it_stops_when_time_is_up() -> None:
    outcome = solve(split_offloading(10), Limits(time_limit=0.0), 0)
    assert outcome.iterations == 0
    assert outcome.reason == "time limit"
    assert outcome.solution is not None
