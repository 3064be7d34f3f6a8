"""Many snapshots in one call give what each gives alone."""

from __future__ import annotations

import numpy as np
import pytest
from conftest import split_offloading

from formulations.split_offloading.evaluation import evaluate
from formulations.split_offloading.parameters import SplitOffloading
from solvers.split_offloading.batch_scan import scan_batches
from solvers.split_offloading.batch_scan_many import scan_many, stack


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
        judged = evaluate(data, found.granted[row, : data.users].astype(float), found.split[row, : data.users])
        assert judged.feasible
        assert judged.metrics["gain_over_all_local"] == pytest.approx(found.gain[row], rel=1e-12, abs=1e-9)
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
    with pytest.raises(ValueError, match="per_item has shape"):
        scan_many(snapshots._replace(per_item=snapshots.per_item[:-1]))
    with pytest.raises(ValueError, match=r"users\.weight has shape|users\.local_seconds has shape"):
        scan_many(snapshots._replace(users=snapshots.users._replace(weight=snapshots.users.weight[:, :-1])))
    with pytest.raises(ValueError, match="counts are outside"):
        scan_many(snapshots._replace(user_count=snapshots.user_count + 1))
    with pytest.raises(ValueError, match="one F"):
        stack([split_offloading(2), split_offloading(2, total_steps=150)])
    with pytest.raises(ValueError, match="one F"):
        stack([])
