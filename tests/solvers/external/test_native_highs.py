"""HiGHS through its own interface works whatever ran before in the process."""

from __future__ import annotations

import subprocess
import sys

import highspy
import numpy as np
import pytest

from solvers.external.native_highs import quiet_highs


def test_another_number_of_threads_before_does_not_matter() -> None:
    for threads in (2, 1, 2):
        solver = quiet_highs({"threads": threads})
        solver.addVars(2, np.zeros(2), np.ones(2))
        assert solver.run() == highspy.HighsStatus.kOk
        assert solver.getModelStatus() == highspy.HighsModelStatus.kOptimal


def test_an_option_that_is_unknown_is_a_sentence() -> None:
    with pytest.raises(ValueError, match=r"^HiGHS has no option 'solver' that can be 'none'$"):
        quiet_highs({"solver": "none"})


def test_it_prints_nothing_from_its_first_moment():
    code = (
        "from solvers.external.native_highs import quiet_highs\n"
        "solver = quiet_highs({'threads': 1})\n"
        "solver.addVar(0.0, 1.0)\n"
        "solver.run()\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert (done.stdout, done.stderr) == ("", "")
