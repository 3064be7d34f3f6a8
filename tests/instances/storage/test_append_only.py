"""Files of whole lines: what a writer adds is kept, whoever is killed, and nobody writes beside another."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from fakes import SEARCH_PATH
from processes import wait_until

from instances.storage.append_only import AppendError, AppendOnlyFile, whole_lines

LINE = b"x" * 5000 + b"\n"

WRITER = f"""
import sys
sys.path[:0] = {SEARCH_PATH}
from instances.storage.append_only import AppendOnlyFile
with AppendOnlyFile(sys.argv[1]) as file:
    file.drop_incomplete_line()
    for _ in range(100_000):
        file.append(b"x" * 5000 + b"\\n")
"""


def test_lines_come_back_and_an_incomplete_one_does_not(tmp_path: Path) -> None:
    path = tmp_path / "in" / "a" / "folder"
    with AppendOnlyFile(path) as file:
        file.append(b"one\n")
        assert list(whole_lines(path)) == [b"one\n"]
    path.write_bytes(b"one\n\ntwo\nthr")
    assert list(whole_lines(path)) == [b"one\n", b"\n", b"two\n"]
    with AppendOnlyFile(path) as file:
        assert path.read_bytes().endswith(b"thr"), "opening alone changes nothing"
        assert file.drop_incomplete_line() == 3
        assert file.drop_incomplete_line() == 0
        file.append(b"four\n")
    assert path.read_bytes() == b"one\n\ntwo\nfour\n"


def test_a_full_disk_leaves_the_file_as_it_was(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write = os.write
    with AppendOnlyFile(tmp_path / "file") as file:
        file.append(b"one\n")
        monkeypatch.setattr(os, "write", lambda descriptor, data: write(descriptor, data[:2]))
        with pytest.raises(OSError, match="No space left"):
            file.append(b"two\n")
        monkeypatch.undo()
        assert file.path.read_bytes() == b"one\n"


def test_a_line_is_on_the_disk_before_its_writer_goes_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    synced = []
    with AppendOnlyFile(tmp_path / "file") as file:
        monkeypatch.setattr(os, "fsync", lambda descriptor: synced.append(os.fstat(descriptor).st_size))
        file.append(b"one\n")
        file.append(b"two\n")
    assert synced == [4, 8]


def test_two_processes_never_write_together_and_a_killed_one_leaves_whole_lines(tmp_path: Path) -> None:
    path = tmp_path / "file"
    for _ in range(2):
        before = path.stat().st_size if path.exists() else 0
        writer = subprocess.Popen([sys.executable, "-c", WRITER, str(path)])
        try:
            assert wait_until(lambda start=before: path.exists() and path.stat().st_size > start, 30.0)
            with pytest.raises(AppendError, match="another run is writing this file, expected one at a time"):
                AppendOnlyFile(path).__enter__()
        finally:
            writer.send_signal(signal.SIGKILL)
        assert writer.wait() == -signal.SIGKILL
        with AppendOnlyFile(path) as file:
            file.drop_incomplete_line()
        assert set(whole_lines(path)) == {LINE}
        assert path.stat().st_size % len(LINE) == 0
        with path.open("ab") as file:
            file.write(LINE[:70])
