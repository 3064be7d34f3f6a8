"""Many snapshots in one call give what each gives alone."""

from __future__ import annotations

import numpy as np
import pytest
from builders import split_offloading

from formulations.split_offloading.evaluation import evaluate
from formulations.split_offloading.gain import Users
from formulations.split_offloading.parameters import SplitOffloading
from solvers.split_offloading.exact.batch_scan import scan_batches
from solvers.split_offloading.exact.batch_scan_many import scan_many, stack


def ragged() -> list[SplitOffloading]:
    return [
        split_offloading(users, seed=17 * users + gpus, gpus=gpus, max_batch=most)
        for users in (1, 3, 20, 41)
        for gpus in (1, 4, 8)
        for most in (0, 2, 20)
    ]


def test_each_equals_its_own_scan() -> None:
    scenarios = ragged()
    found = scan_many(stack(scenarios))
    for row, data in enumerate(scenarios):
        alone = scan_batches(data)
        assert found.gain[row] == pytest.approx(alone.gain_of_batch.max(), rel=1e-13, abs=1e-12)
        np.testing.assert_array_equal(np.flatnonzero(found.granted[row]), alone.granted)
        evaluated = evaluate(data, found.granted[row, : data.users].astype(float), found.split[row, : data.users])
        assert evaluated.feasible
        assert evaluated.metrics["gain_over_all_local"] == pytest.approx(found.gain[row], rel=1e-12, abs=1e-9)
        assert not found.granted[row, data.users :].any()


def test_what_is_behind_the_count_is_not_read() -> None:
    snapshots = stack(ragged())
    expected = scan_many(snapshots)
    for array in snapshots.users:
        array[np.arange(array.shape[1]) >= snapshots.user_count[:, None]] = np.nan
    found = scan_many(snapshots)
    np.testing.assert_array_equal(found.granted, expected.granted)
    np.testing.assert_array_equal(found.gain, expected.gain)


def test_shapes_that_do_not_fit_are_refused() -> None:
    snapshots = stack(ragged())
    with pytest.raises(ValueError, match=r"per_item: expected shape \(36,\), got \(35,\)"):
        scan_many(snapshots._replace(per_item=snapshots.per_item[:-1]))
    with pytest.raises(ValueError, match=r"users\.local_seconds: expected shape"):
        scan_many(
            snapshots._replace(users=snapshots.users._replace(local_seconds=snapshots.users.local_seconds[:, :-1]))
        )
    with pytest.raises(ValueError, match=r"user_count\[27\]: expected a whole number from 0 to 41, got 42"):
        scan_many(snapshots._replace(user_count=snapshots.user_count + 1))
    with pytest.raises(ValueError, match="one F"):
        stack([split_offloading(2), split_offloading(2, total_steps=150)])
    with pytest.raises(ValueError, match="one F"):
        stack([])


@pytest.mark.parametrize("order", [">", "<"])
def test_types_of_numbers_do_not_matter(order: str) -> None:
    snapshots = stack(ragged())
    expected = scan_many(snapshots)
    found = scan_many(
        snapshots._replace(
            users=Users(*(np.asfortranarray(array.astype(f"{order}f8")) for array in snapshots.users)),
            user_count=snapshots.user_count.astype(f"{order}i4"),
            per_item=snapshots.per_item.astype(f"{order}f8"),
            base=snapshots.base.astype(np.longdouble),
            max_batch=snapshots.max_batch.astype(f"{order}f4"),
        )
    )
    np.testing.assert_array_equal(found.granted, expected.granted)
    np.testing.assert_array_equal(found.split, expected.split)
    np.testing.assert_array_equal(found.gain, expected.gain)


def test_whole_numbers_are_numbers_of_seconds() -> None:
    snapshots = stack(ragged())
    users = Users(*(np.ceil(array).astype(np.uint8) for array in snapshots.users))
    as_floats = Users(*(array.astype(np.float64) for array in users))
    found, expected = (scan_many(snapshots._replace(users=kind)) for kind in (users, as_floats))
    np.testing.assert_array_equal(found.gain, expected.gain)


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf, -1.0])
@pytest.mark.parametrize("field", ["weight", "local_seconds", "transmission"])
def test_numbers_of_users_out_of_range_are_refused(field: str, bad: float) -> None:
    snapshots = stack(ragged())
    getattr(snapshots.users, field)[20, 2] = bad
    with pytest.raises(ValueError, match=rf"users\.{field}\[20, 2\]: expected a finite number >=? 0, got -?\w+"):
        scan_many(snapshots)


@pytest.mark.parametrize("bad", [np.nan, np.inf, -1.0])
@pytest.mark.parametrize("field", ["per_item", "base", "user_count", "max_batch", "curve"])
def test_other_numbers_out_of_range_are_refused(field: str, bad: float) -> None:
    snapshots = stack(ragged())
    given = snapshots.curve._replace(slope=bad)
    if field != "curve":
        given = getattr(snapshots, field).astype(float)
        given[3] = bad
    with pytest.raises(ValueError, match=rf"{field}(\[3\]|\.slope): expected a .*, got "):
        scan_many(snapshots._replace(**{field: given}))


def test_other_kinds_of_arrays_are_refused() -> None:
    snapshots = stack(ragged())
    with pytest.raises(ValueError, match="user_count: expected an array of numbers, got one of bool"):
        scan_many(snapshots._replace(user_count=snapshots.user_count > 0))
    with pytest.raises(ValueError, match=r"max_batch\[0\]: expected a whole number >= 0, got 2.5"):
        scan_many(snapshots._replace(max_batch=np.full(len(snapshots.base), 2.5)))
    with pytest.raises(ValueError, match="base: expected a number everywhere, got a masked one"):
        scan_many(snapshots._replace(base=np.ma.masked_less(snapshots.base, 1e9)))
    with pytest.raises(ValueError, match=r"curve\.lower: expected at most"):
        scan_many(snapshots._replace(curve=snapshots.curve._replace(lower=1e6)))
    with pytest.raises(ValueError, match="snapshot 0: expected data whose gain is finite, got an overflow"):
        scan_many(snapshots._replace(per_item=np.full(len(snapshots.base), 1e308)))


def test_no_snapshots_give_no_decisions() -> None:
    snapshots = stack(ragged())
    none = snapshots._replace(
        users=Users(*(array[:0] for array in snapshots.users)),
        **{name: getattr(snapshots, name)[:0] for name in ("user_count", "per_item", "base", "max_batch")},
    )
    assert scan_many(none).gain.shape == (0,)
