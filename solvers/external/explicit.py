"""Explicit models by name: built, read, and solved alike, whatever the problem."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from inspect import signature
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from formulations.errors import UnknownNameError, path_given
from formulations.problem import load
from instances import Instance
from instances.from_data import as_instance
from solvers.comparison.several import Source
from solvers.core.limits import Limits, limits_of, name_of
from solvers.core.result import Result, Solution
from solvers.core.solve import with_data, with_own_gap

if TYPE_CHECKING:
    import pyomo.environ as pyo

LINES = 16
"""Supporting lines per user and place of an outer approximation."""

_STEP = "formulations.step_allocation.models."
_SPLIT = "formulations.split_offloading.models."
_GQAP = "formulations.gqap.models."


@dataclass(frozen=True)
class Model:
    """A model of a problem: how it is called, what it is, and where it is built and read.

    Attributes
    ----------
    name : str
        ``problem/model``.
    short : str
        What ``python -m solvers.export`` calls it.
    summary : str
        What it is.
    function : str
        What builds it of the problem's data, as ``module:function``.
    solution : str
        What reads the solution, as ``module:function``.
    bounding : bool
        Whether its bound is one on the whole problem.
    """

    name: str
    short: str
    summary: str
    function: str
    solution: str
    bounding: bool = True

    @property
    def problem(self) -> str:
        """The problem that it models."""
        return self.name.partition("/")[0]


MODELS = (
    *(
        Model(f"step_allocation/{name}", name, summary, function, f"{_STEP}{module}:solution")
        for name, summary, function, module in (
            ("p1", "P1 of paper A as printed", f"{_STEP}p1:build", "p1"),
            ("p1-convex", "P1 as a convex MINLP", f"{_STEP}p1_convex:build", "p1_convex"),
            (
                "p1-tangents",
                "outer approximation of P1, a MILP and a lower bound",
                "solvers.external.explicit:p1_tangents",
                "p1_convex",
            ),
        )
    ),
    *(
        Model(
            f"split_offloading/{name}",
            f"split-{name}",
            summary,
            f"{_SPLIT}{module}:{build}",
            f"{_SPLIT}{module}:solution",
            bounding="gqap" not in name,  # fixed splits restrict the problem
        )
        for name, summary, module, build in (
            ("p1", "P1 of paper B as a MINLP, strengthened by chords of F's envelope", "p1", "build"),
            ("batch-indexed", "P1 of paper B as a MILP, indexed by the batch", "batch_indexed", "build"),
            ("gqap", "GQAP (18) of paper B with fixed splits", "gqap_reduction", "build_quadratic"),
            ("gqap-linearised", "the same, its products linearised", "gqap_reduction", "build_linearised"),
        )
    ),
    *(
        Model(f"gqap/{name}", f"gqap-{name}", summary, f"{_GQAP}{module}:build", _GQAP + "assignment:solution")
        for name, summary, module in (
            ("quadratic", "generalised quadratic assignment as posed", "quadratic"),
            ("standard", "the same, standard linearisation", "standard_linearisation"),
            ("rlt1", "the same, level-1 RLT", "rlt1"),
            ("compact", "the same, compact linearisation", "compact"),
        )
    ),
)
"""Every model that can be built by name."""


class Origin(NamedTuple):
    """What a model was built from; every built model has it as ``model.origin``."""

    name: str
    instance: Instance


def p1_tangents(data: Any) -> Any:
    """Outer approximation of P1 with :data:`LINES` supporting lines per user and place."""
    from formulations.step_allocation.models import p1_tangents, supports
    from formulations.step_allocation.parameters import EDGE, LOCAL

    return p1_tangents.build(data, *(supports.spread_points(data, place, LINES) for place in (LOCAL, EDGE)))


def model_named(name: str) -> Model:
    """Return a model by its name, long or short.

    Raises
    ------
    TypeError
        If the name is no text.
    UnknownNameError
        If there is none.
    """
    name_of("name", name, "the name of a model")
    for known in MODELS:
        if name in (known.name, known.short):
            return known
    raise UnknownNameError("model", name, (known.name for known in MODELS))


def build(name: str, instance: Source) -> pyo.ConcreteModel:
    """Build an explicit model of an instance in Pyomo, to be looked at, changed, solved or exported.

    Parameters
    ----------
    name : str
        ``step_allocation/p1``, ``step_allocation/p1-convex``, ``step_allocation/p1-tangents``,
        ``split_offloading/p1``, ``split_offloading/batch-indexed``, ``split_offloading/gqap``,
        ``split_offloading/gqap-linearised``, ``gqap/quadratic``, ``gqap/standard``, ``gqap/rlt1`` or
        ``gqap/compact``.
    instance : Instance, path, name or mapping
        The scenario.

    Returns
    -------
    pyomo.environ.ConcreteModel
        Its variables, constraints and objective say in ``doc`` what they are, with unit and equation.

    Raises
    ------
    ValueError
        If there is no such model, or the instance does not pose its problem.

    Examples
    --------
    >>> import diffload
    >>> model = diffload.build("step_allocation/p1-convex", "n10")
    >>> model.edge_budget.doc
    'edge steps of all users within the budget [steps], paper A (1)'
    """
    import sys

    known = model_named(name)
    instance = as_instance(instance)
    if known.problem not in instance.problems:
        names = " and ".join(instance.problems)
        raise ValueError(f"instance '{instance.name}' poses {names}, expected {known.problem} for '{name}'")
    if sys.flags.optimize > 1:
        raise ValueError("expected Python without -OO or PYTHONOPTIMIZE=2: Pyomo needs docstrings")
    from formulations.model_texts import document

    model = load(known.function)(instance.section(known.problem))
    document(model, known.problem)
    model.origin = Origin(known.name, instance)
    return model


def solution(model: pyo.ConcreteModel) -> Solution:
    """Read the solution off a solved model, as arrays by the problem's symbols.

    Parameters
    ----------
    model : pyomo.environ.ConcreteModel
        From :func:`build`, with a value of every variable.

    Returns
    -------
    dict
        As ``Result.solution``: ``a`` and ``s``, ``x`` and ``n``, or ``assignment``.

    Raises
    ------
    TypeError
        If the model is of another origin.
    ValueError
        If its variables have no values.

    Examples
    --------
    >>> import diffload
    >>> model = diffload.build("step_allocation/p1-tangents", "n10")
    >>> result = diffload.solve_native(model, "highs")
    >>> list(diffload.solution(model))
    ['a', 's']
    """
    origin = _origin(model)
    known = model_named(origin.name)
    read = load(known.solution)
    try:
        data = [origin.instance.section(known.problem)] if len(signature(read).parameters) > 1 else []
        arrays = dict(read(model, *data))
    except TypeError:
        arrays = {}
    if not arrays or any(np.isnan(values).any() for values in arrays.values()):
        raise ValueError("expected a model that has been solved, got variables without values")
    return arrays


def export(model: pyo.ConcreteModel, path: str | os.PathLike[str]) -> Path:
    """Write a model to a file that other solvers and modelling systems read.

    Parameters
    ----------
    model : pyomo.environ.ConcreteModel
        From :func:`build`, or any other.
    path : str or path
        Its ending is the format: ``.nl`` and ``.gms`` for all models, ``.lp`` and ``.mps`` for linear ones.

    Returns
    -------
    Path
        The file written.

    Raises
    ------
    ValueError
        If the ending is unknown, the model is not linear and the format is, or the file cannot be written.

    Examples
    --------
    >>> import diffload, os, tempfile
    >>> model = diffload.build("split_offloading/batch-indexed", "split_i5_g1")
    >>> diffload.export(model, os.path.join(tempfile.mkdtemp(), "model.lp")).name
    'model.lp'
    """
    from pyomo.core.base.block import BlockData

    from formulations.export import write

    if not isinstance(model, BlockData):
        raise TypeError(
            f"model: expected a model of Pyomo, as diffload.build makes it, got {type(model).__name__}"
        )
    try:
        return write(model, path_given("path", path))
    except OSError as fault:
        raise ValueError(f"cannot write '{path}' ({fault.strerror or fault})") from None


def solve_native(
    model: Any,
    solver: str | None = None,
    *,
    instance: Source | None = None,
    read: Callable[[Any], Solution] | None = None,
    problem: str | None = None,
    time_limit: float | None = None,
    gap: float | None = None,
    threads: int | None = None,
    limits: Limits | None = None,
    options: Mapping[str, Any] | None = None,
    name: str | None = None,
    bounding: bool | None = None,
) -> Result:
    """Solve a model, whatever has been added to it, and validate what is found by the instance.

    Parameters
    ----------
    model : pyomo.environ.ConcreteModel or cvxpy.Problem
        From :func:`build`; for another one, ``instance`` and ``read`` say what it is about.
    solver : str, optional
        ``scip`` (default), ``highs``, or any other name that Pyomo knows; for CVXPY, its name of the solver.
    instance : Instance, path, name or mapping, optional
        The scenario, for a model that :func:`build` has not made.
    read : callable, optional
        The solution by the problem's symbols from the solved model, for such a model.
    problem : str, optional
        Which problem of the instance, for such a model.
    time_limit, gap, threads, limits : optional
        As :func:`diffload.solve` takes them.
    options : Mapping, optional
        Further options, by the solver's own names.
    name : str, optional
        What tables call the method; by default solver and model.
    bounding : bool, optional
        Whether the model's bound is one on the whole problem; known of built models, else true by default.

    Returns
    -------
    Result
        ``unsupported`` with a sentence where the solver is not there or cannot take the model.

    Raises
    ------
    TypeError, ValueError
        If an argument cannot be used.

    Examples
    --------
    >>> import diffload
    >>> model = diffload.build("step_allocation/p1-convex", "n10")
    >>> diffload.solve_native(model, solver="highs").status.value
    'unsupported'
    """
    from solvers.external import native

    allowed = limits_of(limits, time_limit=time_limit, gap=gap, threads=threads)
    if solver is not None:
        name_of("solver", solver, "the name of a solver")
    if instance is None:
        origin = _origin(model)
        known = model_named(origin.name)
        instance, problem = origin.instance, known.problem
        read = solution if read is None else read
        name = f"{solver or 'scip'} on {known.short}" if name is None else name
        bounding = known.bounding if bounding is None else bounding
    if read is None:
        raise TypeError("read: expected a function that reads the solution of a model made by hand, got none")
    instance = as_instance(instance)
    result = native.solve_native(
        model,
        read,
        instance,
        problem=problem,
        solver=solver,
        limits=allowed,
        options=options,
        name="by hand" if name is None else name,
        bounding=bounding is not False,
    )
    return with_data(with_own_gap(result), instance.section(result.problem))


def _origin(model: Any) -> Origin:
    origin = getattr(model, "origin", None)
    if not isinstance(origin, Origin):
        raise TypeError(f"model: expected one that diffload.build has made, got {type(model).__name__}")
    return origin
