"""Solve a Pyomo or CVXPY model changed by hand like any method: isolated, within a hard limit, validated.

>>> model = p1_convex.build(data)
>>> model.at_most_five = pyo.Constraint(expr=pyo.quicksum(model.offload.values()) <= 5)
>>> result = solvers.solve_native(model, p1_convex.solution, instance)

The model goes to a child process; the values that it finds come back into the variables of the caller's model.
What was added by hand is in the model only: the evaluator checks the solution by the instance.
"""

from __future__ import annotations

import io
import math
import pickle
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from importlib import import_module
from importlib.util import find_spec
from types import FunctionType
from typing import Any, NamedTuple

from instances import Instance
from solvers.core import registry, run
from solvers.core.limits import Limits
from solvers.core.registry import Method
from solvers.core.result import Outcome, Result, Solution, Unsupported
from solvers.core.run import Case, Failure
from solvers.core.validation import validate
from solvers.external import tolerances


class Solved(NamedTuple):
    """What comes back from the child process."""

    outcome: Outcome
    values: list[Any] | None
    """Of all variables, in the order in which the model lists them."""


def solve_native(
    model: Any,
    read: Callable[[Any], Solution],
    instance: Instance,
    *,
    problem: str | None = None,
    solver: str | None = None,
    limits: Limits | None = None,
    options: Mapping[str, Any] | None = None,
    name: str = "by hand",
    bounding: bool = True,
) -> Result:
    """Solve a model that ``build()`` returned, whatever has been added to it, and validate what it finds.

    Parameters
    ----------
    model : pyo.ConcreteModel or cvxpy.Problem
        The model; its variables hold the solution afterwards, if there is one.
    read : callable
        The solution by the problem's symbols from the solved model, called here.
    instance : Instance
        The scenario that the model was built from.
    problem : str, optional
        Which problem of the instance; needed only where it poses several.
    solver : str, optional
        ``scip`` (default), ``highs`` or any name that Pyomo knows for Pyomo; for CVXPY its name of the solver,
        ``CLARABEL`` by default.
    limits : Limits, optional
        The child process is killed soon after the time is over.
    options : Mapping, optional
        Further options of the solver.
    name : str
        What tables call it.
    bounding : bool
        Whether the model's bound is one on the problem with what was added: true for every formulation of P1,
        false for a subproblem such as P2.

    Raises
    ------
    ValueError
        If the instance does not pose the problem, or poses several and none is named.
    TypeError
        If the model is neither.
    """
    limits = limits or Limits()
    case = _case(instance, problem)
    pyomo = _is_pyomo(model)
    solver = solver or ("scip" if pyomo else "CLARABEL")
    method = Method(name, case.problem, "by hand", "", "", exact=bounding, isolated=True)
    began = time.perf_counter()
    task = (_without_rules(model), solver, {**tolerances.BY_HAND.get(solver, {}), **(options or {})}, limits)
    answer = run.isolated(f"solvers.external.native:{'attempt_pyomo' if pyomo else 'attempt_cvxpy'}", task, limits)
    if isinstance(answer, Failure):
        return run.failed(method, case, answer, limits, 0, time.perf_counter() - began)
    outcome = answer.outcome
    _load(model, answer.values, pyomo)
    if answer.values is not None:
        outcome = replace(outcome, solution=read(model))
    if not bounding:
        outcome = replace(outcome, bound=None)
    return validate(method, case.instance, case.instance_hash, case.data, outcome, limits, 0)


def _case(instance: Instance, problem: str | None) -> Case:
    if problem is None:
        if len(instance.problems) > 1:
            names = " and ".join(instance.problems)
            raise ValueError(f"instance '{instance.name}' poses {names}: say which as problem=...")
        (problem,) = instance.problems
    if problem not in instance.problems:
        raise ValueError(f"instance '{instance.name}' does not pose '{problem}'")
    return Case(instance.name, instance.sha256, registry.problem(problem).name, instance.section(problem))


def _is_pyomo(model: Any) -> bool:
    library = type(model).__module__.partition(".")[0]
    if library not in ("pyomo", "cvxpy"):
        raise TypeError(f"expected a Pyomo model or a CVXPY problem, got {type(model).__name__}")
    return library == "pyomo"


class _WithoutRules(pickle.Pickler):
    """Leaves out functions that no other process can import, such as the rules that a model was built by."""

    def reducer_override(self, value: Any) -> Any:
        if isinstance(value, FunctionType) and (
            "<" in value.__qualname__ or value.__module__ == "__main__"  # local, a lambda, or the caller's script
        ):
            return (_rule_that_was_left_out, ())
        return NotImplemented


def _rule_that_was_left_out() -> Any:
    return _rule_that_was_left_out


def _without_rules(model: Any) -> bytes:
    file = io.BytesIO()
    _WithoutRules(file).dump(model)
    return file.getvalue()


def _load(model: Any, values: list[Any] | None, pyomo: bool) -> None:
    """Put the values into the caller's variables; without any, leave none of an earlier solve."""
    if pyomo:
        from solvers.external import backends

        variables = backends.variables(model)
        for variable, value in zip(variables, values or [None] * len(variables), strict=True):
            if not variable.fixed:
                variable.set_value(value, skip_validation=True)
    else:
        variables = model.variables()
        for variable, value in zip(variables, values or [None] * len(variables), strict=True):
            variable.save_value(value)


def attempt_pyomo(pickled: bytes, solver: str, options: Mapping[str, Any], limits: Limits) -> Solved:
    """Solve a pickled Pyomo model, in this process; the bound is widened by some for every variable."""
    from solvers.external import backends
    from solvers.external.algebraic import solve_model

    if solver not in backends.SOLVERS:
        return attempt_by_name(pickle.loads(pickled), solver, options, limits)
    models = []

    def build() -> Any:
        models.append(pickle.loads(pickled))
        return models[0]

    with _refusal_in_a_sentence(solver):
        outcome = solve_model(build, lambda _: {}, solver, options, limits)
    found = outcome.solution is not None
    values = [variable.value for variable in backends.variables(models[0])] if found else None
    return Solved(replace(outcome, solution=None), values)


def attempt_by_name(model: Any, solver: str, options: Mapping[str, Any], limits: Limits) -> Solved:
    """Solve a Pyomo model by a solver that Pyomo alone knows, in this process."""
    import pyomo.environ as pyo
    from pyomo.opt import SolverFactory, TerminationCondition, UnknownSolver

    from solvers.external import backends
    from solvers.external.algebraic import widened
    from solvers.external.tolerances import BOUND

    loads_itself = _register(solver)
    engine = SolverFactory(solver)
    if isinstance(engine, UnknownSolver):
        raise Unsupported(f"Pyomo knows no solver '{solver}'")
    if not engine.available(exception_flag=False):
        raise Unsupported(f"solver '{solver}' is not installed here, or has no licence")
    began = time.perf_counter()
    engine.options.update(options)
    with _refusal_in_a_sentence(solver):
        results = engine.solve(model, load_solutions=loads_itself)
    (objective,) = model.component_data_objects(pyo.Objective, active=True)
    minimise = objective.sense == pyo.minimize
    condition = results.solver.termination_condition
    found = condition == TerminationCondition.optimal and (loads_itself or len(results.solution) > 0)
    if found:
        if not loads_itself:
            model.solutions.load_from(results)
        backends.fill_unused(model)
    ends = (results.problem.lower_bound, results.problem.upper_bound)[:: 1 if minimise else -1]
    bound, other = (float(end) if isinstance(end, int | float) else math.nan for end in ends)
    if loads_itself:  # discopt writes the objective where Pyomo has the bound, and the other way round
        bound = (min if minimise else max)(bound, other) if math.isfinite(other) else math.nan
    usable = condition == TerminationCondition.optimal and math.isfinite(bound)
    outcome = Outcome(
        solution=None,
        bound=bound if usable else None,
        infeasible=condition == TerminationCondition.infeasible,
        reason=f"{solver}: {condition}",
        solve_seconds=time.perf_counter() - began,
        raw_objective=float(pyo.value(objective)) if found else None,
    )
    variables = backends.variables(model)
    outcome = widened(outcome, BOUND * len(variables), limits.gap, minimise)
    return Solved(outcome, [variable.value for variable in variables] if found else None)


def _register(solver: str) -> bool:
    """Make Pyomo know a solver that a package of the same name brings, such as ``discopt.pyomo``; whether it does.

    What such a solver returns is its own, so that it loads its solution itself.
    """
    brought = solver.isidentifier() and find_spec(solver) is not None and find_spec(f"{solver}.pyomo") is not None
    if brought:
        import_module(f"{solver}.pyomo")
    return brought


@contextmanager
def _refusal_in_a_sentence(solver: str) -> Iterator[None]:
    """Around a solve, so that a model which the solver cannot take is a refusal."""
    from pyomo.common.errors import ApplicationError, PyomoException

    try:
        yield
    except (PyomoException, ApplicationError, NotImplementedError, RuntimeError, ValueError) as fault:
        if "option" in str(fault) or "not finite" in str(fault):
            raise
        raise Unsupported(f"{solver} cannot take the model: {' '.join(str(fault).split())}") from None


def attempt_cvxpy(pickled: bytes, solver: str, options: Mapping[str, Any], limits: Limits) -> Solved:
    """Solve a pickled CVXPY problem, in this process."""
    import cvxpy as cp

    problem = pickle.loads(pickled)
    began = time.perf_counter()
    value = problem.solve(solver=solver, **options)
    solved = problem.status in (cp.OPTIMAL, cp.OPTIMAL_INACCURATE)
    outcome = Outcome(
        solution=None,
        bound=float(value) if problem.status == cp.OPTIMAL else None,
        infeasible=problem.status == cp.INFEASIBLE,
        reason=f"{solver}: {problem.status}",
        solve_seconds=time.perf_counter() - began,
        raw_objective=float(value) if solved else None,
        duals={
            item.label or str(index): item.dual_value for index, item in enumerate(problem.constraints) if solved
        },
    )
    return Solved(outcome, [variable.value for variable in problem.variables()] if solved else None)
