"""Times denoising steps at several batch sizes, with progress on standard error."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import count
from typing import Protocol

from formulations.runtime.progress import display, tell
from instances.calibration.line import Timing


class Step(Protocol):
    """What is timed."""

    def seconds(self, batch: int) -> float:
        """Return the time of one step of a batch [s]."""
        ...


_LACK_OF_MEMORY = ("out of memory", "can't allocate memory", "not enough memory", "alloc_failed")
"""What torch, CUDA and its libraries say, in small letters; on a processor it is a plain RuntimeError."""


def is_lack_of_memory(fault: BaseException) -> bool:
    """Return whether an error says that the memory of the processor or the GPU is exhausted."""
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
    total, progress, done = (warmups + rounds) * len(sizes), display(), count(1)
    with progress.of("measuring", total):
        for turn in range(1 - warmups, rounds + 1):
            for batch in sizes:
                try:
                    seconds = step.seconds(batch)
                except (MemoryError, RuntimeError) as fault:
                    if not is_lack_of_memory(fault):
                        raise
                    sizes = [size for size in sizes if size < batch]
                    timings = [timing for timing in timings if timing.batch < batch]
                    tell(f"batch {batch} does not fit in the memory; larger ones are left out")
                    break
                now = f"batch {batch}: {seconds:.4f} s"
                progress.finished("", line=f"step {next(done)} of {total}, {now}", rest=now)
                if turn > 0:
                    timings.append(Timing(batch, turn, seconds))
    return timings
