"""Split offloading with several edge servers as a problem of the package."""

from __future__ import annotations

from formulations.problem import Problem, Sense

PROBLEM = Problem(
    name="multi_edge_offloading",
    title="split offloading with several edge servers",
    summary="which edge server each user goes to, if any, and after how many steps there it goes on alone",
    sense=Sense.MAXIMISE,
    data="formulations.multi_edge_offloading.parameters:MultiEdgeOffloading",
    evaluation="formulations.multi_edge_offloading.evaluation",
    methods="solvers.multi_edge_offloading.entries:METHODS",
    generator="instances.generation.multi_edge:generate",
    gap_measures=("absolute_gap", "gap_per_user", "captured_share"),
    objective_unit="s",
    takes_constraints=True,
    decisions="formulations.multi_edge_offloading.decisions",
    certificates="solvers.multi_edge_offloading.certificates.check:check",
)
