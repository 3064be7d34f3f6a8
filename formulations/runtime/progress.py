"""Shows how far a run is: a bar on a terminal or in a notebook, plain lines in a log."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.progress import Progress as RichProgress

NOW_AND_THEN = 10.0
"""Time between two lines of a log where each would say little [s]."""

_WIDTH = 20
"""Characters of a bar."""


def tell(text: str) -> None:
    """Print a line on standard error: what a long run has reached."""
    if sys.stderr is not None:  # closed, and print would take standard output in its place
        print(text, file=sys.stderr, flush=True)


class Progress:
    """Shows nothing; the base class of the displays below."""

    @contextmanager
    def of(self, title: str, total: int) -> Iterator[None]:
        """Enclose the run of ``total`` pieces of work."""
        yield

    def started(self, name: str) -> None:
        """Called when a piece of work starts, from any thread."""

    def finished(self, name: str, line: str = "", rest: str = "") -> None:
        """Called when a piece is done: a log shows ``line``, if there is one, a bar what is said of the rest."""


class Lines(Progress):
    """Plain lines, for logs.

    Attributes
    ----------
    every : float
        Least time between two of them [s]; the last one is always shown.
    """

    def __init__(self, every: float = 0.0) -> None:
        self._every, self._last, self._left = every, 0.0, 0

    @contextmanager
    def of(self, title: str, total: int) -> Iterator[None]:
        self._last, self._left = time.perf_counter(), total
        yield

    def finished(self, name: str, line: str = "", rest: str = "") -> None:
        self._left -= 1
        now = time.perf_counter()
        if line and (now - self._last >= self._every or self._left == 0):
            self._last = now
            tell(line)


class Rewritten(Progress):
    """One line with a bar that is written over itself, for notebooks, and empty in the end."""

    def __init__(self) -> None:
        self._title, self._count, self._done, self._longest = "", 0, 0, 0

    @contextmanager
    def of(self, title: str, total: int) -> Iterator[None]:
        self._title, self._count, self._done = title, total, 0
        self._show("")
        yield
        print("\r" + " " * self._longest + "\r", end="", flush=True)

    def started(self, name: str) -> None:
        self._show(name)

    def finished(self, name: str, line: str = "", rest: str = "") -> None:
        self._done += 1
        self._show(rest or name)

    def _show(self, text: str) -> None:
        full = _WIDTH * self._done // max(self._count, 1)
        bar = "#" * full + "." * (_WIDTH - full)
        line = f"{self._title} [{bar}] {self._done} of {self._count} {text}"
        self._longest = max(self._longest, len(line))
        print("\r" + line.ljust(self._longest), end="", flush=True)


class Bar(Progress):
    """A bar on the terminal that names what runs, removed at the end."""

    def __init__(self) -> None:
        self._bar: RichProgress | None = None
        self._running: list[str] = []
        self._rest = ""

    @contextmanager
    def of(self, title: str, total: int) -> Iterator[None]:
        from rich.console import Console
        from rich.progress import BarColumn, MofNCompleteColumn, SpinnerColumn, TextColumn, TimeElapsedColumn
        from rich.progress import Progress as RichProgress

        columns = (
            SpinnerColumn(),
            TextColumn("{task.description}", markup=False),
            BarColumn(_WIDTH),
            MofNCompleteColumn(),
            TimeElapsedColumn(),
            TextColumn("{task.fields[now]}", markup=False),
        )
        self._running, self._rest = [], ""
        with RichProgress(*columns, console=Console(stderr=not _in_notebook()), transient=True) as self._bar:
            self._bar.add_task(title, total=total, now="")
            yield
        self._bar = None

    def started(self, name: str) -> None:
        self._running.append(name)
        self._update(0)

    def finished(self, name: str, line: str = "", rest: str = "") -> None:
        if name in self._running:
            self._running.remove(name)
        self._rest = rest
        self._update(1)

    def _update(self, advance: int) -> None:
        if self._bar is not None:
            now = ", ".join(filter(None, (*self._running, self._rest)))
            self._bar.update(self._bar.task_ids[0], advance=advance, now=now)


def display(wanted: bool | None = True, every: float = 0.0) -> Progress:
    """Return the display that suits where somebody may watch.

    A notebook gets rich's bar where the widgets that it needs are installed, and a plain line else.

    Parameters
    ----------
    wanted : bool, optional
        None shows nothing in a log, False nothing at all.
    every : float
        Least time between two lines of a log [s].

    Raises
    ------
    TypeError
        If ``wanted`` is neither a boolean nor None.
    """
    if wanted is not None and not isinstance(wanted, bool):
        raise TypeError(f"progress: expected True, False or None, got {type(wanted).__name__}")
    if wanted is False:
        return Progress()
    if _in_notebook():
        return Bar() if find_spec("ipywidgets") else Rewritten()
    if sys.stderr is not None and sys.stderr.isatty():
        return Bar()
    return Lines(every) if wanted else Progress()


def duration(seconds: float) -> str:
    """A duration to read: ``8 s``, ``3 min``, ``2.5 h``."""
    if seconds < 90.0:
        return f"{seconds:.0f} s"
    return f"{seconds / 60.0:.0f} min" if seconds < 5400.0 else f"{seconds / 3600.0:.1f} h"


def _in_notebook() -> bool:
    """Whether a kernel of Jupyter runs this process."""
    shell = getattr(sys.modules.get("IPython"), "get_ipython", lambda: None)()
    return type(shell).__name__ == "ZMQInteractiveShell"
