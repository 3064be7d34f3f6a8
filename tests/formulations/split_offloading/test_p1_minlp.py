"""The MINLP says what the evaluator says at every feasible point, and excludes the others."""

from __future__ import annotations

import numpy as np
import pyomo.environ as pyo
import pytest
from builders import split_offloading
from split_enumeration import random_snapshot

from formulations.fields import FloatArray
from formulations.split_offloading.accuracy import accuracy_index
from formulations.split_offloading.evaluation import evaluate
from formulations.split_offloading.models import p1
from formulations.split_offloading.parameters import SplitOffloading

TOLERANCE = 1e-9


def at(data: SplitOffloading, granted: FloatArray, split: FloatArray) -> pyo.ConcreteModel:
    """The model at (x, n), its other variables at the best that they may be."""
    model = p1.build(data)
    sent = (data.prompt_bits + data.latent_bits) / (data.spectral_efficiency * data.bandwidth_hz)
    per_item = data.edge_seconds_per_step_per_item / data.gpus
    slowdown = float(np.sum(granted * sent + (data.total_steps - split) * per_item))
    model.granted.set_values(dict(enumerate(granted)), skip_validation=True)
    model.split.set_values(dict(enumerate(split)), skip_validation=True)
    model.accuracy.set_values(dict(enumerate(accuracy_index(data, split))), skip_validation=True)
    model.batch.set_value(granted.sum(), skip_validation=True)
    model.slowdown.set_value(slowdown, skip_validation=True)
    model.sharing_seconds.set_value(granted.sum() * slowdown, skip_validation=True)
    return model


def violated(model: pyo.ConcreteModel) -> set[str]:
    """Families of constraints and variables that do not hold."""
    constraints = model.component_data_objects(pyo.Constraint, active=True)
    found = {item.parent_component().name for item in constraints if item.slack() < -TOLERANCE}
    for variable in model.component_data_objects(pyo.Var):
        below, above = variable.lb - variable.value, variable.value - variable.ub
        if max(below, above) > TOLERANCE * max(1.0, abs(variable.value)):
            found.add(variable.parent_component().name)
    return found


def random_point(data: SplitOffloading, seed: int) -> tuple[FloatArray, FloatArray]:
    draw = np.random.default_rng(seed)
    granted = np.zeros(data.users)
    granted[draw.permutation(data.users)[: draw.integers(0, data.largest_batch + 1)]] = 1.0
    split = draw.integers(data.min_local_steps, data.total_steps + 1, data.users)
    return granted, np.where(granted > 0.5, split, float(data.total_steps))


@pytest.mark.parametrize("seed", range(30))
def test_every_feasible_point_is_in_the_model_with_its_worth(seed: int) -> None:
    data = random_snapshot(seed, most_users=6)
    granted, split = random_point(data, seed)
    evaluation = evaluate(data, granted, split)
    assert evaluation.feasible
    model = at(data, granted, split)
    assert violated(model) == set()
    assert pyo.value(model.worth) == pytest.approx(evaluation.objective, rel=1e-12, abs=1e-9)


@pytest.mark.parametrize(
    ("granted", "split", "family"),
    [
        ([1, 1, 1], [100, 100, 100], "max_batch"),
        ([1, 0, 0], [100, 150, 200], "denied_split"),
        ([1, 1, 0], [79, 100, 200], "split"),
        ([1, 1, 0], [100, 201, 200], "split"),
    ],
)
def test_every_constraint_of_p1_excludes_what_violates_it(
    granted: list[float], split: list[float], family: str
) -> None:
    data = split_offloading(3, max_batch=2)
    x, n = np.array(granted, dtype=float), np.array(split, dtype=float)
    assert not evaluate(data, x, n).feasible
    assert family in violated(at(data, x, n))


def test_accuracy_and_sharing_time_cannot_be_better_than_they_are() -> None:
    data = split_offloading(3)
    x, n = np.array([1.0, 1.0, 0.0]), np.array([100.0, 120.0, 200.0])
    model = at(data, x, n)
    model.accuracy[0].value += 1e-6
    assert "accuracy_index" in violated(model)
    model = at(data, x, n)
    model.sharing_seconds.value -= 1e-6
    assert violated(model) == {"sharing"}
    model = at(data, x, n)
    model.slowdown.value -= 1e-6
    assert violated(model) == {"slowdown_of_all"}
    model.batch.value -= 1.0
    assert "batch_size" in violated(model)
