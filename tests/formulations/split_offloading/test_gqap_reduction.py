"""The reduction (11) to (19) is P1 with fixed splits, at every assignment and in both models."""

from __future__ import annotations

import itertools

import numpy as np
import pyomo.environ as pyo
import pytest
from builders import split_offloading
from split_enumeration import random_snapshot

from formulations.fields import FloatArray
from formulations.split_offloading.evaluation import evaluate
from formulations.split_offloading.models import gqap_reduction as gqap
from formulations.split_offloading.parameters import SplitOffloading


def with_fixed_splits(data: SplitOffloading, granted: FloatArray) -> float:
    """P1 where every granted user has n = N_hat."""
    split = np.where(granted > 0.5, float(data.min_local_steps), float(data.total_steps))
    return evaluate(data, granted, split).objective


def as_printed(data: SplitOffloading, granted: FloatArray) -> float:
    """(18) with all of its sums, places g = 0 and d = 1."""
    places = np.stack([granted, 1.0 - granted])
    linear = np.stack([gqap.granted_worth(data), gqap.denied_worth(data)])
    cost = gqap.interaction(data)
    users = range(data.users)
    products = sum(cost[i] * places[0, other] * places[0, i] for other in users for i in users)
    return float(np.sum(linear * places) - products)


@pytest.mark.parametrize("seed", range(10))
def test_both_models_are_p1_with_fixed_splits(seed: int) -> None:
    data = random_snapshot(seed, most_users=5)
    quadratic, linearised = gqap.build_quadratic(data), gqap.build_linearised(data)
    for choice in itertools.product((0.0, 1.0), repeat=data.users):
        granted = np.array(choice)
        expected = with_fixed_splits(data, granted)
        for model in (quadratic, linearised):
            model.granted.set_values(dict(enumerate(choice)))
        for i, other in linearised.pairs:
            linearised.both[i, other].value = max(0.0, choice[i] + choice[other] - 1.0)
        assert as_printed(data, granted) == pytest.approx(expected, rel=1e-12, abs=1e-9)
        assert pyo.value(quadratic.worth) == pytest.approx(expected, rel=1e-12, abs=1e-9)
        assert pyo.value(linearised.worth) == pytest.approx(expected, rel=1e-12, abs=1e-9)
        allowed = granted.sum() <= data.max_batch
        assert (quadratic.max_batch.slack() >= 0.0) == allowed
        assert all(item.slack() >= 0.0 for item in linearised.both_granted.values())


def test_a_product_cannot_be_less_than_it_is() -> None:
    model = gqap.build_linearised(split_offloading(3))
    model.granted.set_values({0: 1, 1: 1, 2: 0})
    model.both.set_values({(0, 1): 0.9, (0, 2): 0.0, (1, 2): 0.0})
    assert model.both_granted[0, 1].slack() < 0.0
    assert model.both_granted[0, 2].slack() >= 0.0


def test_the_interaction_is_never_negative() -> None:
    for seed in range(20):
        assert (gqap.interaction(random_snapshot(seed, most_users=6)) >= 0.0).all()
