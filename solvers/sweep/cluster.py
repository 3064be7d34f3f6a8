"""Runs tasks of a sweep on workers of dask.distributed, on this machine or on a cluster.

A worker that dies takes nothing with it: its runs, and the instances it held, go to another one.
"""

from __future__ import annotations

import secrets
import signal
import time
from collections import Counter, deque
from collections.abc import Iterator, Sequence
from concurrent.futures import CancelledError
from contextlib import ExitStack, contextmanager, suppress
from importlib.metadata import version
from pathlib import Path

import dask
from distributed import Client, Future, LocalCluster, as_completed
from distributed.scheduler import KilledWorker

from formulations.runtime.program import UsageError, say
from formulations.runtime.version import versions
from solvers.sweep.ledger_record import Recorded
from solvers.sweep.payload import Refused, hand_over, pack, perform_payload
from solvers.sweep.run_tasks import Finished, Lost, SweepError
from solvers.sweep.task import Task

PACKAGE = "diffload"

DEATHS_ALLOWED = 10
"""Workers of this machine that may die over one run before it is given up as their cause."""

CONNECT_SECONDS = 15.0
"""How long a scheduler may take to answer at first."""

AHEAD = 4
"""Runs per worker that the scheduler is given ahead, so that no worker waits and no more instances are sent."""

_SETTINGS = {
    "distributed.scheduler.allowed-failures": DEATHS_ALLOWED,
    # A kernel of our own holds the interpreter: a worker that does not answer for minutes is not dead.
    "distributed.scheduler.worker-ttl": None,
    # Instances are large on purpose.
    "distributed.admin.large-graph-warning-threshold": "1TB",
    "distributed.worker.memory.terminate": False,
}


class Cluster:
    """Runs tasks on the workers of a scheduler; see :class:`solvers.sweep.run_tasks.Scheduler`."""

    def __init__(self, client: Client) -> None:
        self._client = client

    def run(self, tasks: Sequence[Task], finished: Finished) -> None:
        """Run all tasks, those of one instance after those of another."""
        run = _Run(self._client, tasks)
        try:
            for future in run.completed:
                task, value = run.take(future)
                finished(task, value)
                run.send()
        except BaseException:
            run.stop()
            raise
        if run.running or run.waiting:
            raise SweepError("lost the scheduler before all runs were done; what is done is kept")


class _Run:
    """Tasks that wait, and those that the scheduler has."""

    def __init__(self, client: Client, tasks: Sequence[Task]) -> None:
        self.client = client
        self.waiting = deque(tasks)
        self.running: dict[Future, Task] = {}
        self.completed = as_completed([])
        self._name = secrets.token_hex(4)
        self._count = 0
        self._left = Counter(task.instance.sha256 for task in tasks)
        self._payloads: dict[str, Future] = {}
        self._room = 0
        self._counted = 0.0
        self.send()

    def send(self) -> None:
        """Give the scheduler as much as its workers need for the near future."""
        now = time.monotonic()
        if now - self._counted > 1.0:
            self._counted = now
            self._room = AHEAD * max(1, sum(self.client.nthreads().values()))
        while self.waiting and len(self.running) < self._room:
            task = self.waiting.popleft()
            self._count += 1
            future = self.client.submit(
                perform_payload,
                self._payload(task),
                task.method,
                task.seed,
                task.limits,
                dict(versions()),
                key=f"{task.method.name}-{self._name}-{self._count}",
                pure=False,
            )
            self.running[future] = task
            self.completed.add(future)

    def _payload(self, task: Task) -> Future:
        sha256 = task.instance.sha256
        if sha256 not in self._payloads:
            key = f"instance-{self._name}-{sha256[:16]}"
            self._payloads[sha256] = self.client.submit(hand_over, pack(task.instance), key=key, pure=False)
        return self._payloads[sha256]

    def take(self, future: Future) -> tuple[Task, Recorded | Lost]:
        """The value of a task that has ended; the scheduler forgets it, and its instance after the last one."""
        task = self.running.pop(future)
        value = _value(task, future)
        future.release()
        self._left[task.instance.sha256] -= 1
        if not self._left[task.instance.sha256]:
            self._payloads.pop(task.instance.sha256).release()
        return task, value

    def stop(self) -> None:
        """Take back what no worker has begun; what runs on another machine runs to its end there, unread."""
        with suppress(Exception):
            self.client.cancel([*self.running, *self._payloads.values()])


def _value(task: Task, future: Future) -> Recorded | Lost:
    try:
        value: Recorded = future.result()
    except KilledWorker:
        return Lost("every worker that ran it died")
    except Refused as fault:
        raise SweepError(f"a worker refused {task.name}: {fault}") from None
    except CancelledError:
        raise SweepError(f"lost the scheduler, or it dropped {task.name}; what is done is kept") from None
    except Exception as fault:
        raise SweepError(
            f"a worker cannot run {task.name} ({type(fault).__name__}: {fault}); "
            "is the same diffload installed there?"
        ) from None
    return value


@contextmanager
def local(workers: int) -> Iterator[Cluster]:
    """Workers on this machine for as long as the block runs, each a process with one thread."""
    with ExitStack() as stack:
        stack.enter_context(dask.config.set(_SETTINGS))
        with _interrupts_held():
            cluster = LocalCluster(
                n_workers=workers,
                threads_per_worker=1,
                processes=True,
                memory_limit=0,
                dashboard_address="127.0.0.1:0",
                silence_logs="CRITICAL",
            )
            client = stack.enter_context(Client(stack.enter_context(cluster)))
        yield Cluster(client)


@contextmanager
def _interrupts_held() -> Iterator[None]:
    """Keep Ctrl-C waiting for as long as the block runs, and from all threads and processes begun in it for good.

    A terminal sends it to workers too: they would end in tracebacks, and the sweep in this thread decides.
    """
    from multiprocessing import resource_tracker  # not on every system

    resource_tracker.ensure_running()  # the first process to be begun starts it, and it lets all signals through
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGINT})


@contextmanager
def connected(scheduler: str) -> Iterator[Cluster]:
    """Workers of a scheduler that runs already, given its address or the file that it writes.

    Raises
    ------
    UsageError
        If it does not answer.
    """
    where = {"scheduler_file": scheduler} if Path(scheduler).is_file() else {"address": scheduler}
    with dask.config.set(_SETTINGS):
        try:
            client = Client(**where, timeout=CONNECT_SECONDS)
        except (OSError, ValueError, TimeoutError) as fault:
            raise UsageError(f"expected a scheduler at '{scheduler}', got none ({fault})") from None
        with client:
            _await_workers(client, scheduler)
            _check_installed(client)
            yield Cluster(client)


def _check_installed(client: Client) -> None:
    """See that workers have this package: without it they would end at whatever they are sent, again and again.

    Raises
    ------
    UsageError
        If one has not.
    """
    # A function of Python's own, which every worker can load.
    answers = client.run(version, PACKAGE, on_error="return")
    for worker, answer in answers.items():
        if answer != versions()[PACKAGE]:
            expected = f"{PACKAGE} {versions()[PACKAGE]}"
            raise UsageError(f"expected {expected} on the worker {worker}, got {answer!r}")


def _await_workers(client: Client, scheduler: str) -> None:
    """Wait for the first worker, for as long as its queue lets it wait."""
    if client.nthreads():
        return
    say(f"no worker has joined {scheduler} yet, waiting for the first one")
    while not client.nthreads():
        time.sleep(0.5)
