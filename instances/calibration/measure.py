"""Times denoising steps at several batch sizes, with progress on standard error."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Protocol

from instances.calibration.line import Timing


class Step(Protocol):
    """What is timed."""

    def seconds(self, batch: int) -> float:
        """Time of one step of a batch [s]."""
        ...


_LACK_OF_MEMORY = ("out of memory", "can't allocate memory", "not enough memory", "alloc_failed")
"""What torch, CUDA and its libraries say, in small letters; on a processor it is a plain RuntimeError."""


def is_lack_of_memory(fault: BaseException) -> bool:
    """Whether an error says that the memory of the processor or the GPU is exhausted."""
    said = str(fault).lower()
    return isinstance(fault, MemoryError) or (
        isinstance(fault, RuntimeError) and any(words in said for words in _LACK_OF_MEMORY)
    )


def measure(step: Step, batches: Sequence[int], rounds: int, warmups: int) -> list[Timing]:
    """Time every batch size once a round, so that a slow drift of the clock speeds falls on all alike.

    Parameters
    ----------
    step : Step
        What is timed.
    batches : sequence of int
        Batch sizes; from the first that exhausts the memory on, the larger ones are left out.
    rounds, warmups : int
        Rounds that count, and rounds before them that do not.
    """
    sizes, timings = sorted(set(batches)), list[Timing]()
    with _progress((warmups + rounds) * len(sizes)) as advance:
        for turn in range(1 - warmups, rounds + 1):
            for batch in sizes:
                try:
                    seconds = step.seconds(batch)
                except (MemoryError, RuntimeError) as fault:
                    if not is_lack_of_memory(fault):
                        raise
                    sizes = [size for size in sizes if size < batch]
                    timings = [timing for timing in timings if timing.batch < batch]
                    print(f"batch {batch} does not fit in the memory; larger ones are left out", file=sys.stderr)
                    break
                advance(f"batch {batch}: {seconds:.4f} s")
                if turn > 0:
                    timings.append(Timing(batch, turn, seconds))
    return timings


@contextmanager
def _progress(total: int) -> Iterator[Callable[[str], None]]:
    """A bar on a terminal, a line for every step elsewhere; on standard error."""
    if sys.stderr.isatty():
        from rich.console import Console
        from rich.progress import Progress

        with Progress(console=Console(stderr=True), transient=True) as bar:
            task = bar.add_task("measuring", total=total)
            yield lambda text: bar.update(task, advance=1, description=text)
    else:
        done = iter(range(1, total + 1))
        yield lambda text: print(f"step {next(done)} of {total}, {text}", file=sys.stderr, flush=True)
