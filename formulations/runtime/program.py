"""How a command begins and ends: streams that are closed or full, signals that end it, its exit status.

Every command runs as ``sys.exit(program.run(main))``; ``main`` itself then needs no word about any of this.
"""

from __future__ import annotations

import errno
import io
import os
import signal
import sys
import warnings
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from difflib import get_close_matches
from typing import Any, TextIO

UNWRITTEN = 1
"""Exit status where what was asked for could not be written."""

UNUSABLE = 2
"""Exit status where an argument or a file cannot be used."""

INTERRUPTED = 130
"""Exit status after Ctrl-C."""


_WRONG_PATH = (FileNotFoundError, FileExistsError, IsADirectoryError, NotADirectoryError, PermissionError)
"""Faults of a path that was given, in contrast to those of the disk."""


class CommandError(Exception):
    """Why a command cannot do its work; the message is one sentence.

    Attributes
    ----------
    status : int
        Exit status of the command.
    """

    status = UNWRITTEN


class UsageError(CommandError, ValueError):
    """Something given that cannot be used; the message is one sentence."""

    status = UNUSABLE


class NoSuchNameError(UsageError, KeyError):
    """A name that nothing bears; the message is one sentence."""

    def __str__(self) -> str:
        return str(self.args[0])  # a KeyError shows it in quotation marks


class PlugInWarning(UserWarning):
    """Something that another package brings cannot be used; the message is one sentence."""


def one_line(text: str) -> str:
    """Text with line breaks, control characters and lone surrogates escaped, so that it prints anywhere."""
    return "".join(
        character if character.isprintable() else character.encode("unicode_escape").decode("ascii")
        for character in text
    )


def suggestion(name: str, known: Iterable[str]) -> str:
    """A clause that names the known name closest to an unknown one, empty where none is close.

    >>> suggestion("price-serach", ["price-search", "kkt"])
    ' (did you mean price-search?)'
    """
    close = get_close_matches(name[:100], list(known), n=1)
    return f" (did you mean {close[0]}?)" if close else ""


def say(text: str) -> None:
    """Say something in a line on standard error."""
    if sys.stderr is not None:  # closed, and print would take standard output in its place
        print(f"diffload: {one_line(text)}", file=sys.stderr, flush=True)


def run(main: Callable[[], int | None]) -> int:
    """Run a command and return its exit status.

    - A standard stream that is closed takes everything and keeps nothing. One that cannot be written to is said
      in a sentence in the end; a reader that goes away, as ``head`` does, is nothing to speak of.
    - SIGTERM and SIGHUP end the command as Ctrl-C does, with 128 + their number as exit status.
    - A file that cannot be written or read, and that ``main`` says nothing about, is one sentence. The status is 2
      where the path is wrong or may not be used, and 1 where the disk fails.
    """
    _open_closed_streams()
    with _warnings_in_a_sentence(), _ended_by_signals() as received:
        try:
            status = main() or 0
        except KeyboardInterrupt:
            status = INTERRUPTED
        except SystemExit as ended:
            status = _status(ended.code)
        except CommandError as fault:
            say(str(fault))
            status = fault.status
        except OSError as fault:
            say(_sentence(fault))
            status = UNUSABLE if isinstance(fault, _WRONG_PATH) else UNWRITTEN
    if received and status == INTERRUPTED:
        status = 128 + received[0]
    sys.stdout.flush()
    failed = lost(sys.stdout)
    if failed is not None and failed.errno != errno.EPIPE:
        say(f"cannot write to standard output ({failed.strerror or failed})")
        status = status or UNWRITTEN
    sys.stderr.flush()
    return status


def lost(stream: TextIO) -> OSError | None:
    """Why nothing written to a standard stream arrives any more, None where it does."""
    return stream.failure if isinstance(stream, _Guarded) else None


def tell(stream: TextIO, failure: OSError | None) -> None:
    """Let :func:`lost` say of a stream what happened to another that wrote in its place."""
    if isinstance(stream, _Guarded) and failure is not None:
        stream.failure = failure


class _Guarded(io.TextIOWrapper):
    """A stream that sends everything to the null device once it cannot be written to, and keeps why."""

    failure: OSError | None = None

    def write(self, text: str) -> int:
        try:
            return super().write(text)
        except OSError as fault:
            self._lose(fault)
            return len(text)

    def flush(self) -> None:
        try:
            super().flush()
        except OSError as fault:
            self._lose(fault)

    def _lose(self, fault: OSError) -> None:
        self.failure = fault
        null = os.open(os.devnull, os.O_WRONLY)
        os.dup2(null, self.fileno())
        os.close(null)
        super().flush()  # of what is still in its buffers


def _open_closed_streams() -> None:
    """Have the three standard streams open, guarded, and able to print any letter.

    Files opened later would take the numbers of closed ones, and get what is meant for these.
    """
    for number, closed in enumerate((sys.stdin is None, sys.stdout is None, sys.stderr is None)):
        if closed:
            null = os.open(os.devnull, os.O_RDWR)
            if null != number:
                os.dup2(null, number)
                os.close(null)
            os.set_inheritable(number, True)  # child processes need them as well
    sys.stdin = sys.stdin or io.TextIOWrapper(io.FileIO(0, closefd=False), encoding="utf-8")
    sys.stdout = _standard(sys.stdout, 1)
    sys.stderr = _standard(sys.stderr, 2)


def _standard(stream: TextIO | None, number: int) -> TextIO:
    """The same stream, but guarded; another than Python's own, as a development environment has, stays."""
    if stream is not None and not isinstance(stream, io.TextIOWrapper):
        return stream
    if stream is not None:
        stream.flush()
        number = stream.fileno()
    return guarded(stream, number)


def guarded(stream: TextIO | None, number: int) -> TextIO:
    """Return a stream like another that writes to a descriptor, and whose failure :func:`lost` tells."""
    return _Guarded(
        io.BufferedWriter(io.FileIO(number, "w", closefd=False)),
        encoding="utf-8" if stream is None else stream.encoding,
        errors="backslashreplace",
        line_buffering=isinstance(stream, io.TextIOWrapper) and stream.line_buffering,
    )


@contextmanager
def _ended_by_signals() -> Iterator[list[int]]:
    """Do what Ctrl-C does on the first signal that asks for an end, and yield what came.

    Later ones change nothing: ``timeout`` sends two, and what the first began must be able to finish.
    """
    received: list[int] = []

    def end(number: int, frame: Any) -> None:
        received.append(number)
        if len(received) > 1:
            return
        if signal.getsignal(signal.SIGINT) in (signal.SIG_IGN, None):  # as in a background job of a script
            raise KeyboardInterrupt
        signal.raise_signal(signal.SIGINT)

    numbers = [getattr(signal, name) for name in ("SIGTERM", "SIGHUP") if hasattr(signal, name)]
    taken = [number for number in numbers if signal.getsignal(number) is signal.SIG_DFL]  # nohup ignores one
    for number in taken:
        signal.signal(number, end)
    try:
        yield received
    finally:
        for number in taken:
            signal.signal(number, signal.SIG_DFL)


@contextmanager
def _warnings_in_a_sentence() -> Iterator[None]:
    """Print our own warnings as what they are, a sentence."""
    usual = warnings.formatwarning

    def formatted(message: Any, category: type[Warning], *place: Any, **more: Any) -> str:
        if issubclass(category, PlugInWarning):
            return f"diffload: {message}\n"
        return usual(message, category, *place, **more)

    warnings.formatwarning = formatted
    try:
        yield
    finally:
        warnings.formatwarning = usual


def _status(code: Any) -> int:
    """Exit status that a ``SystemExit`` asks for; a text is printed."""
    if code is None or isinstance(code, int):
        return code or 0
    print(code, file=sys.stderr)
    return 1


def _sentence(fault: OSError) -> str:
    place = f"{fault.filename}: " if fault.filename is not None else ""
    return f"{place}expected a file that can be read and written, got an error ({fault.strerror or fault})"
