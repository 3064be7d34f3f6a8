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


@pytest.mark.parametrize(
    "call",
    [
        "diffload.solve('multi_20x2', time_limit=5)",
        "diffload.solve('split_i5_g1', 'highs-batch-lp')",
        "diffload.solve('edge_servers_8x3', 'branch-and-bound')",
        "diffload.solve_native(diffload.build('p1-tangents', 'n10'), 'highs', options={'presolve': 'off'})",
        "diffload.solve_native(diffload.build('p1-convex', 'n10'), 'scip')",
        "diffload.compare('n10', ['highs-outer-approximation', 'scip-convex'])",
    ],
)
def test_a_program_that_solves_prints_nothing(call):
    ran = subprocess.run([sys.executable, "-c", f"import diffload; {call}"], capture_output=True, check=True)
    assert (ran.stdout, ran.stderr) == (b"", b"")
