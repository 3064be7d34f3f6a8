"""Which jobs run when."""

from __future__ import annotations

import threading
import time
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from solvers.processes.schedule import TOGETHER_SECONDS, Job, cores, default_time_limit, run_all, workers


@given(st.integers(0, 60), st.integers(1, 16))
def test_the_default_limit_keeps_all_jobs_within_their_time(jobs: int, side_by_side: int) -> None:
    limit = default_time_limit(jobs, side_by_side)
    busiest = -(-jobs // side_by_side)
    assert 0.0 < limit <= 15.0
    assert busiest * limit <= TOGETHER_SECONDS * (1.0 + 1e-12)
    if busiest <= 3:
        assert limit == 15.0


def test_workers_share_the_cores_among_threads() -> None:
    assert workers(1) == cores()
    assert workers(1000) == 1


def test_quick_jobs_come_first_and_in_order_then_the_others_side_by_side() -> None:
    meeting = threading.Barrier(2, timeout=10.0)
    order: list[str] = []

    def work(name: str, value: int) -> Job:
        return Job(name, False, lambda: value)

    def meet(name: str) -> Job:
        return Job(name, True, meeting.wait)

    values: dict[str, Any] = {}

    def finished(job: Job, value: Any) -> None:
        order.append(job.name)
        values[job.name] = value

    run_all([meet("x"), work("one", 1), meet("y"), work("two", 2)], 2, lambda job: None, finished)
    assert order[:2] == ["one", "two"]
    assert sorted(order[2:]) == ["x", "y"]
    assert (values["one"], values["two"]) == (1, 2)


def test_an_interruption_cancels_what_waits() -> None:
    began: list[str] = []

    def interrupt() -> None:
        raise KeyboardInterrupt

    def brief() -> None:
        time.sleep(0.05)

    jobs = [Job("interrupting", True, interrupt), *(Job(f"waiting {index}", True, brief) for index in range(50))]
    with pytest.raises(KeyboardInterrupt):
        run_all(jobs, 1, lambda job: began.append(job.name), lambda job, value: None)
    assert len(began) < 10
