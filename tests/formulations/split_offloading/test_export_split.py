"""Files of the models of split offloading: other readers find the same optimum in them."""

from __future__ import annotations

from pathlib import Path

import highspy
import pyscipopt
import pytest
from builders import split_offloading
from split_enumeration import brute_force

from formulations import export
from formulations.split_offloading.evaluation import evaluate
from formulations.split_offloading.models import batch_indexed, gqap_reduction, p1
from solvers import export as command
from solvers.core.limits import Limits
from solvers.split_offloading.mip import gqap_fixed_split

DATA = split_offloading(5, 1)

BUILD = {
    "p1": p1.build,
    "batch_indexed": batch_indexed.build,
    "gqap": gqap_reduction.build_quadratic,
    "gqap_linearised": gqap_reduction.build_linearised,
}

LINEAR = ("batch_indexed", "gqap_linearised")


def optimum(name: str) -> float:
    if not name.startswith("gqap"):
        return brute_force(DATA)
    solution = gqap_fixed_split.solve_quadratic(DATA, Limits(), 0).solution
    assert solution is not None
    return evaluate(DATA, solution["x"], solution["n"]).objective


@pytest.mark.parametrize("name", BUILD)
def test_scip_finds_the_optimum_in_the_nl_file(name: str, tmp_path: Path) -> None:
    reader = pyscipopt.Model()
    reader.hideOutput()
    reader.readProblem(str(export.write(BUILD[name](DATA), tmp_path / f"{name}.nl")))
    assert reader.getObjectiveSense() == "maximize"
    reader.optimize()
    assert reader.getObjVal() == pytest.approx(optimum(name), rel=1e-6)


@pytest.mark.parametrize("suffix", export.LINEAR_FORMATS)
@pytest.mark.parametrize("name", LINEAR)
def test_highs_finds_the_optimum_in_linear_files(name: str, suffix: str, tmp_path: Path) -> None:
    path = export.write(BUILD[name](DATA), tmp_path / f"{name}{suffix}")
    reader = highspy.Highs()
    reader.setOptionValue("output_flag", False)
    assert reader.readModel(str(path)) == highspy.HighsStatus.kOk
    reader.setOptionValue("mip_rel_gap", 0.0)
    reader.run()
    assert reader.getObjectiveSense()[1] == highspy.ObjSense.kMaximize
    assert reader.getInfo().objective_function_value == pytest.approx(optimum(name), rel=1e-6)


@pytest.mark.parametrize("name", BUILD)
def test_gams_files_are_maximised(name: str, tmp_path: Path) -> None:
    text = export.write(BUILD[name](DATA), tmp_path / f"{name}.gms").read_text()
    assert "maximizing GAMS_OBJECTIVE" in text
    assert "granted_0_" in text


@pytest.mark.parametrize(
    ("model", "suffix"),
    [
        ("split-p1", ".nl"),
        ("split-batch-indexed", ".mps"),
        ("split-gqap", ".gms"),
        ("split-gqap-linearised", ".lp"),
    ],
)
def test_the_command_writes_every_model(
    model: str, suffix: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    instance = Path(__file__).parents[3] / "instances" / "split_i5_g8.json"
    path = tmp_path / f"model{suffix}"
    assert command.main([str(instance), "--model", model, "--out", str(path)]) == 0
    assert capsys.readouterr().out.strip() == str(path)
    assert path.stat().st_size > 1000


def test_every_model_of_split_offloading_has_a_test() -> None:
    named = {name for name, model in command.MODELS.items() if model.problem == "split_offloading"}
    assert named == {"split-p1", "split-batch-indexed", "split-gqap", "split-gqap-linearised"}
