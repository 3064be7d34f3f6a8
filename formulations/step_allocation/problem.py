"""Step allocation (paper A) as a problem of the package."""

from __future__ import annotations

from formulations.problem import AuxiliaryTable, Problem, Sense

PROBLEM = Problem(
    name="step_allocation",
    title="step allocation (P1, paper A)",
    summary="who runs at the edge, and how many denoising steps each user takes",
    sense=Sense.MINIMISE,
    data="formulations.step_allocation.parameters:StepAllocation",
    evaluation="formulations.step_allocation.evaluation",
    methods="solvers.step_allocation.entries:METHODS",
    auxiliary_tables=(
        AuxiliaryTable(
            name="p2-kkt-cvxpy",
            title="P2 subproblem: KKT / CVXPY",
            function="solvers.step_allocation.kkt.p2_validation:validate",
            table="reports.tables.p2_validation:table",
            beside="sca-published-cvxpy",
        ),
    ),
    takes_constraints=True,
    native_bounds="formulations.step_allocation.native_bounds:native_bounds",
    certificates="solvers.step_allocation.certificates.check:check",
    decisions="formulations.step_allocation.decisions",
)
