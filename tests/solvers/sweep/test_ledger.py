"""The ledger: what is written comes back, and a killed writer leaves whole records only."""

from __future__ import annotations

import json
import math
import os
import signal
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import fakes
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from instances.storage.append_only import AppendError
from instances.storage.store import DamagedError
from solvers.core.limits import Limits
from solvers.core.result import Result, Status
from solvers.sweep import ledger
from solvers.sweep.ledger import FILE, Ledger
from solvers.sweep.ledger_arrays import LARGEST_INLINE, attach, detach, is_complete
from solvers.sweep.ledger_key import Key, versions_digest
from solvers.sweep.ledger_record import LedgerError, Recorded

VERSIONS = {"python": "3.11", "numpy": "2.4"}


def recorded(seed: int = 0, **fields: Any) -> Recorded:
    result: Result = fakes.result("method", seed=seed, versions=VERSIONS, **fields)
    key = Key(result.instance_hash, result.problem, "method", seed, result.limits, versions_digest(VERSIONS))
    return Recorded(key, result, users=4, host="here")


def filed(folder: Path, *items: Recorded) -> None:
    with Ledger(folder) as book:
        for item in items:
            book.append(item)


def test_a_record_with_the_former_name_of_the_time_limit_is_read(tmp_path: Path) -> None:
    filed(tmp_path, recorded())
    file = tmp_path / FILE
    file.write_text(file.read_text().replace('"time_limit"', '"time_seconds"'))
    assert len(ledger.read(tmp_path)) == 1


def test_results_come_back_exactly(tmp_path: Path) -> None:
    full = recorded(
        status=Status.OPTIMAL,
        objective=-1.0 / 3.0,
        bound=-0.1,
        nodes=3,
        metrics={"offloaded": 2.0, "mean_edge_steps": math.nan},
        solution={"a": np.array([True, False]), "s": np.array([0.1, 1e-300])},
        certificate={"tree": [[1, None], {"price": 0.1}]},
        history=({"objective": 1.5}, {"objective": 1.25}),
        limits=Limits(0.1, 1e-9, 3),
    )
    assert full.result.evaluation is not None
    full = replace(full, result=replace(full.result, evaluation=replace(full.result.evaluation, magnitude=7.5)))
    failed = recorded(1, status=Status.ERROR, reason="broken", log="Traceback")
    filed(tmp_path, full, failed)
    first, second = ledger.read(tmp_path)
    assert (first.key, first.users, first.host) == (full.key, 4, "here")
    assert first.result.to_record() == full.result.to_record()
    assert first.result.evaluation is not None
    assert first.result.evaluation.magnitude == 7.5
    assert math.isnan(first.result.evaluation.metrics["mean_edge_steps"])
    assert first.result.solution is not None
    assert first.result.solution["a"].dtype == bool
    assert second.result.to_record() == failed.result.to_record()
    assert not (tmp_path / "arrays").exists()


def test_long_arrays_are_kept_beside_the_ledger(tmp_path: Path) -> None:
    shares = np.random.default_rng(0).normal(size=LARGEST_INLINE + 1)
    item = recorded(
        status=Status.FEASIBLE,
        objective=1.0,
        solution={"a": shares > 0.0, "s": shares, "price": np.array(0.5)},
        certificate={"order": list(range(5000)), "fixed": [1, 2]},
    )
    filed(tmp_path, item)
    assert (tmp_path / FILE).stat().st_size < 2000
    (found,) = ledger.read(tmp_path)
    assert (found.result.solution, found.result.certificate) == (None, None)
    complete = found.complete()
    assert complete.solution is not None
    assert complete.certificate is not None
    np.testing.assert_array_equal(complete.solution["s"], shares)
    np.testing.assert_array_equal(complete.solution["a"], shares > 0.0)
    assert complete.solution["price"] == 0.5
    assert complete.certificate["fixed"] == [1, 2]
    assert list(complete.certificate["order"]) == list(range(5000))
    next((tmp_path / "arrays").iterdir()).write_bytes(b"damaged")
    with pytest.raises(LedgerError, match=r"\.npz: expected the long arrays"):
        found.complete()


def test_a_million_users_are_a_short_line(tmp_path: Path) -> None:
    users = 1_000_000
    filed(tmp_path, recorded(status=Status.FEASIBLE, objective=0.0, solution={"s": np.arange(float(users))}))
    assert (tmp_path / FILE).stat().st_size < 2000
    (found,) = ledger.read(tmp_path)
    solution = found.complete().solution
    assert solution is not None
    np.testing.assert_array_equal(solution["s"], np.arange(float(users)))


TREES = st.recursive(
    st.none() | st.booleans() | st.integers(-10, 10) | st.floats(allow_nan=False) | st.text(max_size=3),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=3), inner, max_size=4),
    max_leaves=20,
)


@given(TREES, st.integers(LARGEST_INLINE - 1, LARGEST_INLINE + 2))
def test_arrays_are_put_back_where_they_were(tree: Any, length: int) -> None:
    content = {"tree": tree, "deep": [{"long": list(range(length))}]}
    arrays: dict[str, Any] = {}
    short = detach(content, "certificate", arrays)
    assert is_complete(short) == (length <= LARGEST_INLINE) == (not arrays)
    again = attach(json.loads(json.dumps(short)), arrays)
    assert again["tree"] == tree
    assert list(again["deep"][0]["long"]) == list(range(length))


@pytest.fixture(scope="module")
def three_lines(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    folder = tmp_path_factory.mktemp("ledger")
    filed(folder, *(recorded(seed, objective=0.1 * seed) for seed in range(3)))
    return (folder / FILE).read_bytes()


def test_a_file_cut_anywhere_holds_its_whole_records(
    three_lines: bytes, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / FILE
    for size in range(0, len(three_lines) + 1, 43):
        whole = three_lines[:size].count(b"\n")
        path.write_bytes(three_lines[:size])
        assert [item.key.seed for item in ledger.read(tmp_path)] == list(range(whole))
        with Ledger(tmp_path) as book:
            dropped = size - (three_lines[:size].rfind(b"\n") + 1)
            said = f"diffload: {path} ended in an incomplete line of {dropped} bytes, which is dropped\n"
            assert capsys.readouterr().err == (said if dropped else "")
            if whole < 3:
                book.append(recorded(2))
        expected = [*range(whole), 2] if whole < 3 else [0, 1, 2]
        assert [item.key.seed for item in ledger.read(tmp_path)] == expected


def test_a_line_that_is_no_record_is_named(three_lines: bytes, tmp_path: Path) -> None:
    lines = three_lines.splitlines(keepends=True)
    forged = lines[1].replace(b'"seed":1', b'"seed":5')
    for broken in (b"\n", b"[]\n", b"{}\n", lines[1][: len(lines[1]) // 2] + b"\n", b"\0" * 40 + b"\n", forged):
        (tmp_path / FILE).write_bytes(lines[0] + broken + lines[2])
        for opening in (lambda: ledger.read(tmp_path), lambda: Ledger(tmp_path).__enter__()):
            with pytest.raises(DamagedError, match=r"ledger\.jsonl, line 2: expected the record of a result"):
                opening()
        assert (tmp_path / FILE).read_bytes() == lines[0] + broken + lines[2]


def test_nothing_is_filed_twice_but_what_was_an_error(tmp_path: Path) -> None:
    with Ledger(tmp_path) as book:
        book.append(recorded(0, status=Status.ERROR))
        assert book.status(recorded(0).key) is Status.ERROR
        assert book.status(recorded(1).key) is None
        book.append(recorded(0, objective=2.0))
        with pytest.raises(ValueError, match="has a result of method"):
            book.append(recorded(0, objective=3.0))
    (found,) = ledger.read(tmp_path)
    assert found.result.objective == 2.0
    with Ledger(tmp_path) as book, pytest.raises(ValueError, match="already"):
        book.append(recorded(0, status=Status.ERROR))


def test_one_writer_at_a_time(tmp_path: Path) -> None:
    with Ledger(tmp_path) as first:
        with pytest.raises(AppendError, match="another run is writing this file"), Ledger(tmp_path):
            pass
        first.append(recorded())
        assert len(ledger.read(tmp_path)) == 1
    with Ledger(tmp_path) as second:
        second.append(recorded(1))
    assert len(ledger.read(tmp_path)) == 2


def test_a_full_disk_leaves_the_ledger_as_it_was(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write = os.write
    with Ledger(tmp_path) as book:
        book.append(recorded())
        before = (tmp_path / FILE).read_bytes()
        monkeypatch.setattr(os, "write", lambda descriptor, data: write(descriptor, data[:20]))
        with pytest.raises(OSError, match="No space left"):
            book.append(recorded(1))
        monkeypatch.undo()
        assert (tmp_path / FILE).read_bytes() == before
        book.append(recorded(1))
    assert [item.key.seed for item in ledger.read(tmp_path)] == [0, 1]


WRITER = f"""
import sys
sys.path[:0] = {[*fakes.SEARCH_PATH, str(Path(__file__).parent)]}
import numpy as np
from test_ledger import Ledger, recorded
with Ledger(sys.argv[1]) as book:
    for seed in range(int(sys.argv[2]), 100_000):
        shares = np.full(300 + seed % 900, float(seed))
        book.append(recorded(seed, objective=float(seed), solution={{"s": shares}}))
"""


def test_a_writer_killed_at_any_moment_leaves_whole_records(tmp_path: Path) -> None:
    seen = 0
    for pause in (0.0, 0.2):
        writer = subprocess.Popen([sys.executable, "-c", WRITER, str(tmp_path), str(seen)])
        path = tmp_path / FILE
        before = path.stat().st_size if path.exists() else 0
        deadline = time.monotonic() + 60.0
        while not (path.exists() and path.stat().st_size > before) and time.monotonic() < deadline:
            time.sleep(0.005)
        time.sleep(pause)
        writer.send_signal(signal.SIGKILL)
        assert writer.wait() == -signal.SIGKILL
        found = ledger.read(tmp_path)
        assert [item.key.seed for item in found] == list(range(len(found)))
        assert len(found) > seen
        for item in found[seen:]:
            solution = item.complete().solution
            assert solution is not None
            np.testing.assert_array_equal(solution["s"], np.full(300 + item.key.seed % 900, float(item.key.seed)))
        seen = len(found)


KEY = Key("0" * 64, "step_allocation", "method", 0, Limits(15.0, 1e-6, 1), "v")


def test_every_part_of_a_key_counts() -> None:
    others = [
        replace(KEY, instance_hash="1" * 64),
        replace(KEY, problem="split_offloading"),
        replace(KEY, solver="other"),
        replace(KEY, seed=1),
        replace(KEY, versions="w"),
        *(replace(KEY, limits=limits) for limits in (Limits(15.5), Limits(gap=1e-7), Limits(threads=2))),
    ]
    assert len({key.digest for key in (KEY, *others)}) == len(others) + 1
    assert replace(KEY, limits=Limits(15, 1e-6, 1)).digest == KEY.digest
    assert versions_digest({"a": "1", "b": "2"}) == versions_digest({"b": "2", "a": "1"})
    assert versions_digest({"a": "1", "b": "2"}) != versions_digest({"a": "1", "b": "3"})


def test_the_digest_is_the_same_on_every_machine() -> None:
    assert KEY.digest == "b10200aead97cca636f9485854996ded89ed2a51f5276042dd63a96c7eacb726"


def test_the_frame_has_one_row_a_result(tmp_path: Path) -> None:
    filed(tmp_path, recorded(0, objective=1.5, metrics={"offloaded": 2.0}), recorded(1, status=Status.UNKNOWN))
    frame = ledger.as_frame(ledger.read(tmp_path))
    assert list(frame["seed"]) == [0, 1]
    assert frame["objective"][0] == 1.5
    assert frame["offloaded"][0] == 2.0
    assert list(frame["status"]) == ["feasible", "unknown"]
    assert list(frame["time_limit"]) == [15.0, 15.0]
    assert frame["key"].is_unique
    assert "solution" not in frame
