"""Files that grow by whole lines, written by one process at a time, which survive a killed writer.

A line is written by a single system call and put on the disk before its writer goes on; one that a killed writer
left incomplete has no end of line and counts as nothing.
"""

from __future__ import annotations

import errno
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from formulations.runtime.program import UsageError
from instances.storage.atomic import sync_folder
from instances.storage.lock import lock


class AppendError(UsageError):
    """A file of lines that cannot be used; the message is one sentence."""


def whole_lines(path: Path) -> Iterator[bytes]:
    """Return the complete lines of a file, ends included; somebody may be writing it.

    Raises
    ------
    OSError
        If there is no such file.
    """
    with path.open("rb") as file:
        for line in file:
            if line.endswith(b"\n"):
                yield line


class AppendOnlyFile:
    """A file of lines that this process alone writes while the context is open.

    Attributes
    ----------
    path : Path
        The file, made where there is none, with its folder.
    """

    def __init__(self, path: str | os.PathLike[str]) -> None:
        self.path = Path(path)
        self._descriptor = -1

    def __enter__(self) -> AppendOnlyFile:
        """Lock it; nothing is changed yet.

        Raises
        ------
        AppendError
            If another process writes it, or its file system has no locks.
        OSError
            If it cannot be written to.
        """
        self.path.parent.mkdir(parents=True, exist_ok=True)
        self._descriptor = os.open(self.path, os.O_RDWR | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o666)
        with self.closed_on_failure():
            self._lock()
            sync_folder(self.path.parent)
        return self

    @contextmanager
    def closed_on_failure(self) -> Iterator[None]:
        """Let others write the file where the block fails."""
        try:
            yield
        except BaseException:
            self.close()
            raise

    def __exit__(self, *_: object) -> None:
        """Let others write it."""
        self.close()

    def drop_incomplete_line(self) -> int:
        """Cut off what a killed writer left behind the last whole line; returns its length in bytes."""
        complete = sum(map(len, whole_lines(self.path)))
        dropped = self.size - complete
        if dropped:
            self._cut(complete)
        return dropped

    def append(self, line: bytes) -> None:
        """Add a line, its end included, which is on the disk when this returns.

        Raises
        ------
        OSError
            If it cannot be written; the file is then as it was.
        """
        before = self.size
        try:
            if os.write(self._descriptor, line) < len(line):
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
            os.fsync(self._descriptor)
        except OSError as fault:
            self._cut(before)
            raise OSError(fault.errno, fault.strerror, str(self.path)) from None

    @property
    def size(self) -> int:
        """Its length in bytes."""
        return os.fstat(self._descriptor).st_size

    def close(self) -> None:
        """Let others write it; nothing where it is closed already."""
        if self._descriptor >= 0:
            os.close(self._descriptor)
            self._descriptor = -1

    def _lock(self) -> None:
        try:
            alone = lock(self._descriptor)
        except OSError as fault:
            got = f"got an error ({fault.strerror})"
            raise AppendError(f"{self.path}: expected a file system with locks, {got}") from None
        if not alone:
            raise AppendError(f"{self.path}: another run is writing this file, expected one at a time")

    def _cut(self, size: int) -> None:
        os.ftruncate(self._descriptor, size)
        os.fsync(self._descriptor)
