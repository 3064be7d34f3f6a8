"""Schedules jobs: quick ones one after another, isolated ones side by side."""

from __future__ import annotations

import math
import os
import time
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, as_completed
from dataclasses import dataclass
from threading import Event
from typing import Any

from formulations.runtime.interrupts import never_lost
from solvers.processes import isolation

LONGEST_SECONDS = 15.0
"""Default time limit of one method [s], where all of them fit into ``TOGETHER_SECONDS``."""

TOGETHER_SECONDS = 45.0
"""What the isolated jobs of one instance may take altogether by default [s]."""

POLL_SECONDS = 0.05
"""How often an interrupted run stops what is still starting [s]."""


@dataclass(frozen=True, eq=False)
class Job:
    """Something to run: ``work`` blocks until its value is there.

    Attributes
    ----------
    name : str
        What progress calls it.
    isolated : bool
        Whether ``work`` only waits for a child process, so that several may run side by side.
    work : callable
        Returns the job's value; raises only on a fault of this program.
    """

    name: str
    isolated: bool
    work: Callable[[], Any]


def workers(threads: int) -> int:
    """How many isolated jobs fit side by side, each with ``threads`` threads, on the cores allowed to us."""
    return max(1, cores() // threads)


def cores() -> int:
    """Number of cores that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def default_time_limit(isolated_jobs: int, side_by_side: int) -> float:
    """Time limit of one method [s] that keeps all isolated jobs of an instance within ``TOGETHER_SECONDS``."""
    rounds = math.ceil(isolated_jobs / side_by_side)
    return LONGEST_SECONDS if rounds == 0 else min(LONGEST_SECONDS, TOGETHER_SECONDS / rounds)


def run_all(
    jobs: Sequence[Job],
    side_by_side: int,
    started: Callable[[Job], None],
    finished: Callable[[Job, Any], None],
) -> None:
    """Run every job: the quick ones first and in order, then the isolated ones in a pool of threads.

    ``finished`` is called here in this thread, ``started`` also in the pool's.

    Raises
    ------
    KeyboardInterrupt
        On Ctrl-C, once no child process is left; ``finished`` has been called for all that was done. What a job
        returns after it has swallowed Ctrl-C is dropped.
    """
    with never_lost() as raise_interrupt:

        def finished_well(job: Job, value: Any) -> None:
            raise_interrupt()
            finished(job, value)

        for job in jobs:
            if not job.isolated:
                started(job)
                finished_well(job, job.work())
        isolated = [job for job in jobs if job.isolated]
        if isolated:
            _run_side_by_side(isolated, side_by_side, started, finished_well)


def _run_side_by_side(
    jobs: Sequence[Job],
    side_by_side: int,
    started: Callable[[Job], None],
    finished: Callable[[Job, Any], None],
) -> None:
    stopping = Event()

    def start(job: Job) -> Any:
        if stopping.is_set():
            return None
        started(job)
        return job.work()

    pool = ThreadPoolExecutor(max_workers=side_by_side, thread_name_prefix="isolated")
    futures: dict[Future[Any], Job] = {}
    try:
        futures.update((pool.submit(start, job), job) for job in jobs)
        for future in as_completed(futures):
            finished(futures[future], future.result())
    except BaseException:
        stopping.set()
        pool.shutdown(wait=False, cancel_futures=True)
        _stop_children(futures)
        raise
    pool.shutdown()


def _stop_children(futures: Iterable[Future[Any]]) -> None:
    """Stop every child process, also one that a thread of the pool was just about to start."""
    isolation.stop_all()
    while not all(future.done() for future in futures):
        time.sleep(POLL_SECONDS)
        isolation.stop_all()
