"""Solves Pyomo models by SCIP and HiGHS, and works around the faults of these libraries in one place.

Each solve has a solver object of its own, because a reused one keeps options and state. Gaps are set under each
solver's own name, and unknown options are refused. Expected outcomes raise no exception. No value of an earlier
solve stays in the model. The dual bound is kept whenever it is one, also at the time limit.
"""

from __future__ import annotations

import math
import re
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

import highspy
import numpy as np
import pyomo.environ as pyo
import pyscipopt
from pyomo.contrib.solver.common.results import Results, SolutionStatus, TerminationCondition
from pyomo.contrib.solver.solvers.highs import Highs
from pyomo.contrib.solver.solvers.scip.scip_direct import ScipDirect

from solvers.external.native_highs import SilentHighs
from solvers.external.tolerances import MOST_THREADS
from solvers.external.trace import Trace, finite, follow_highs, follow_scip


class _Scip(ScipDirect):  # type: ignore[misc] # Pyomo has no types
    """Pyomo's way to SCIP, its time limit counted from before the model is handed over."""

    deadline = math.inf
    trace: Trace
    start: pyo.ConcreteModel | None = None

    def _create_solver_model(self, model: pyo.ConcreteModel, config: Any) -> Any:
        created = super()._create_solver_model(model, config)
        follow_scip(self._solver_model, self.trace)
        config.time_limit = max(self.deadline - time.perf_counter(), 0.0)
        config.warmstart_discrete_vars = self.start is not None
        return created


class _Highs(Highs):  # type: ignore[misc]
    """Pyomo's way to HiGHS, its time limit counted from before the model is handed over."""

    deadline = math.inf
    trace: Trace
    start: pyo.ConcreteModel | None = None
    """The model, where its whole variables hold a point to start from."""

    def _solve(self) -> Any:
        follow_highs(self._solver_model, self.trace)
        self._hand_over_start()
        self._active_config.time_limit = max(self.deadline - time.perf_counter(), 0.0)
        return super()._solve()

    def _hand_over_start(self) -> None:
        """Give HiGHS the whole variables' values; it completes the others itself. Pyomo has no way to do so."""
        if self.start is not None:
            column = self._pyomo_var_to_solver_var_map
            whole = [variable for variable in variables(self.start) if not variable.is_continuous()]
            known = {column[id(variable)]: variable.value for variable in whole if id(variable) in column}
            self._solver_model.setSolution(
                len(known), np.array(list(known), dtype=np.int32), np.array(list(known.values()), dtype=np.float64)
            )


SOLVERS: dict[str, Any] = {"scip": _Scip, "highs": _Highs}
"""The back ends by name; neither needs an executable."""

# Source (a letter or none), nodes processed and in the queue, leaves, explored share, best bound.
_HIGHS_ROOT_LINE = re.compile(
    r"^ ?[A-Za-z]? +0 +\d+ +\d+ +[\d.]+% +(-?(?:inf|[\d.]+(?:e[+-]?\d+)?)) ", re.MULTILINE
)

# Source and time, node, further columns, dual bound, primal bound, gap, completion.
_SCIP_ROOT_LINE = re.compile(r"^.?[ \d.]+s\| +1 \|.*\| *(\S+) \|[^|]*\|[^|]*\|[^|]*$", re.MULTILINE)

# Both libraries hang when several threads of one process solve at the same time.
_one_at_a_time = threading.Lock()


@dataclass(frozen=True)
class Solve:
    """How one solve ended; the values themselves are in the model.

    Attributes
    ----------
    termination : str
        Why it stopped, in a few words.
    has_solution : bool
        Whether the model's variables hold a feasible point; otherwise they hold None.
    infeasible : bool
        Whether infeasibility was proven.
    bound : float or None
        Dual bound in the model's own sense, valid also at a limit, up to the solver's tolerances; else None.
    root_bound : float or None
        The same at the root node, before the first branching and after the solver's own cuts; None where no node
        was bounded. It is read off a printed table, to 7 digits or more, so it is no proof.
    nodes : int or None
        Nodes of the search tree.
    seconds : float
        Wall-clock time for translating and solving [s].
    history : tuple of Mapping
        Rows of :class:`~solvers.external.trace.Trace`: seconds, objective and bound as the solver itself reports
        them.
    log : str
        What the solver printed.
    """

    termination: str
    has_solution: bool = False
    infeasible: bool = False
    bound: float | None = None
    root_bound: float | None = None
    nodes: int | None = None
    seconds: float = 0.0
    history: tuple[Mapping[str, Any], ...] = ()
    log: str = ""


WORDS = {
    TerminationCondition.convergenceCriteriaSatisfied: "gap closed",
    TerminationCondition.maxTimeLimit: "time limit",
    TerminationCondition.iterationLimit: "node or iteration limit",
    TerminationCondition.objectiveLimit: "objective limit",
    TerminationCondition.provenInfeasible: "infeasible",
    TerminationCondition.infeasibleOrUnbounded: "infeasible or unbounded",
    TerminationCondition.unbounded: "unbounded",
    TerminationCondition.interrupted: "interrupted",
    TerminationCondition.error: "solver error",
}


def solve(
    model: pyo.ConcreteModel,
    solver: str,
    *,
    time_seconds: float,
    relative_gap: float,
    absolute_gap: float = 0.0,
    threads: int = 1,
    options: Mapping[str, Any] | None = None,
    start: Callable[[pyo.ConcreteModel], None] | None = None,
) -> Solve:
    """Solve a Pyomo model with ``scip`` or ``highs`` and leave the best solution, if any, in its variables.

    Parameters
    ----------
    model : pyo.ConcreteModel
        Any mixed-integer model; nonlinear ones need SCIP.
    solver : str
        A key of :data:`SOLVERS`.
    time_seconds : float
        Wall-clock limit of translating and solving [s].
    relative_gap : float
        SCIP divides |primal - dual| by the smaller of both magnitudes, HiGHS by that of the primal.
    absolute_gap : float
        In units of the objective. HiGHS would stop at 1e-6 by itself, which is too early for small objectives.
    threads : int
        Threads of the solver, which takes at most :data:`~solvers.external.tolerances.MOST_THREADS`.
    options : Mapping, optional
        Further options by the solver's own names.
    start : callable, optional
        Sets all binary and integer variables of the model to those of a point to start from. The solver checks it.

    Raises
    ------
    ValueError
        If the solver has no such option, or the model holds a number that is not finite.
    """
    began = time.perf_counter()
    trace = Trace()
    options = dict(options or {})
    refuse_unknown_options(solver, options)
    refuse_numbers_that_are_not_finite(model)
    forget_values(model)
    trivial = trivial_constraints(model)
    if not all(holds(constraint) for constraint in trivial):
        return Solve("infeasible", infeasible=True, seconds=time.perf_counter() - began)
    for constraint in trivial:
        constraint.deactivate()
    try:
        with _one_at_a_time:
            if solver == "highs":
                # The thread pool of an earlier solve in this process would refuse another number of threads.
                highspy.Highs.resetGlobalScheduler(True)
            engine = SOLVERS[solver]()
            engine.deadline = began + time_seconds
            engine.trace = trace
            if start is not None:
                start(model)
                engine.start = model
            results = engine.solve(
                model,
                rel_gap=relative_gap,
                abs_gap=absolute_gap,
                threads=min(threads, MOST_THREADS[solver]),
                raise_exception_on_nonoptimal_result=False,
                load_solutions=False,
                solver_options=options,
            )
            forget_values(model)
            trace.add(results.incumbent_objective, results.objective_bound)
            found = _read(engine, results, model)
    finally:
        for constraint in trivial:
            constraint.activate()
    return replace(found, seconds=time.perf_counter() - began, history=trace.rows())


def _read(engine: Any, results: Results, model: pyo.ConcreteModel) -> Solve:
    has_solution = results.solution_status in (SolutionStatus.feasible, SolutionStatus.optimal)
    if has_solution:
        results.solution_loader.load_vars()
        fill_unused(model)
    condition = results.termination_condition
    infeasible = condition == TerminationCondition.provenInfeasible
    scip = isinstance(engine, _Scip)
    log = results.solver_log or ""
    bound = None if infeasible else finite(results.objective_bound)
    nodes = getattr(results.extra_info, "NNodes" if scip else "mip_node_count", None)
    root_bound = bound  # of a solve that never branched
    if nodes is not None and nodes > 1 and not infeasible:
        root_bound = _scip_root_bound(engine._solver_model, log) if scip else _highs_root_bound(log)
    return Solve(
        termination=WORDS.get(condition, "unknown"),
        has_solution=has_solution,
        infeasible=infeasible,
        bound=bound,
        root_bound=root_bound,
        nodes=nodes,
        log=log,
    )


def _highs_root_bound(log: str) -> float | None:
    """The bound in the last line of HiGHS's table with no node processed; HiGHS has no call for it."""
    bounds = _HIGHS_ROOT_LINE.findall(log)
    return finite(float(bounds[-1])) if bounds else None


def _scip_root_bound(scip: pyscipopt.Model, log: str) -> float | None:
    """The bound that SCIP keeps of its root, or else that in the last line of its table on node 1."""
    kept = finite(scip.getDualboundRoot())
    bounds = _SCIP_ROOT_LINE.findall(log)
    return finite(float(bounds[-1])) if kept is None and bounds else kept


def refuse_unknown_options(solver: str, options: Mapping[str, Any]) -> None:
    """Raise ValueError for an option that the solver does not have, or a value that it does not take.

    Pyomo passes over the answer of HiGHS in silence.
    """
    accepts = _highs_accepts if solver == "highs" else _scip_accepts
    for name, value in options.items():
        if not accepts(name, value):
            raise ValueError(f"{solver} has no option '{name}' that can be {value!r}")


def _highs_accepts(name: str, value: Any) -> bool:
    highs = SilentHighs()
    # An unknown option's value is not looked at: some of HiGHS's overloads would raise instead of answering.
    known = highs.getOptionValue(name)[0] == highspy.HighsStatus.kOk
    return bool(known and highs.setOptionValue(name, value) == highspy.HighsStatus.kOk)


def _scip_accepts(name: str, value: Any) -> bool:
    try:
        pyscipopt.Model().setParam(name, value)
    except (KeyError, TypeError, ValueError, OSError):
        return False
    return True


def active_constraints(model: pyo.ConcreteModel) -> list[Any]:
    """Every active constraint of the model."""
    return list(model.component_data_objects(pyo.Constraint, active=True, descend_into=True))


def variables(model: pyo.ConcreteModel) -> list[Any]:
    """Every variable that the model declares."""
    return list(model.component_data_objects(pyo.Var, descend_into=True))


def refuse_numbers_that_are_not_finite(model: pyo.ConcreteModel) -> None:
    """Raise ValueError where a coefficient is NaN or infinite: solvers take such a model and call it optimal."""
    point = {id(variable): variable.value for variable in variables(model)}
    try:
        for variable in variables(model):
            if not variable.fixed:
                # Not at zero, where a product hides an infinite factor.
                variable.set_value(_nearest(1.0, variable), skip_validation=True)
        for part in [*active_constraints(model), *model.component_data_objects(pyo.Objective, active=True)]:
            if not _is_finite(part):
                raise ValueError(f"{part.name} holds a number that is not finite")
    finally:
        for variable in variables(model):
            if not variable.fixed:
                variable.set_value(point[id(variable)], skip_validation=True)


def _is_finite(part: Any) -> bool:
    try:
        limits = (part.lower, part.upper) if hasattr(part, "lower") else ()
        numbers = [pyo.value(part.body if limits else part.expr), *(pyo.value(n) for n in limits if n is not None)]
        return all(math.isfinite(number) for number in numbers)
    except (ArithmeticError, ValueError):
        # Outside the domain of a function at this point, which says nothing about the data.
        return True


def _nearest(wanted: float, variable: Any) -> float:
    lower, upper = variable.bounds
    value = wanted if upper is None else min(wanted, upper)
    return value if lower is None else max(value, lower)


def forget_values(model: pyo.ConcreteModel) -> None:
    """Clear what an earlier solve left, so that nobody can take it for an answer of this one."""
    for variable in variables(model):
        if not variable.fixed:
            variable.set_value(None)


def fill_unused(model: pyo.ConcreteModel) -> None:
    """Give a variable that no constraint and no objective mentions an allowed value; solvers never see it."""
    for variable in variables(model):
        if variable.value is None:
            variable.set_value(_nearest(0.0, variable))


def trivial_constraints(model: pyo.ConcreteModel) -> list[Any]:
    """Active constraints without a variable, such as ``Constraint.Feasible``, on which ``scip_direct`` crashes."""
    return [
        constraint for constraint in active_constraints(model) if not constraint.body.is_potentially_variable()
    ]


def holds(constraint: Any) -> bool:
    """Whether a constraint without variables is satisfied."""
    value = pyo.value(constraint.body)
    lower = -math.inf if constraint.lower is None else pyo.value(constraint.lower)
    upper = math.inf if constraint.upper is None else pyo.value(constraint.upper)
    return bool(lower <= value <= upper)
