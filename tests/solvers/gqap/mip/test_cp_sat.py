"""CP-SAT as a peer: equal to enumeration where it is installed, and a reason where it does not apply."""

from __future__ import annotations

from importlib.util import find_spec

import numpy as np
import pytest
from gqap_enumeration import brute_force, random_gqap

from formulations.gqap.evaluation import evaluate_solution
from solvers.core.limits import Limits
from solvers.core.result import Unsupported
from solvers.gqap.mip import cp_sat

LIMITS = Limits(time_limit=30.0)
installed = pytest.mark.skipif(find_spec("ortools") is None, reason="OR-tools is not installed")


@installed
@pytest.mark.parametrize("seed", [0, 2, 4])
def test_it_equals_enumeration(seed: int):
    data = random_gqap(seed)
    outcome = cp_sat.solve(data, LIMITS, 0)
    assert outcome.solution is not None
    assert evaluate_solution(data, outcome.solution).objective == outcome.bound == brute_force(data)


@installed
def test_it_proves_that_nothing_fits():
    data = random_gqap(2, weight=[3.0] * 5, capacity=[5.0, 5.0, 5.0])
    assert cp_sat.solve(data, LIMITS, 0).infeasible


@installed
@pytest.mark.parametrize(
    ("data", "said"),
    [
        (random_gqap(1), "whole costs and weights"),
        (random_gqap(2, 5, 3, weight=np.full(5, 0.5)), "whole costs and weights"),
        (random_gqap(2, 80, 20), "products of two choices"),
    ],
)
def test_what_it_does_not_take_is_said(data, said: str):
    with pytest.raises(Unsupported, match=said):
        cp_sat.solve(data, LIMITS, 0)


def test_where_it_is_not_installed_it_says_how_to(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setitem(__import__("sys").modules, "ortools.sat.python", None)
    with pytest.raises(Unsupported, match=r"pip install 'diffload\[peers\]'"):
        cp_sat.solve(random_gqap(0), LIMITS, 0)
