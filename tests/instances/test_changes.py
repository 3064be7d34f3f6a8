"""An instance, a section and a constraint keep their content and their hash together, whatever is tried."""

from __future__ import annotations

import copy
import pickle
from array import array
from collections import deque
from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pytest
from builders import split_offloading, step_allocation
from gqap_enumeration import random_gqap

from formulations.checked import Checked
from formulations.step_allocation.parameters import StepAllocation
from instances import Instance, InstanceError
from instances.generation.generator import generate

CEILING = {"type": "error_ceiling", "on": "step_allocation", "users": [0, 2], "most_error": [0.9, 0.8]}
FEWER = {"type": "exclusive_users", "on": "split_offloading", "users": [0, 1]}


def instance(**fields: Any) -> Instance:
    posed = {
        "step_allocation": step_allocation(3),
        "split_offloading": split_offloading(3),
        "gqap": random_gqap(0),
    }
    return Instance(schema_version=1, name="all", **posed | {"constraints": (CEILING, FEWER)} | fields)


COPIES: dict[str, Callable[[Any], Any]] = {
    "copy.copy": copy.copy,
    "copy.deepcopy": copy.deepcopy,
    "pickle": lambda data: pickle.loads(pickle.dumps(data)),
    "model_copy": lambda data: data.model_copy(),
    "deep model_copy": lambda data: data.model_copy(deep=True),
    "copy": lambda data: data.copy(),
    "__replace__": lambda data: data.__replace__(),
    "replace": lambda data: data.replace(),
}


def arrays(data: Checked) -> list[np.ndarray]:
    values = [getattr(data, name) for name in type(data).model_fields]
    return [value for value in values if isinstance(value, np.ndarray)]


def kinds(data: Instance) -> list[Checked]:
    sections = [getattr(data, problem) for problem in data.problems]
    with_constraints = [data.section(problem) for problem in data.problems]
    return [*sections, *with_constraints, *data.constraints]


@pytest.mark.parametrize("how", COPIES)
def test_a_copy_has_the_same_content_and_nobody_writes_to_it(how: str):
    original = instance()
    expected = original.sha256
    copied = COPIES[how](original)
    assert copied.sha256 == expected
    for ours, theirs in zip(kinds(original), kinds(COPIES[how](copied)), strict=True):
        for part in (theirs, COPIES[how](ours)):
            assert type(part) is type(ours)
            for one, other in zip(arrays(ours), arrays(part), strict=True):
                np.testing.assert_array_equal(one, other)
                with pytest.raises(ValueError, match="read-only"):
                    other[...] = 0.0
                with pytest.raises(ValueError, match="WRITEABLE"):
                    other.setflags(write=True)


@pytest.mark.parametrize("how", ["model_copy", "copy", "__replace__", "replace", "replaced"])
def test_a_copy_with_changes_is_validated_and_hashed_anew(how: str):
    def changed(data: Any, **changes: Any) -> Any:
        if how in ("model_copy", "copy"):
            return getattr(data, how)(update=changes)
        return data.replaced(changes) if how == "replaced" else getattr(data, how)(**changes)

    original = instance()
    assert original.sha256
    section = changed(original.step_allocation, edge_step_capacity=5)
    assert section.edge_step_capacity == 5.0
    other = changed(original, step_allocation=section)
    assert other.sha256 == instance(step_allocation=step_allocation(3, edge_step_capacity=5.0)).sha256
    assert other.sha256 != original.sha256
    with pytest.raises(InstanceError, match=r"^edge_step_capacity: expected a finite number >= 0, got -5$"):
        changed(original.step_allocation, edge_step_capacity=-5)
    with pytest.raises(InstanceError, match=r"did you mean edge_step_capacity\?"):
        changed(original.step_allocation, edge_step_capacty=5)
    with pytest.raises(InstanceError, match=r"^most_error\[1\]: expected a finite number > 0, got 0.0$"):
        changed(original.constraints[0], most_error=[1.0, 0.0])
    with pytest.raises(InstanceError, match=r"did you mean name\?"):
        changed(original, nam="x")
    with pytest.raises(InstanceError, match=r"^constraints\[0\].users\[1\]: expected a user from 0 to 1, got 2$"):
        changed(original, step_allocation=step_allocation(2))


@pytest.mark.parametrize("part", range(9))
def test_what_skips_validation_is_refused_with_the_way_to_go(part: int):
    whole = instance()
    data = [whole, *kinds(whole)][part]
    name = next(iter(type(data).model_fields))
    with pytest.raises(TypeError, match=rf"model_construct skips validation: use {type(data).__name__}\(\.\.\.\)"):
        type(data).model_construct(**{name: 0})
    for change in (lambda: setattr(data, name, 1), lambda: delattr(data, name), lambda: setattr(data, "new", 1)):
        with pytest.raises(AttributeError, match=r"is immutable: expected replace\(\w+=\.\.\.\)"):
            change()


def test_a_pickle_that_was_changed_is_refused():
    data = pickle.dumps(step_allocation(3, edge_step_capacity=1234.5))
    changed = data.replace(np.float64(1234.5).tobytes()[::-1], np.float64(-1234.5).tobytes()[::-1])
    assert changed != data
    with pytest.raises(InstanceError, match=r"edge_step_capacity: expected a finite number >= 0, got -1234.5"):
        pickle.loads(changed)


def test_replace_finds_the_section():
    one = Instance(schema_version=1, name="one", step_allocation=step_allocation(3), provenance={"seed": 1})
    other = one.replace(edge_step_capacity=np.int64(500), integer_steps=True, name="other")
    assert (other.name, other.provenance) == ("other", {"seed": 1})
    assert other.sha256 == one.replace(step_allocation=other.step_allocation).sha256 != one.sha256
    many = instance()
    assert many.replace(edge_step_capacity=5, bandwidth_hz=3e6).constraints == many.constraints
    assert many.replace(bandwidth_hz=3e6).split_offloading.bandwidth_hz == 3e6


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        (
            {"edge_step_capacty": 5},
            r"edge_step_capacty: .* got an unknown one \(did you mean edge_step_capacity\?\)",
        ),
        (
            {"users": 5},
            r"users: expected a field of one section, .* got one of step_allocation and split_offloading",
        ),
        (
            {"edge_step_capacity": -5},
            r"step_allocation\.edge_step_capacity: expected a finite number >= 0, got -5",
        ),
        (
            {"gpus": 1, "split_offloading": split_offloading(3)},
            r"gpus: expected either split_offloading or fields",
        ),
        ({"gqap": None}, r"gqap: expected an object, got null"),
    ],
)
def test_replace_refuses_in_one_sentence(changes: dict[str, Any], message: str):
    with pytest.raises(InstanceError, match=rf"^{message}.*$") as caught:
        instance().replace(**changes)
    assert "\n" not in str(caught.value)


def test_a_field_of_a_problem_that_is_not_posed_is_named():
    one = Instance(schema_version=1, name="one", step_allocation=step_allocation(3))
    with pytest.raises(
        InstanceError,
        match=r"max_batch: .* that the instance poses, got one of split_offloading and multi_edge_offloading$",
    ):
        one.replace(max_batch=3)


def test_an_error_says_its_field_what_was_expected_and_what_was_given():
    with pytest.raises(
        ValueError, match=r"^local_max_steps\[2\]: expected a finite number >= 0, got -1.0$"
    ) as caught:
        step_allocation(3, local_max_steps=[1, 2, -1])
    error = caught.value
    assert isinstance(error, InstanceError)
    assert (error.field, error.index, error.expected, error.given) == (
        "local_max_steps",
        2,
        "a finite number >= 0",
        "-1.0",
    )
    copied = pickle.loads(pickle.dumps(error))
    assert (str(copied), copied.field, copied.given) == (str(error), error.field, error.given)


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"usrs": 3}, r"usrs: expected a known field, got an unknown one \(did you mean users\?\)"),
        ({"users": 3.0}, r"users: expected a whole number from 1 to 10000000, got 3\.0"),
        ({"users": np.bool_(True)}, r"users: expected a whole number from 1 to 10000000, got true"),
        ({"users": "3"}, r'users: expected a whole number from 1 to 10000000, got "3"'),
        ({"integer_steps": 1}, r"integer_steps: expected true or false, got 1"),
        ({"local_max_steps": np.ones((3, 1))}, r"local_max_steps: .* got an array of shape \(3, 1\) of float64"),
        ({"local_max_steps": pd.Series([1.0, None, 2.0])}, r"local_max_steps\[1\]: .* got NaN"),
        ({"local_max_steps": np.ma.masked_equal([1, 2, 3], 2)}, r"local_max_steps\[1\]: .* got null"),
        ({"local_max_steps": np.ones(3, dtype=bool)}, r"local_max_steps: .* got an array of shape \(3,\) of bool"),
        ({"local_max_steps": pd.Series(["a"] * 3)}, r'local_max_steps\[0\]: .* got "a"'),
        ({"local_max_steps": [1, 2]}, r"local_max_steps: expected 3 numbers, one per user, got 2"),
        ({"local_max_steps": {1, 2, 3}}, r"local_max_steps: expected a number or a list .*"),
    ],
)
def test_data_in_python_are_refused_in_one_sentence(fields: dict[str, Any], message: str):
    with pytest.raises(InstanceError, match=rf"^{message}$"):
        StepAllocation(**step_allocation(3).given() | fields)
    with pytest.raises(InstanceError, match=rf"^step_allocation\.{message}$"):
        instance(step_allocation=step_allocation(3).given() | fields)


def test_a_constraint_in_python_is_refused_in_one_sentence():
    constraint = instance().constraints[0]
    with pytest.raises(InstanceError, match=r"^on: expected 'step_allocation', got \"elsewhere\"$"):
        constraint.replace(on="elsewhere")


AS_ARRAYS: dict[str, Callable[[list[float]], Any]] = {
    "tuple": tuple,
    "deque": deque,
    "array": lambda values: array("d", values),
    "float32": lambda values: np.array(values, dtype=np.float32),
    "big-endian": lambda values: np.array(values, dtype=">f8"),
    "object": lambda values: np.array(values, dtype=object),
    "strided": lambda values: np.repeat(values, 2)[::2],
    "series": lambda values: pd.Series(values, index=[7, 7, 1]),
    "nullable series": lambda values: pd.Series(values, dtype="Float64"),
    "index": pd.Index,
}


@pytest.mark.parametrize("kind", AS_ARRAYS)
def test_one_dimensional_arrays_are_taken_as_lists(kind: str):
    values = [1.5, 2.0, 4.25]
    given = AS_ARRAYS[kind](values)
    np.testing.assert_array_equal(step_allocation(3, local_max_steps=given).local_max_steps, values)
    np.testing.assert_array_equal(random_gqap(0, items=3, places=3, weight=given).weight, values)
    rows = random_gqap(0, items=3, places=3, flow=[given] * 3).flow
    np.testing.assert_array_equal(rows, [values] * 3)
    ceiling = {"type": "error_ceiling", "on": "step_allocation", "most_error": given}
    np.testing.assert_array_equal(instance(constraints=[ceiling]).constraints[0].most_error, values)


def test_numbers_of_numpy_are_numbers():
    plain, numpy = (
        StepAllocation(
            **step_allocation(3).given()
            | {
                "users": whole(3),
                "integer_steps": flag(True),
                "edge_step_capacity": number(7.5),
                "local_max_steps": whole(9),
            }
        )
        for whole, flag, number in ((int, bool, float), (np.int64, np.bool_, np.float32))
    )
    header = {"split_offloading": split_offloading(3, gpus=np.uint8(2)), "provenance": {"seed": np.int64(3)}}
    one, other = (instance(step_allocation=data, **header) for data in (plain, numpy))
    assert one.sha256 == other.sha256
    assert type(one.provenance["seed"]) is int
    frame = pd.DataFrame(random_gqap(0).flow)
    np.testing.assert_array_equal(random_gqap(0, flow=frame).flow, frame.to_numpy())
    users = pd.Series([0, 2])
    assert instance(constraints=[CEILING | {"users": users}]).constraints[0].users == (0, 2)
    labels = pd.Series(["a", "b", "c"])
    assert split_offloading(3, device=labels).device == ("a", "b", "c")


def test_a_misspelt_constraint_and_a_count_that_is_none_are_refused_in_one_sentence():
    with pytest.raises(InstanceError, match=r"^constraints\[0\]\.type: .*\(did you mean max_offloaded\?\)$"):
        instance(constraints=[{"type": "max_ofloaded", "on": "step_allocation", "most_users": 1}])
    for users in (3.5, "3", True):
        with pytest.raises(InstanceError, match=r"^users: expected a whole number from 1 to \d+, got "):
            generate(users=users)
    assert generate(users=np.int64(3)).sha256 == generate(users=3).sha256
