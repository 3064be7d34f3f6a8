from __future__ import annotations

import re

import highspy
import numpy as np
import pyscipopt
import pytest
from builders import step_allocation
from reference import brute_force

from formulations import export
from formulations.step_allocation.models import p1, p1_convex, p1_tangents
from formulations.step_allocation.parameters import EDGE, LOCAL

DATA = step_allocation(4, 2, integer_steps=True)


def tangents(data):
    # A chord at every integer leaves nothing approximate, so that the file's optimum is that of P1.
    points = [np.arange(81.0)[:, None] * np.ones(data.users) for _ in (LOCAL, EDGE)]
    return p1_tangents.build(data, *points)


BUILD = {"p1": p1.build, "p1_convex": p1_convex.build, "p1_tangents": tangents}


@pytest.mark.parametrize("name", BUILD)
def test_scip_reads_nl_files_with_their_names_and_finds_the_optimum(name, tmp_path):
    path = export.write(BUILD[name](DATA), tmp_path / f"{name}.nl")
    reader = pyscipopt.Model()
    reader.hideOutput()
    reader.readProblem(str(path))
    assert {"offload[0]", "offload[3]"} <= {variable.name for variable in reader.getVars()}
    reader.optimize()
    assert reader.getObjVal() == pytest.approx(brute_force(DATA), abs=1e-5)


@pytest.mark.parametrize("suffix", export.LINEAR_FORMATS)
def test_highs_reads_linear_files_with_their_names_and_finds_the_optimum(suffix, tmp_path, caplog):
    path = export.write(tangents(DATA), tmp_path / f"p1_tangents{suffix}")
    assert caplog.text == ""
    reader = highspy.Highs()
    reader.setOptionValue("output_flag", False)
    assert reader.readModel(str(path)) == highspy.HighsStatus.kOk
    assert {"offload(0)", "edge_steps(3)"} <= set(reader.getLp().col_names_)
    assert any(name.endswith("edge_budget_") for name in reader.getLp().row_names_)
    reader.setOptionValue("mip_rel_gap", 0.0)
    reader.run()
    assert reader.getInfo().objective_function_value == pytest.approx(brute_force(DATA), abs=1e-6)


@pytest.mark.parametrize("name", BUILD)
def test_gams_files_hold_readable_names(name, tmp_path):
    text = export.write(BUILD[name](DATA), tmp_path / f"{name}.gms").read_text()
    names = set(re.findall(r"\w+", text))
    assert {"edge_budget_hi", "offload_0_", "cost", "EQUATIONS", "SOLVE"} <= {*names, *text.upper().split()}


@pytest.mark.parametrize("suffix", export.LINEAR_FORMATS)
@pytest.mark.parametrize("name", ["p1", "p1_convex"])
def test_nonlinear_models_are_refused_by_linear_formats(name, suffix, tmp_path):
    path = tmp_path / f"model{suffix}"
    with pytest.raises(ValueError, match=r"holds linear models only, and .* is not linear"):
        export.write(BUILD[name](DATA), path)
    assert not path.exists()


def test_unknown_suffix_is_refused(tmp_path):
    with pytest.raises(ValueError, match=r"ends in \.nl, \.gms, \.lp, \.mps"):
        export.write(p1.build(DATA), tmp_path / "model.txt")
