"""Keeps standard output for what a command was asked for.

Libraries and plug-ins print too, in Python and below it. While a command runs, all that goes to standard error,
and the command writes to a stream of its own.
"""

from __future__ import annotations

import ctypes
import io
import os
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from typing import TextIO

from formulations.runtime import program

STDOUT, STDERR = 1, 2
"""Descriptors of the system's standard streams."""

_results: TextIO | None = None
_diverted: TextIO | None = None


def results() -> TextIO:
    """Return the stream for what a command was asked for: outside :func:`results_alone`, standard output."""
    return sys.stdout if _results is None else _results


@contextmanager
def results_alone() -> Iterator[None]:
    """Send to standard error whatever is printed while the block runs, but for what goes to :func:`results`.

    A stream that stands in place of standard output, as notebooks and tests have one, is written to as it is.
    What goes to a stream that is closed is dropped.
    """
    global _results, _diverted
    if _diverted is not None and sys.stdout is _diverted:  # a command that calls another
        yield
        return
    before = sys.stdout, sys.stderr, _results, _diverted
    with ExitStack() as stack:
        own = stack.enter_context(_descriptor_diverted())
        _results = stack.enter_context(_stream(before[0], own))
        if sys.stderr is None:
            sys.stderr = stack.enter_context(open(os.devnull, "w"))
        sys.stdout = _diverted = sys.stderr
        try:
            yield
        finally:
            sys.stdout, sys.stderr, _results, _diverted = before


@contextmanager
def _descriptor_diverted() -> Iterator[int]:
    """Let descriptor 1 lead to standard error, and give one that leads where it led before."""
    _open_closed()
    _flush()
    own = os.dup(STDOUT)
    os.dup2(STDERR, STDOUT)
    try:
        yield own
    finally:
        _flush()
        os.dup2(own, STDOUT)
        os.close(own)


def _open_closed() -> None:
    """Open standard streams that are closed, or files would get their numbers and be printed into."""
    for descriptor in range(STDERR + 1):
        try:
            os.fstat(descriptor)
        except OSError:
            os.open(os.devnull, os.O_RDWR)  # the lowest number that is free, which is this one


def _flush() -> None:
    """Write out what Python and the C library have in their buffers."""
    for stream in (sys.stdout, sys.stderr):
        with suppress(OSError, ValueError, AttributeError):
            stream.flush()
    with suppress(OSError, AttributeError):
        ctypes.CDLL(None).fflush(None)


@contextmanager
def _stream(stdout: TextIO | None, own: int) -> Iterator[TextIO]:
    """Give the stream of results: ``stdout`` itself, unless its descriptor is the one that leads elsewhere now."""
    if stdout is not None and not _writes_to_descriptor(stdout):
        yield stdout
        return
    stream = program.guarded(stdout, own)
    try:
        yield stream
    finally:
        stream.flush()
        if stdout is not None:
            program.tell(stdout, program.lost(stream))


def _writes_to_descriptor(stdout: TextIO) -> bool:
    try:
        return isinstance(stdout, io.TextIOWrapper) and stdout.fileno() == STDOUT
    except (OSError, ValueError):
        return False
