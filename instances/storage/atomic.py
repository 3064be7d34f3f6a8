"""Writes files so that a killed writer leaves either the old file or the complete new one."""

from __future__ import annotations

import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from errno import EISDIR
from pathlib import Path
from typing import BinaryIO

from formulations.errors import InstanceError
from instances.storage.file_names import cut


@contextmanager
def replacing(path: str | os.PathLike[str]) -> Iterator[BinaryIO]:
    """Open a new file that takes the place of ``path`` once it is complete and on the disk.

    The data goes to a file beside ``path``, which is flushed to the disk and then renamed over it in one step;
    if the block raises, that file is removed and ``path`` stays as it was.

    Raises
    ------
    OSError
        If the folder cannot be written to or the disk is full.
    """
    target = Path(os.path.realpath(path))
    partial = target.with_name(f".{cut(target.name)}.{secrets.token_hex(8)}.partial")
    try:
        with partial.open("xb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        partial.replace(target)
    except BaseException:
        partial.unlink(missing_ok=True)
        raise
    sync_folder(target.parent)


@contextmanager
def writing(place: str | os.PathLike[str]) -> Iterator[None]:
    """Enclose what writes to a file or folder, so that a full disk is a sentence.

    Raises
    ------
    InstanceError
        If the block raises an OSError.
    """
    try:
        yield
    except OSError as fault:
        raise InstanceError(f"cannot write to '{os.fsdecode(place)}' ({fault.strerror or fault})") from None


def check_replaceable(path: str | os.PathLike[str]) -> None:
    """Raise what :func:`replacing` would raise where the file cannot be written, and leave nothing behind.

    Raises
    ------
    OSError
        If the folder cannot be written to, or ``path`` is a folder itself.
    """
    target = Path(os.path.realpath(path))
    if target.is_dir():
        raise IsADirectoryError(EISDIR, os.strerror(EISDIR), str(target))
    probe = target.with_name(f".{cut(target.name)}.{secrets.token_hex(8)}.partial")
    probe.open("xb").close()
    probe.unlink()


def sync_folder(folder: Path) -> None:
    """Put new and renamed files of a folder on the disk, where the system lets a folder be opened."""
    if os.name == "posix":
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
