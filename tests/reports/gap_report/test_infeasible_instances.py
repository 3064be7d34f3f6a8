"""A sweep over an instance that is proven infeasible says so, in both tables and in the profile."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest
from builders import split_offloading

from instances import Instance, save
from reports.gap_report import command as gaps


@pytest.fixture(scope="module")
def out(tmp_path_factory: pytest.TempPathFactory) -> Path:
    tmp_path = tmp_path_factory.mktemp("infeasible")
    deadline = {"on": "split_offloading", "type": "latency_deadline", "most_seconds": 1e-3}
    for name, constraints in (("fair", []), ("hopeless", [deadline])):
        posed = {"split_offloading": split_offloading(4), "constraints": constraints}
        save(Instance(schema_version=1, name=name, **posed), tmp_path / f"{name}.json")
    files = [str(tmp_path / f"{name}.json") for name in ("fair", "hopeless")]
    sweep = tmp_path / "sweep"
    arguments = [*files, "--solvers", "batch-scan,all-local", "--out", str(sweep), "--scheduler", "none"]
    assert gaps.main(arguments) == 0
    return sweep


def test_it_is_called_infeasible(out: Path) -> None:
    assert "certified optimum known for 1 of 2, 1 proven infeasible" in (out / "report.html").read_text()
    summary = pd.read_parquet(out / "summary_split_offloading.parquet").set_index("method")
    assert summary.loc["batch-scan", ["found", "solved", "infeasible"]].tolist() == [1, 1, 1]
    page = (out / "report.html").read_text()
    assert '<th scope="row">hopeless</th><td>batch-scan</td><td class="number">infeasible</td>' in page
    assert "0/1" not in page.split("hopeless</th>")[1].split("</tr>")[0]


def test_a_proof_counts_as_solved_in_the_profile(out: Path) -> None:
    profile = pd.read_csv(out / "figures" / "split_offloading_time_profile.csv")
    assert profile[profile["series"] == "batch-scan"]["y"].max() == 100.0
