"""Locks that keep two runs from writing the same place; the system releases them when a process ends."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from formulations.runtime.program import UsageError


class LockedError(UsageError):
    """Another run writes the same place; the message is one sentence."""


def lock(descriptor: int) -> bool:
    """Lock an open file or folder for this process, and return whether it could be had: another may hold it.

    Raises
    ------
    OSError
        If its file system has no locks.
    """
    import fcntl

    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


@contextmanager
def only_writer(folder: Path) -> Iterator[None]:
    """Hold a folder that is there, where the system has locks for folders: else there is nothing to hold.

    Raises
    ------
    LockedError
        If another run holds it.
    """
    descriptor = -1
    try:
        try:
            descriptor = os.open(folder, os.O_RDONLY | getattr(os, "O_CLOEXEC", 0))
            alone = lock(descriptor)
        except (OSError, ImportError):
            alone = True
        if not alone:
            raise LockedError(f"{folder}: another run is writing into this folder, expected one at a time")
        yield
    finally:
        if descriptor >= 0:
            os.close(descriptor)
