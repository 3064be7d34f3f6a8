"""Results as plain data."""

from __future__ import annotations

import json

import numpy as np
from fakes import result

from solvers.core.result import Status, plain

REQUIRED = {
    "instance",
    "problem",
    "solver",
    "formulation",
    "status",
    "objective",
    "bound",
    "gap",
    "seconds",
    "seed",
    "solution",
}


def test_a_record_is_json_with_its_arrays() -> None:
    record = result(
        status=Status.OPTIMAL,
        objective=np.float64(-1.5),
        bound=-np.inf,
        solution={"a": np.array([True, False]), "s": np.array([1.0, 2.5])},
        metrics={"edge_steps": float("nan"), "offloaded": 1.0},
    ).to_record()
    assert set(record) >= REQUIRED
    again = json.loads(json.dumps(record, allow_nan=False))
    assert again == record
    assert again["status"] == "optimal"
    assert again["objective"] == -1.5
    assert again["bound"] is None
    assert again["solution"] == {"a": [True, False], "s": [1.0, 2.5]}
    assert again["metrics"] == {"edge_steps": None, "offloaded": 1.0}
    assert again["limits"] == {"time_limit": 15.0, "gap": 1e-6, "threads": 1}


def test_floats_survive_exactly() -> None:
    values = np.random.default_rng(0).normal(size=100) * 10.0 ** np.arange(-50, 50)
    assert json.loads(json.dumps(plain(values))) == values.tolist()


def test_plain_data_of_every_kind() -> None:
    nested = {1: (np.int64(3), np.bool_(True), None, "x"), "array": np.arange(4).reshape(2, 2), "n": np.array(0.5)}
    assert plain(nested) == {"1": [3, True, None, "x"], "array": [[0, 1], [2, 3]], "n": 0.5}
