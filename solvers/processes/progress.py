"""Shows on standard error what is being solved."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

from solvers.processes.schedule import Job

if TYPE_CHECKING:
    from rich.progress import Progress as Bar
    from rich.progress import TaskID


class Progress:
    """Shows nothing; the base class of the displays below."""

    @contextmanager
    def of(self, title: str, jobs: Sequence[Job]) -> Iterator[None]:
        """Enclose the run of all jobs of one comparison."""
        yield

    def started(self, job: Job) -> None:
        """Called when a job starts, from any thread."""

    def finished(self, job: Job, value: Any) -> None:
        """Called when a job is done."""


class Lines(Progress):
    """One plain line for every job that ran in a child process, for logs; quick jobs get none."""

    def __init__(self) -> None:
        self._title = ""
        self._began = 0.0

    @contextmanager
    def of(self, title: str, jobs: Sequence[Job]) -> Iterator[None]:
        self._title, self._began = title, time.perf_counter()
        yield

    def finished(self, job: Job, value: Any) -> None:
        if job.isolated:
            status = getattr(value, "status", "done")
            seconds = time.perf_counter() - self._began
            print(f"{self._title}: {job.name} {status} after {seconds:.1f} s", file=sys.stderr, flush=True)


class Rewritten(Progress):
    """One line with a bar that is written over itself, for notebooks, and empty in the end."""

    _WIDTH = 20

    def __init__(self) -> None:
        self._title, self._count, self._done, self._longest = "", 0, 0, 0

    @contextmanager
    def of(self, title: str, jobs: Sequence[Job]) -> Iterator[None]:
        self._title, self._count, self._done = title, len(jobs), 0
        self._show("")
        yield
        print("\r" + " " * self._longest + "\r", end="", flush=True)

    def started(self, job: Job) -> None:
        self._show(job.name)

    def finished(self, job: Job, value: Any) -> None:
        self._done += 1
        self._show(job.name)

    def _show(self, name: str) -> None:
        full = self._WIDTH * self._done // max(self._count, 1)
        bar = "#" * full + "." * (self._WIDTH - full)
        line = f"{self._title} [{bar}] {self._done} of {self._count} {name}"
        self._longest = max(self._longest, len(line))
        print("\r" + line.ljust(self._longest), end="", flush=True)


class Spinner(Progress):
    """A line on the terminal that names what runs, removed at the end."""

    def __init__(self) -> None:
        self._bar: Bar | None = None
        self._task: TaskID | None = None
        self._running: dict[Job, None] = {}

    @contextmanager
    def of(self, title: str, jobs: Sequence[Job]) -> Iterator[None]:
        from rich.console import Console
        from rich.markup import escape
        from rich.progress import MofNCompleteColumn, SpinnerColumn, TextColumn, TimeElapsedColumn
        from rich.progress import Progress as Bar

        columns = (
            SpinnerColumn(),
            TextColumn(escape(title)),
            MofNCompleteColumn(),
            TimeElapsedColumn(),
            TextColumn("{task.fields[running]}", markup=False),
        )
        self._running.clear()
        with Bar(*columns, console=Console(stderr=not _in_notebook()), transient=True) as self._bar:
            self._task = self._bar.add_task(title, total=len(jobs), running="")
            yield
        self._bar = None

    def started(self, job: Job) -> None:
        self._running[job] = None
        self._update(0)

    def finished(self, job: Job, value: Any) -> None:
        self._running.pop(job, None)
        self._update(1)

    def _update(self, advance: int) -> None:
        if self._bar is not None and self._task is not None:
            names = ", ".join(job.name for job in list(self._running))
            self._bar.update(self._task, advance=advance, running=names)


def display_for(wanted: bool | None) -> Progress:
    """Return the display for a call from Python: by default one where somebody watches.

    A notebook gets rich's bar where the widgets that it needs are installed, and a plain line else.

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
        return Spinner() if find_spec("ipywidgets") else Rewritten()
    if sys.stderr is not None and sys.stderr.isatty():
        return Spinner()
    return Lines() if wanted else Progress()


def _in_notebook() -> bool:
    """Whether a kernel of Jupyter runs this process."""
    shell = getattr(sys.modules.get("IPython"), "get_ipython", lambda: None)()
    return type(shell).__name__ == "ZMQInteractiveShell"
