from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from multi_edge_enumeration import random_multi_edge

from formulations.errors import InstanceError
from formulations.multi_edge_offloading import decisions
from formulations.multi_edge_offloading.evaluation import evaluate, evaluate_solution
from formulations.multi_edge_offloading.gains import gain_table, solution_of
from formulations.multi_edge_offloading.parameters import MultiEdgeOffloading
from instances.generation.multi_edge import generate

FIELDS = generate(0, users=4, servers=2)


@pytest.mark.parametrize(
    ("field", "value", "message"),
    [
        ("gpus", [1.5, 2], r"gpus\[0\]: expected a whole number from 1 to 10000000, got 1.5"),
        ("gpus", [1, 1e150], r"gpus\[1\]: expected a whole number from 1 to 10000000, got 1e\+150"),
        ("gpus", [1, 2, 3], "gpus: expected 2 numbers, one per server, got 3"),
        ("bandwidth_hz", "wide", "bandwidth_hz: expected a number or a list with one number per server"),
        ("max_batch", -1, "max_batch: expected a whole number >= 0, got -1"),
        ("spectral_efficiency", 0.0, "spectral_efficiency: expected a finite number > 0, got 0.0"),
        ("spectral_efficiency", [[1.0, 2.0]], "expected 4 x 2 numbers .users x servers., got 1 x 2"),
        ("spectral_efficiency", "far", "expected a number or a list of rows of numbers"),
        ("model_of_user", [0, 0, 0, 1], r"model_of_user\[3\]: expected a model from 0 to 0, got 1"),
        ("servers", 0, "servers: expected a whole number from 1 to 10000, got 0"),
    ],
)
def test_bad_data_are_refused_in_a_sentence(field, value, message):
    with pytest.raises(InstanceError, match=message):
        MultiEdgeOffloading.model_validate(FIELDS | {field: value})


def test_a_number_stands_for_all():
    data = MultiEdgeOffloading.model_validate(FIELDS | {"spectral_efficiency": 5.0, "gpus": 2})
    assert data.spectral_efficiency.shape == (4, 2)
    np.testing.assert_array_equal(data.gpus, [2.0, 2.0])
    assert not data.chooses_models


def test_an_unknown_option_of_the_generator_is_refused():
    with pytest.raises(InstanceError, match="option: expected some of preset, users, servers"):
        generate(0, towers=3)


def test_no_gain_rises_with_the_batch():
    for seed in range(40):
        table = gain_table(random_multi_edge(seed))
        for j in range(table.batches.size):
            rows = [table.of(j, b) for b in range(1, int(table.batches[j]) + 1)]
            for one, two in pairwise(rows):
                assert (two <= one + 1e-12).all()


def test_the_evaluator_names_what_is_violated():
    data = MultiEdgeOffloading.model_validate(
        FIELDS | {"max_batch": 1, "models": 2, "model_of_user": [0, 1, 0, 1], "model_slots": 1}
    )
    crowded = evaluate(data, np.array([0, 0, -1, -1]), np.array([200.0, 200.0, 150.0, 200.5]), np.eye(2))
    assert crowded.violations == {
        "max_batch": 1.0,
        "split_range": 0.5,
        "local_split": 50.0,
        "integer_split": 0.5,
        "model_held": 1.0,
        "model_slots": 0.0,
    }
    with pytest.raises(ValueError, match=r"server\[0\] is 2, expected -1 or a server from 0 to 1"):
        evaluate(data, np.array([2, 0, -1, -1]), np.full(4, 200.0), np.eye(2))


def test_the_columns_per_user_add_up_to_the_objective():
    data = random_multi_edge(3)
    solution = solution_of(data, np.resize(np.arange(data.servers), data.users))
    columns = decisions.per_user(data, solution | {"models_held": np.ones((data.servers, data.models))})
    held = {"models_held": np.ones((data.servers, data.models))}
    assert columns["worth_seconds"].sum() == pytest.approx(evaluate_solution(data, solution | held).objective)
    assert decisions.decision(solution).startswith(f"{data.users} of {data.users} users offloaded")


def test_a_preset_stands_for_its_options_and_others_go_beside_it():
    fields = generate(3, preset="100x5_models", model_slots=3)
    assert (fields["users"], fields["servers"], fields["models"], fields["model_slots"]) == (100, 5, 6, 3)
    with pytest.raises(InstanceError, match=r"preset: expected one of 20x2, .*, got \"7x7\""):
        generate(0, preset="7x7")
