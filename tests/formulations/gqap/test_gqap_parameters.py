from __future__ import annotations

import numpy as np
import pytest
from gqap_enumeration import random_gqap

from formulations.errors import InstanceError
from formulations.gqap.parameters import CAPACITY_TOLERANCE, GQAP


def test_arrays_are_read_only_float64_of_their_shapes():
    data = random_gqap(0, items=4, places=3)
    shapes = {"assignment_cost": (4, 3), "flow": (4, 4), "distance": (3, 3), "weight": (4,), "capacity": (3,)}
    for name, shape in shapes.items():
        array = getattr(data, name)
        assert array.shape == shape
        assert array.dtype == np.float64
        assert array.flags.c_contiguous
        with pytest.raises(ValueError, match="read-only"):
            array[0] = 1.0


def test_the_caller_keeps_its_own_arrays():
    flow = np.zeros((5, 5))
    data = random_gqap(0, flow=flow)
    flow[0, 1] = 7.0
    assert data.flow[0, 1] == 0.0


def test_lists_and_integers_are_taken():
    data = random_gqap(0, items=2, places=2)
    fields = {name: getattr(data, name) for name in GQAP.model_fields}
    lists = {name: value.tolist() if isinstance(value, np.ndarray) else value for name, value in fields.items()}
    assert GQAP.model_validate(lists | {"flow": [[0, 1], [2, 3]]}).flow[1, 0] == 2.0
    assert GQAP.model_validate(fields | {"flow": np.array([[0, 1], [2, 3]])}).flow[1, 1] == 3.0


@pytest.mark.parametrize(
    ("field", "value", "whole"),
    [
        ("flow", np.full((5, 5), 0.5), False),
        ("flow", np.full((5, 5), -2.0), True),
        ("assignment_cost", np.full((5, 3), 1e300), True),
        ("distance", np.full((3, 3), 1.5), False),
        ("cost_factor", 0.25, False),
        ("weight", np.full(5, 0.5), True),
    ],
)
def test_whole_costs(field: str, value: object, whole: bool):
    assert random_gqap(0, **{field: value}).has_whole_costs is whole


def test_whole_weights_round_capacities_down():
    data = random_gqap(0, capacity=[3.9, 4.0, 0.1])
    assert data.has_whole_weights
    np.testing.assert_array_equal(data.load_limit, [3.0, 4.0, 0.0])


def test_other_weights_have_room_for_rounding():
    data = random_gqap(0, weight=[0.1, 0.1, 0.1, 1.0, 2.0], capacity=[0.3, 5.0, 0.0])
    assert not data.has_whole_weights
    assert data.load_limit[0] == 0.3 * (1.0 + CAPACITY_TOLERANCE) > 0.1 + 0.1 + 0.1 > 0.3
    assert data.load_limit[2] == 0.0


def test_weights_beyond_exact_sums_are_not_whole():
    assert not random_gqap(0, weight=np.full(5, 2.0**52)).has_whole_weights


@pytest.mark.parametrize(
    ("field", "value", "place"),
    [
        ("assignment_cost", 1e308, "assignment_cost"),
        ("flow", 1e300, "flow"),
        ("weight", 1e308, "weight"),
        ("capacity", 1e308, "capacity"),
        ("cost_factor", 1e307, "cost_factor"),
    ],
)
def test_an_overflow_names_its_field(field: str, value: float, place: str):
    before = random_gqap(0)
    shape = np.shape(getattr(before, field))
    with pytest.raises(InstanceError, match="got an overflow") as caught:
        before.replaced({field: np.full(shape, value) if shape else value, "distance": np.full((3, 3), 1e9)})
    assert caught.value.field == place


def test_a_factor_and_flows_that_overflow_before_tiny_distances_bring_them_back():
    with pytest.raises(InstanceError, match="expected a finite sum with flow, got an overflow"):
        random_gqap(0).replaced({"cost_factor": 1.7e308, "distance": np.full((3, 3), 5e-324)})


def test_replaced_is_validated():
    with pytest.raises(InstanceError, match=r"expected 5 x 5 numbers \(items x items\), got 4 x 4"):
        random_gqap(0).replaced({"flow": np.zeros((4, 4))})
