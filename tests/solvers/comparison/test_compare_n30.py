"""The main job, as a newcomer runs it: exact methods agree on both problems of n30, and the tables certify it."""

from __future__ import annotations

import io
import json
from contextlib import redirect_stdout
from itertools import pairwise
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pytest

from reports.comparison import command
from solvers.core import registry
from solvers.processes.schedule import TOGETHER_SECONDS

INSTANCE = Path(__file__).parents[3] / "instances" / "n30.json"

EXACT = {
    "step_allocation": {
        "price-search",
        "scip-reduced",
        "scip-convex",
        "scip-literal",
        "highs-outer-approximation",
    },
    "split_offloading": {"batch-scan", "scip-minlp", "highs-batch-indexed", "highs-batch-lp"},
}

NOT_FOR_THESE = {"dynamic-programme"}
"""Methods that do not apply: steps are continuous."""

COMPANIONS = {
    "step_allocation": "n30 - P2 subproblem: KKT / CVXPY",
    "split_offloading": "n30 - GQAP (18), fixed splits",
}


class MainJob(NamedTuple):
    """Everything that the command left behind."""

    status: int
    records: list[dict[str, Any]]
    lines: list[str]

    def of(self, problem: str) -> list[dict[str, Any]]:
        return [record for record in self.records if record["problem"] == problem]

    def summary(self, problem: str) -> str:
        """The line below the heading of a problem's table."""
        title = f"n30 - {registry.problem(problem).title}: "
        return self.lines[1 + next(i for i, line in enumerate(self.lines) if line.startswith(title))]


@pytest.fixture(scope="module")
def main_job(tmp_path_factory: pytest.TempPathFactory) -> MainJob:
    out = tmp_path_factory.mktemp("n30")
    with redirect_stdout(io.StringIO()) as printed:
        status = command.main([str(INSTANCE), "--out", str(out), "--time-limit", "45"])  # other tests run beside
    return MainJob(status, json.loads((out / "results.json").read_text()), printed.getvalue().splitlines())


def test_the_main_job_is_consistent_and_short(main_job: MainJob) -> None:
    assert main_job.status == 0
    assert sum(record["seconds"] for record in main_job.records) < 2 * TOGETHER_SECONDS
    assert all(title in main_job.lines for title in COMPANIONS.values())
    assert sum("on the scale of this problem's own paper" in line for line in main_job.lines) == 2
    assert main_job.lines.count("edge server: H100 PCIe, which stands in for the paper's H100 NVL") == 1
    (scope,) = (line for line in main_job.lines if line.startswith("per-dqn: "))
    assert "the paper's network for general, 2 to 40 users, B_max = 20, 1,000,000 gradient steps" in scope


@pytest.mark.parametrize("problem", EXACT)
def test_all_exact_methods_prove_the_same_optimum(main_job: MainJob, problem: str) -> None:
    records = main_job.of(problem)
    assert {record["solver"] for record in records} == {method.name for method in registry.methods_for(problem)}
    exact = [record for record in records if record["solver"] in EXACT[problem]]
    assert {record["status"] for record in exact} == {"optimal"}
    for one, other in pairwise(exact):
        assert one["objective"] == pytest.approx(other["objective"], rel=1e-6)
        assert one["bound"] == pytest.approx(other["bound"], rel=1e-6)
    sign = 1.0 if registry.problem(problem).sense == "minimise" else -1.0
    optimum = sign * min(sign * record["objective"] for record in exact)
    assert {record["solver"] for record in records if record["status"] == "unsupported"} <= NOT_FOR_THESE
    for record in (each for each in records if each["status"] != "unsupported"):
        assert sign * record["objective"] >= sign * optimum - 1e-6 * abs(optimum)
        assert np.isclose(record["gap"], abs(record["objective"] - optimum) / abs(optimum), rtol=1e-6, atol=2e-6)
        assert (record["bound"] is None) == (record["solver"] not in EXACT[problem])
    summary = main_job.summary(problem)
    assert summary.startswith(f"certified optimum {optimum:.6f}, proven by ")
    assert set(summary.partition("proven by ")[2].split(", ")) == EXACT[problem]


def test_fixed_splits_are_worse_than_optimal_ones_and_the_same_on_both_routes(main_job: MainJob) -> None:
    found = {record["solver"]: record["objective"] for record in main_job.of("split_offloading")}
    assert found["scip-gqap-fixed-split"] == pytest.approx(found["highs-gqap-fixed-split"], rel=1e-6)
    assert found["scip-gqap-fixed-split"] < found["batch-scan"] - 1.0
    title = main_job.lines.index(COMPANIONS["split_offloading"])
    assert main_job.lines[title + 1].startswith("both models agree on the optimum ")
