"""Records by key in a file: kept over a kill, by one process at a time."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from fakes import SEARCH_PATH
from processes import wait_until

from instances.storage.append_only import AppendError, AppendOnlyFile
from instances.storage.layouts import JsonLines, rows_of
from instances.storage.store import DamagedError, Store, read, write
from reports.papers.audit import command as claims
from reports.papers.figures import command as figures

MADE_BY_ANYTHING = JsonLines()

WRITER = f"""
import sys
sys.path[:0] = {SEARCH_PATH}
from instances.storage.layouts import JsonLines
from instances.storage.store import Store
with Store(sys.argv[1], JsonLines()) as store:
    for number in range(len(store.known), 100_000):
        store.add(str(number), {{"number": number}})
"""


class Point(NamedTuple):
    name: str
    x: float
    count: int


POINTS = rows_of(Point)
FIRST, SECOND = Point("one, and more", 1.5, 2), Point("two", float("inf"), 3)


def known(path: Path, layout: Any = MADE_BY_ANYTHING) -> dict[Any, Any]:
    with Store(path, layout) as store:
        return dict(store.known)


def test_records_are_kept_and_the_later_one_counts(tmp_path: Path) -> None:
    path = tmp_path / "lines"
    with Store(path, MADE_BY_ANYTHING) as store:
        store.add("a", {"x": 1})
        store.add("a", {"x": 2})
    assert known(path) == read(path, MADE_BY_ANYTHING) == {"a": {"x": 2}}


def test_without_a_file_they_are_in_memory() -> None:
    with Store(None, MADE_BY_ANYTHING) as store:
        store.add("a", {"x": 1})
        assert store.known == {"a": {"x": 1}}


def test_rows_stand_below_the_names_of_their_columns(tmp_path: Path) -> None:
    path = tmp_path / "rows.csv"
    with Store(path, POINTS) as store:
        store.add(FIRST, FIRST)
        store.append(SECOND, SECOND)
        assert list(store.known) == [FIRST]
    assert path.read_text() == 'name,x,count\n"one, and more",1.5,2\ntwo,inf,3\n'
    assert list(known(path, POINTS)) == [FIRST, SECOND]
    written = tmp_path / "written.csv"
    write(written, POINTS, {FIRST: FIRST, SECOND: SECOND})
    assert written.read_bytes() == path.read_bytes()


def test_rows_of_other_programs_end_as_they_like(tmp_path: Path) -> None:
    path = tmp_path / "rows.csv"
    path.write_bytes(b'name,x,count\r\n"one, and more",1.5,2\r\n')
    with Store(path, POINTS) as store:
        store.add(SECOND, SECOND)
    assert list(known(path, POINTS)) == [FIRST, SECOND]


def test_a_text_of_several_lines_becomes_one(tmp_path: Path) -> None:
    row = Point("one,\nand\n more", 1.5, 2)
    with Store(tmp_path / "rows.csv", POINTS) as store:
        store.add(row, row)
    assert list(known(tmp_path / "rows.csv", POINTS)) == [FIRST]


@pytest.mark.parametrize("broken", ["\n", "{}\n", "[1]\n", '{"key": "a"\n', '{"key": [], "record": 1}\n'])
@pytest.mark.parametrize("heading", ["", '{"made_by": {"diffload": "1"}}\n'])
def test_a_line_that_is_no_record_is_named_and_nothing_lost(heading: str, broken: str, tmp_path: Path) -> None:
    path = tmp_path / "lines"
    path.write_text(heading + '{"key": "a", "record": {}}\n' + broken + '{"key": ')
    before, line = path.read_bytes(), 3 if heading else 2
    with pytest.raises(DamagedError, match=f"lines, line {line}: expected a record with its key") as raised:
        known(path)
    assert raised.value.whole == {"a": {}}
    assert path.read_bytes() == before
    AppendOnlyFile(path).__enter__().close()  # nobody holds it


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("name,x\n", "rows.csv, line 1: expected the columns name, x, count"),
        ("\n", "rows.csv, line 1: expected the columns name, x, count"),
        ("name,x,count\na,1\n", "rows.csv, line 2: expected one number or text a column, got ValueError"),
        ("name,x,count\na,1,2\na,many,2\n", "rows.csv, line 3: expected one number or text a column"),
        ('name,x,count\na,1,2\n"a,1,2\n', "rows.csv, line 3: expected one number or text a column"),
    ],
)
def test_a_row_that_cannot_be_read_is_named(text: str, said: str, tmp_path: Path) -> None:
    path = tmp_path / "rows.csv"
    path.write_text(text)
    with pytest.raises(AppendError, match=said):
        known(path, POINTS)
    assert path.read_text() == text


def test_records_of_another_version_are_refused_and_those_without_one_are_read(tmp_path: Path) -> None:
    path, now = tmp_path / "lines", JsonLines({"diffload": "2", "numpy": "3"})
    with Store(path, JsonLines({"diffload": "2", "numpy": "1"})) as store:
        store.add("a", {"x": 1})
    with pytest.raises(AppendError, match="line 1: expected records made by numpy 3, got numpy 1; use another"):
        known(path, now)
    assert known(path) == {"a": {"x": 1}}, "who does not ask reads them all"
    older = tmp_path / "older"
    older.write_text('{"key": "a", "record": {"x": 1}}\n')
    assert known(older, now) == {"a": {"x": 1}}


def test_a_cut_off_heading_is_written_again(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "rows.csv"
    path.write_text("name,x")
    with Store(path, POINTS) as store:
        store.add(SECOND, SECOND)
    assert f"{path} ended in an incomplete line of 6 bytes, which is dropped" in capsys.readouterr().err
    assert list(known(path, POINTS)) == [SECOND]


def test_a_full_disk_leaves_whole_records_and_names_the_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "rows.csv"
    with Store(path, POINTS) as store:
        store.add(FIRST, FIRST)
        write_all = os.write
        monkeypatch.setattr(os, "write", lambda descriptor, data: write_all(descriptor, data[:2]))
        with pytest.raises(OSError, match="No space left") as raised:
            store.add(SECOND, SECOND)
        monkeypatch.undo()
        assert raised.value.filename == str(path)
        assert list(store.known) == list(read(path, POINTS)) == [FIRST]


def test_a_killed_writer_leaves_every_record_and_a_second_one_is_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "points.jsonl"
    (tmp_path / "claims_12.jsonl").symlink_to(path)
    writer = subprocess.Popen([sys.executable, "-c", WRITER, str(path)])
    try:
        assert wait_until(lambda: path.exists() and path.stat().st_size > 0, 30.0)
        with pytest.raises(AppendError, match="another run is writing this file"):
            known(path)
        for command in (figures.main, claims.main):
            assert command(["--out", str(tmp_path)]) == 2
            assert "another run is writing this file" in capsys.readouterr().err
    finally:
        writer.send_signal(signal.SIGKILL)
    assert writer.wait() == -signal.SIGKILL
    found = known(path)
    assert list(found) == [str(number) for number in range(len(found))]
    assert found["0"] == {"number": 0}
