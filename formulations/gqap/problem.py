"""Generalised quadratic assignment as a problem of the package."""

from __future__ import annotations

from formulations.problem import Problem, Sense

PROBLEM = Problem(
    name="gqap",
    title="generalised quadratic assignment",
    summary="which place of limited capacity each item goes to",
    sense=Sense.MINIMISE,
    data="formulations.gqap.parameters:GQAP",
    evaluation="formulations.gqap.evaluation",
    methods="solvers.gqap.entries:METHODS",
    gap_measures=("gap", "absolute_gap", "root_gap", "nodes"),
    users="items",
    objective_unit="cost",
    decisions="formulations.gqap.decisions",
    certificates="solvers.gqap.certificates.check:check",
)
