"""The main job, as a newcomer runs it: the exact methods agree on n30, and the table certifies it."""

from __future__ import annotations

import json
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from solvers import command, registry
from solvers.schedule import TOGETHER_SECONDS

INSTANCE = Path(__file__).parents[2] / "instances" / "n30.json"

EXACT = {"price-search", "scip-convex", "scip-literal", "highs-outer-approximation"}


def test_all_exact_methods_prove_the_same_optimum(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert command.main([str(INSTANCE), "--out", str(tmp_path)]) == 0
    records = json.loads((tmp_path / "results.json").read_text())
    assert {record["solver"] for record in records} == {
        method.name for method in registry.methods_for("step_allocation")
    }
    exact = [record for record in records if record["solver"] in EXACT]
    assert {record["status"] for record in exact} == {"optimal"}
    for one, other in pairwise(exact):
        assert one["objective"] == pytest.approx(other["objective"], rel=1e-6)
        assert one["bound"] == pytest.approx(other["bound"], rel=1e-6)
    optimum = min(record["objective"] for record in exact)
    for record in records:
        assert record["objective"] >= optimum - 1e-6 * abs(optimum)
        assert np.isclose(record["gap"], abs(record["objective"] - optimum) / abs(optimum), rtol=1e-6, atol=2e-6)
    assert sum(record["seconds"] for record in records) < TOGETHER_SECONDS
    lines = capsys.readouterr().out.splitlines()
    assert lines[1].startswith(f"certified optimum {optimum:.6f}, proven by ")
    assert set(lines[1].partition("proven by ")[2].split(", ")) == EXACT
    assert "n30 - P2 subproblem: KKT / CVXPY" in lines
