"""Records by key in a file: kept over a kill, by one process at a time."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path

import pytest
from fakes import SEARCH_PATH
from processes import wait_until

from instances.files.append_only import AppendError
from reports.formats.lines import Lines
from reports.papers.audit import command as claims
from reports.papers.figures import command as figures

WRITER = f"""
import sys
sys.path[:0] = {SEARCH_PATH}
from reports.formats.lines import Lines
with Lines(sys.argv[1]) as lines:
    for number in range(len(lines.known), 100_000):
        lines.add(str(number), {{"number": number}})
"""


def known(path: Path) -> dict[str, object]:
    with Lines(path) as lines:
        return dict(lines.known)


def test_records_are_kept_and_the_later_one_counts(tmp_path: Path) -> None:
    path = tmp_path / "lines"
    with Lines(path) as lines:
        lines.add("a", {"x": 1})
        lines.add("a", {"x": 2})
    assert known(path) == {"a": {"x": 2}}


def test_without_a_file_they_are_in_memory() -> None:
    lines = Lines()
    lines.add("a", {"x": 1})
    assert lines.known == {"a": {"x": 1}}


@pytest.mark.parametrize("broken", ["\n", "{}\n", "[1]\n", '{"key": "a"\n', '{"key": [], "record": 1}\n'])
def test_a_line_that_is_no_record_is_named_and_nothing_lost(broken: str, tmp_path: Path) -> None:
    path = tmp_path / "lines"
    path.write_text('{"key": "a", "record": {}}\n' + broken + '{"key": ')
    before = path.read_bytes()
    with pytest.raises(AppendError, match="lines, line 2: expected a record with its key"):
        known(path)
    assert path.read_bytes() == before


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
