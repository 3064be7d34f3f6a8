"""What an external solver cannot take is capped or refused in a sentence."""

from __future__ import annotations

import os
import subprocess
import sys

import pyomo.environ as pyo
import pytest

import solvers
from formulations.runtime.command_line import MOST_THREADS
from solvers.external import backends


@pytest.mark.parametrize("solver", ["scip", "highs"])
def test_more_threads_than_a_solver_takes(solver):
    model = pyo.ConcreteModel()
    model.x = pyo.Var(range(3), domain=pyo.Binary)
    model.room = pyo.Constraint(expr=model.x[0] + 2 * model.x[1] + 3 * model.x[2] <= 4)
    model.worth = pyo.Objective(expr=2 * model.x[0] + 3 * model.x[1] + 4 * model.x[2], sense=pyo.maximize)
    assert backends.solve(model, solver, time_seconds=30.0, relative_gap=0.0, threads=65).bound == pytest.approx(6)


def test_too_many_threads_are_refused_in_python():
    with pytest.raises(ValueError, match="threads: expected 1 to 1024, got 1025"):
        solvers.compare("instances/n10.json", threads=MOST_THREADS + 1)


def without_docstrings(*arguments):
    return subprocess.run(
        [sys.executable, "-m", *arguments],
        env=os.environ | {"PYTHONOPTIMIZE": "2"},
        capture_output=True,
        text=True,
        timeout=100,
    )


@pytest.mark.long  # Python compiles all packages anew for it
def test_isolated_methods_run_where_docstrings_are_stripped():
    ended = without_docstrings(
        "solvers.compare", "instances/n10.json", "--solvers", "scip-literal", "--format", "csv"
    )
    assert ended.returncode == 0, ended.stderr
    assert ",optimal," in ended.stdout


def test_export_refuses_to_run_where_docstrings_are_stripped(tmp_path):
    ended = without_docstrings(
        "solvers.export", "instances/n10.json", "--model", "p1", "--out", str(tmp_path / "p1.nl")
    )
    assert ended.returncode == 2
    assert "expected Python without -OO" in ended.stderr
    assert "Traceback" not in ended.stderr
