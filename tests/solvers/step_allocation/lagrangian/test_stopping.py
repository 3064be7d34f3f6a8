"""A flag that a clock raises: at once where there is no time for a clock, never where there is no limit."""

from __future__ import annotations

from time import sleep

import pytest

from solvers.step_allocation.lagrangian.stopping import SHORTEST, stopping


@pytest.mark.parametrize("seconds", [-1.0, 0.0, 1e-9, SHORTEST])
def test_no_time_is_no_race_with_the_clock(seconds):
    for _ in range(200):
        with stopping(seconds) as stop:
            assert stop[0] == 1


def test_the_flag_rises_when_the_time_is_over():
    with stopping(0.5) as stop:
        assert stop[0] == 0
        for _ in range(500):
            if stop[0]:
                break
            sleep(0.01)
        assert stop[0] == 1


def test_no_limit_starts_no_clock():
    with stopping(float("inf")) as stop:
        sleep(0.01)
        assert stop[0] == 0
