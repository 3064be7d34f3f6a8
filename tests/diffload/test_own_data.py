"""Instances from what people have: keywords, mappings, tables, numbers of NumPy and pandas."""

from __future__ import annotations

import pickle

import numpy as np
import pandas as pd
import pytest

import diffload
from diffload import Instance, InstanceError

N10 = diffload.load("n10")
FIELDS = N10.step_allocation.given()
SHARED = {name: value for name, value in FIELDS.items() if not isinstance(value, np.ndarray) and name != "users"}


def test_sections_and_loose_fields_are_the_same():
    ways = [
        Instance(step_allocation=FIELDS),
        Instance(**FIELDS),
        Instance.from_dict(FIELDS),
        Instance.from_dict({"step_allocation": {**FIELDS, "users": np.int64(10)}}),
        Instance.from_frame(N10.to_frame(), **SHARED),
        Instance.from_frame(N10.to_frame(), problem="step_allocation", **SHARED),
    ]
    assert {instance.sha256 for instance in ways} == {N10.sha256}
    assert diffload.solve(FIELDS).objective == diffload.solve(N10).objective


def test_columns_tell_the_number_of_users():
    fields = {name: pd.Series(value) if name == "local_max_steps" else value for name, value in FIELDS.items()}
    assert Instance(**{name: value for name, value in fields.items() if name != "users"}).sha256 == N10.sha256


def test_columns_may_have_other_names():
    frame = N10.to_frame().rename(columns={"local_max_steps": "my limit"})
    columns = {name: name for name in frame if name != "my limit"} | {"local_max_steps": "my limit"}
    frame["note"] = "left out"
    assert Instance.from_frame(frame, columns=columns, name="mine", **SHARED).sha256 == N10.sha256


@pytest.mark.parametrize(
    ("make", "sentence"),
    [
        (lambda: Instance.from_frame(N10.to_frame().rename(columns={"local_cpu_hz": "local_cpu"}), **SHARED),
         r"local_cpu: expected columns that are fields .* \(did you mean local_cpu_hz\?\)"),
        (lambda: Instance.from_frame(N10.to_frame(), columns={"local_cpu_hz": "cpu"}, **SHARED),
         "columns.local_cpu_hz: expected a column of the table, got 'cpu'"),
        (lambda: Instance.from_frame(N10.to_frame(), **SHARED, local_max_steps=3.0),
         "local_max_steps: expected either a column or one value for all, got both"),
        (lambda: N10.replace(edge_step_capacity=pd.Series([5.0])), r"got 0 5\.0 dtype: float64$"),
        (lambda: Instance(**FIELDS | {"edge_step_capacty": 3}), r"did you mean edge_step_capacity\?"),
        (lambda: Instance(step_allocation=FIELDS, users=3), "users: expected either step_allocation or"),
        (lambda: N10.replace(edge_step_capacity="many"), "edge_step_capacity: expected a finite number"),
        (lambda: N10.with_constraint("error_cieling", most_error=1), r"did you mean error_ceiling\?"),
        (lambda: N10.with_constraint("error_ceiling", most_eror=1), r"did you mean most_error\?"),
        (lambda: diffload.load("n30").with_constraint("latency_deadline", most_seconds=1), "which both have"),
        (lambda: N10.with_constraint("error_ceiling", most_error=[1.0]), "expected 10 numbers"),
        (lambda: diffload.load("edge_servers_8x3").with_constraint("max_offloaded", most_users=1),
         "constraints: expected a problem that takes further constraints, got gqap"),
        (lambda: diffload.load("multi_20x2").with_constraint("latency_dedline", most_seconds=1),
         r"type: expected one of .*, which multi_edge_offloading takes, .*did you mean latency_deadline\?"),
        (lambda: diffload.load("multi_20x2").with_constraint("max_offloaded", most_users=1),
         'which multi_edge_offloading takes, got "max_offloaded"'),
    ],
)  # fmt: skip
def test_what_is_wrong_is_one_sentence(make, sentence):
    with pytest.raises(InstanceError, match=sentence):
        make()


def test_names_of_columns_that_are_no_mapping_are_refused():
    with pytest.raises(TypeError, match="columns: expected a mapping of fields to columns, got list"):
        Instance.from_frame(N10.to_frame(), columns=["local_max_steps"], **SHARED)


@pytest.mark.parametrize("call", [diffload.solve, diffload.compare, diffload.solve_many])
def test_a_table_in_place_of_an_instance_is_told_where_to_go(call):
    with pytest.raises(TypeError, match=r"got DataFrame \(Instance.from_frame makes an instance of a table\)"):
        call(N10.to_frame())


def test_equal_data_are_equal_and_found_in_a_dictionary():
    again = pickle.loads(pickle.dumps(N10))
    assert again == N10
    assert again.step_allocation == N10.step_allocation
    assert N10.replace(edge_step_capacity=1.0) != N10
    assert N10.replace(name="another") != N10
    assert {N10: "answer"}[again] == "answer"
    limited = N10.with_constraint("error_ceiling", most_error=[0.3] * 10)
    assert limited == N10.with_constraint("error_ceiling", most_error=[0.3] * 10)
    assert limited != N10.with_constraint("error_ceiling", most_error=[0.3] * 9 + [0.4])


def test_completion_offers_sections_and_fields():
    assert {"step_allocation", "edge_step_capacity", "users", "replace", "sha256"} <= set(dir(N10))


def test_constraints_are_added_one_by_one():
    one = N10.with_constraint("error_ceiling", most_error=0.4)
    two = one.with_constraint("max_offloaded", most_users=np.int64(3))
    assert [constraint.type for constraint in two.constraints] == ["error_ceiling", "max_offloaded"]
    assert len({N10.sha256, one.sha256, two.sha256}) == 3
    assert N10.constraints == ()
    both = diffload.load("n30").with_constraint("latency_deadline", on="split_offloading", most_seconds=99.0)
    assert both.constraints[0].on == "split_offloading"


def test_a_table_has_a_row_per_user():
    frame = diffload.load("split_i5_g1").to_frame()
    assert list(frame.index) == list(range(5))
    assert {"device", "accuracy_weight", "wait_seconds"} <= set(frame)
    with pytest.raises(ValueError, match="several problems"):
        diffload.load("n30").to_frame()
    assert len(diffload.load("n30").to_frame("split_offloading")) == 30
    assert set(diffload.load("edge_servers_8x3").to_frame()) <= {"weight"}


@pytest.mark.parametrize("name", ["n30", "edge_servers_8x3", "multi_20x2"])
def test_problem_data_are_shown_in_one_line_without_their_arrays(name):
    instance = diffload.load(name)
    for problem in instance.problems:
        shown = repr(instance.section(problem))
        assert "\n" not in shown
        assert "array" not in shown
        assert len(shown) < 1_000
    assert "edge_step_capacity=1156.33" in repr(diffload.load("n30").step_allocation)
    assert "local_seconds_per_step=<30: 0.0496 to 0.4854>, device=<30>" in repr(
        diffload.load("n30").split_offloading
    )


def test_printing_shows_no_arrays():
    assert "array" not in str(N10) + repr(N10)
    assert max(map(len, str(diffload.load("n30_constrained")).splitlines()[:2])) < 120


def test_a_file_wins_over_the_library(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    diffload.save(N10.replace(name="mine"), "n10.json")
    (tmp_path / "n10.json").rename(tmp_path / "n10")
    assert diffload.load("n10").name == "mine"
    assert diffload.load("n30").name == "n30"
    (tmp_path / "n30").mkdir()
    assert diffload.load("n30").name == "n30"
