"""Split offloading (paper B) as a problem of the package."""

from __future__ import annotations

from formulations.problem import AuxiliaryTable, Problem, Sense

PROBLEM = Problem(
    name="split_offloading",
    title="split offloading (P1, paper B)",
    summary="who is granted the edge, and after how many steps there each user goes on alone",
    sense=Sense.MAXIMISE,
    data="formulations.split_offloading.parameters:SplitOffloading",
    evaluation="formulations.split_offloading.evaluation",
    methods="solvers.split_offloading.entries:METHODS",
    auxiliary_tables=(
        AuxiliaryTable(
            name="gqap-fixed-split",
            title="GQAP (18), fixed splits",
            function="solvers.split_offloading.mip.gqap_comparison:compare_models",
            table="reports.tables.gqap_fixed_split:table",
            beside="highs-gqap-fixed-split",
        ),
        AuxiliaryTable(
            name="shrinking-batch",
            title="Simplification (9): fixed / shrinking batch",
            function="solvers.split_offloading.exact.shrinking_batch:compare_models",
            table="reports.tables.shrinking_batch:table",
            beside="highs-batch-indexed",
        ),
    ),
    gap_measures=("absolute_gap", "gap_per_user", "captured_share"),
    takes_constraints=True,
    native_bounds="formulations.split_offloading.domain:native_bounds",
    objective_unit="s",
    decisions="formulations.split_offloading.decisions",
)
