"""What constraints leave: splits, grants and batch sizes, and the best split and gain within."""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from typing import Any

import numpy as np
import pytest
from builders import split_offloading
from numpy.typing import NDArray
from split_constraints import COUPLING, SEPARABLE, random_constraints, with_constraints
from split_enumeration import random_snapshot, worth

from formulations.constraints.base import Interval
from formulations.constraints.split_offloading.base import EDGE, LOCAL, Row, SplitConstraint
from formulations.fields import FloatArray
from formulations.split_offloading.domain import (
    allowed_splits,
    batch_sizes,
    coupling_rows,
    may_grant,
    must_grant,
)
from formulations.split_offloading.gain import gains, unrestricted_gains
from formulations.split_offloading.models import p2
from formulations.split_offloading.models.domain_table import domain_table
from formulations.split_offloading.parameters import SplitOffloading
from formulations.split_offloading.split_point import best_splits
from formulations.split_offloading.units import in_units


class Given(SplitConstraint):
    """A constraint of given ends and rows, as somebody's own class may say them."""

    type: Any = "given"
    on: Any = "split_offloading"
    ends: Any = None
    given_rows: Any = ()

    title = "given"
    unit = "-"
    limit = "ends"

    def interval(self, data: SplitOffloading, place: int, batch: int) -> Interval:
        ends = (-np.inf, np.inf) if self.ends is None else self.ends
        return Interval(*(np.full(data.users, float(end)) for end in ends))

    def rows(self, data: SplitOffloading) -> tuple[Row, ...]:
        return tuple(Row(np.array(coefficients), limit) for coefficients, limit in self.given_rows)

    def violation(self, data: SplitOffloading, solution: Mapping[str, NDArray[Any]]) -> FloatArray:
        return np.zeros(1)


def given(data: SplitOffloading, **said: Any) -> SplitOffloading:
    return data.replaced({"constraints": (Given(**said),)})


def test_without_constraints_it_is_the_papers() -> None:
    data = split_offloading(3)
    assert (allowed_splits(data, EDGE, 2).lower == 80.0).all()
    assert (allowed_splits(data, EDGE, 2).upper == 200.0).all()
    assert (allowed_splits(data, LOCAL, 2).lower == 200.0).all()
    assert may_grant(data, 2).all()
    assert not must_grant(data, 2).any()
    assert coupling_rows(data) == ()
    assert batch_sizes(data) == range(4)


@pytest.mark.parametrize(
    ("ends", "expected"),
    [
        ((100.2, 150.8), (101.0, 150.0)),
        ((100.0 + 1e-9, 150.0 - 1e-9), (100.0, 150.0)),
        ((-np.inf, 79.9), None),
        ((150.3, 150.7), None),
        ((np.inf, -np.inf), None),
        ((-np.inf, np.inf), (80.0, 200.0)),
        ((201.0, np.inf), None),
    ],
)
def test_ends_are_whole_and_forgive_rounding(
    ends: tuple[float, float], expected: tuple[float, float] | None
) -> None:
    data = given(split_offloading(2), ends=ends)
    allowed = allowed_splits(data, EDGE, 1)
    if expected is None:
        assert allowed.empty.all()
        assert np.isnan(best_splits(data, 1)).all()
        assert (gains(data, 1) == -np.inf).all()
    else:
        assert (allowed.lower[0], allowed.upper[0]) == expected
    denied = ends[0] <= 200.0 <= ends[1]
    assert must_grant(data, 1).all() == (not denied)


def test_ends_and_rows_that_are_no_numbers_are_refused_with_the_name_of_the_constraint() -> None:
    snapshot = split_offloading(2)
    with pytest.raises(ValueError, match=r"'given'.*not a number"):
        allowed_splits(given(snapshot, ends=(np.nan, 100.0)), EDGE, 1)
    for row in (([1.0, np.inf], 1.0), ([1.0, 1.0, 1.0], 1.0), ([1.0, 1.0], np.nan)):
        with pytest.raises(ValueError, match="'given'"):
            coupling_rows(given(snapshot, given_rows=(row,)))


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        ([([3.0, 3.0, 3.0], 6.0)], range(3)),
        ([([3.0, 3.0, 3.0], 5.9)], range(2)),
        ([([-2.0, -2.0, -2.0], -2.0)], range(1, 4)),
        ([([-2.0, -2.0, -2.0], -2.1)], range(2, 4)),
        ([([0.1, 0.1, 0.1], 0.1 + 0.2), ([-1.0, -1.0, -1.0], -3.0)], range(3, 4)),
        ([([0.0, 0.0, 0.0], 0.0)], range(4)),
        ([([0.0, 0.0, 0.0], -1.0)], range(0)),
        ([([1.0, 1.0, 1.0], -1.0)], range(0)),
        ([([1.0, 2.0, 1.0], 1.0)], range(4)),
    ],
)
def test_rows_that_count_all_users_the_same_limit_the_batch(rows: list[Any], expected: range) -> None:
    found = batch_sizes(given(split_offloading(3), given_rows=rows))
    assert list(found) == list(expected)


@pytest.mark.parametrize("seed", range(40))
def test_best_split_and_gain_are_those_of_the_best_allowed_split(seed: int) -> None:
    data = random_constraints(random_snapshot(seed, 5), seed, SEPARABLE)
    for batch in range(1, data.users + 1):
        allowed = allowed_splits(data, EDGE, batch)
        splits, gained = best_splits(data, batch), gains(data, batch)
        for i in range(data.users):
            steps = range(data.min_local_steps, data.total_steps + 1)
            inside = [n for n in steps if allowed.lower[i] <= n <= allowed.upper[i]]
            values = [worth(data, i, 1.0, n, batch) for n in inside]
            denied = worth(data, i, 0.0, data.total_steps, 0)
            assert (len(inside) == 0) == bool(np.isnan(splits[i]))
            if inside:
                assert splits[i] in inside
                assert worth(data, i, 1.0, splits[i], batch) == pytest.approx(max(values), rel=1e-12, abs=1e-9)
                assert gained[i] == pytest.approx(max(values) - denied, rel=1e-9, abs=1e-9)
        assert (gained <= unrestricted_gains(data, batch) + 1e-9).all()


@pytest.mark.parametrize("seed", range(10))
def test_the_table_has_every_batch(seed: int) -> None:
    data = random_constraints(random_snapshot(seed, 5), seed, SEPARABLE)
    table = domain_table(data)
    assert table.forbidden.shape == (data.users, data.largest_batch + 1)
    for batch in range(1, data.largest_batch + 1):
        allowed = allowed_splits(data, EDGE, batch)
        np.testing.assert_array_equal(table.forbidden[:, batch], allowed.empty)
        np.testing.assert_array_equal(table.mandatory[:, batch], must_grant(data, batch))
        inside = ~allowed.empty
        np.testing.assert_array_equal(table.lower[inside, batch], allowed.lower[inside])
        np.testing.assert_array_equal(table.upper[inside, batch], allowed.upper[inside])
        fixed = table.with_split(float(data.min_local_steps)).forbidden[:, batch]
        np.testing.assert_array_equal(fixed, allowed.empty | (allowed.lower > data.min_local_steps))


@pytest.mark.parametrize("unit", [0.125, 64.0])
def test_another_unit_of_time_leaves_what_constraints_say(unit: float) -> None:
    for seed in range(10):
        data = random_constraints(random_snapshot(seed, 4), seed, SEPARABLE + COUPLING)
        other = in_units(data, unit)
        solution = {"x": np.ones(data.users), "n": np.full(data.users, float(data.min_local_steps))}
        for place, batch in itertools.product((LOCAL, EDGE), (1, 3)):
            np.testing.assert_array_equal(allowed_splits(data, place, batch), allowed_splits(other, place, batch))
        for row, other_row in zip(coupling_rows(data), coupling_rows(other), strict=True):
            np.testing.assert_array_equal(row.granted, other_row.granted)
            assert (row.family, row.right_hand_side) == (other_row.family, other_row.right_hand_side)
        for constraint, other_constraint in zip(data.constraints, other.constraints, strict=True):
            expected = constraint.violation(data, solution)
            np.testing.assert_array_equal(other_constraint.violation(other, solution), expected)
            assert other_constraint.tolerance(other) == constraint.tolerance(data)


def test_the_model_of_one_split_has_the_allowed_range() -> None:
    data = with_constraints(split_offloading(3), {"type": "pai_floor", "least_accuracy": 0.8, "users": (1,)})
    lower = np.ceil(data.pai_threshold + np.log(0.8 / 0.2) / data.pai_slope)
    assert p2.build(data, 1, 2).split.bounds == (lower, 200.0)
    assert p2.build(data, 0, 2).split.bounds == (80.0, 200.0)
