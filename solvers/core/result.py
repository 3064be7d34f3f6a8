"""What a method returns (:class:`Outcome`), and what it becomes by validation (:class:`Result`)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from enum import StrEnum
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from formulations.evaluation import Evaluation
from formulations.problem import Sense as Sense
from solvers.core.limits import Limits

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

Solution = Mapping[str, NDArray[Any]]

TIME_LIMIT = "time limit"
"""Reason of a method that would have gone on with more time."""

INTERRUPTED = "interrupted"
"""Reason of a search that Ctrl-C ended."""

GAVE_UP = "the solver of its subproblem gave up"
"""Reason of a method that could not go on for want of a subproblem's solution."""

CUT_SHORT = (TIME_LIMIT, GAVE_UP)
"""Reasons that say of a heuristic, too, that it has not run to its end."""


class Status(StrEnum):
    """What is known of a solve.

    Each is a string too: ``result.status == "optimal"``.

    Examples
    --------
    >>> import diffload
    >>> diffload.solve("n10").status == "optimal"
    True
    >>> [str(status) for status in diffload.Status]
    ['optimal', 'feasible', 'infeasible', 'unknown', 'unsupported', 'error']
    """

    OPTIMAL = "optimal"
    FEASIBLE = "feasible"
    INFEASIBLE = "infeasible"
    UNKNOWN = "unknown"
    UNSUPPORTED = "unsupported"
    ERROR = "error"


class Unsupported(Exception):  # noqa: N818 - an expected outcome, turned into a status
    """A method does not apply to this instance; the message is the reason."""


@dataclass(frozen=True)
class Outcome:
    """What a method of one problem returns, before anyone has checked it.

    Attributes
    ----------
    solution : Solution or None
        Arrays by the problem's symbols, or None where nothing was found.
    bound : float or None
        Proven bound on the problem's optimum in its own sense; None where nothing is proven, as by a heuristic.
    infeasible : bool
        Whether infeasibility was proven.
    reason : str
        Why it stopped, in a few words: :data:`TIME_LIMIT`, "gap closed", ...
    build_seconds, solve_seconds : float
        Wall-clock time [s] for the model and for solving it.
    root_bound : float or None
        What the solver of a model knew at the root of its search tree, to show how strong the model is; no proof.
    nodes, iterations : int or None
        Work, where the method counts it.
    raw_objective : float or None
        Objective of the method's point before rounding and re-optimisation, where there is such a point.
    duals : Mapping
        Multipliers by name, where the method has them.
    certificate : Mapping or None
        Evidence for ``bound`` that can be checked without the method.
    history : tuple of Mapping
        One row per iteration, where the method keeps them.
    log : str
        What an external solver printed.
    """

    solution: Solution | None
    bound: float | None = None
    infeasible: bool = False
    reason: str = ""
    build_seconds: float = 0.0
    solve_seconds: float = 0.0
    root_bound: float | None = None
    nodes: int | None = None
    iterations: int | None = None
    raw_objective: float | None = None
    duals: Mapping[str, Any] = field(default_factory=dict)
    certificate: Mapping[str, Any] | None = None
    history: tuple[Mapping[str, Any], ...] = ()
    log: str = ""


_UNRECORDED = ("evaluation", "log", "data")
"""Fields that a record leaves out or spreads."""


@dataclass(frozen=True, repr=False, eq=False)
class Result:
    """One method on one instance, validated by the problem's evaluator.

    Attributes
    ----------
    instance, instance_hash : str
        Name and SHA-256 of the instance.
    problem, solver, formulation : str
        What was solved, by whom, in which formulation.
    status : Status
        See :func:`solvers.core.validation.validate` for the rule.
    reason : str
        Why, in a few words.
    objective : float or None
        Recomputed by the evaluator, never the solver's own number.
    bound : float or None
        The method's own proven bound.
    own_gap : float or None
        |objective - bound| / max(|bound|, 1e-9), as a fraction, with the method's own bound.
    gap, absolute_gap : float or None
        The same with the best bound of all methods compared, relative and in units of the objective; that of the
        method alone where nothing was compared.
    bound_from : str or None
        Method whose bound ``gap`` refers to.
    seconds, build_seconds, solve_seconds : float
        Wall-clock time [s]; ``seconds`` = build + solve.
    root_bound : float or None
        As the method returned it.
    root_gap : float or None
        |root_bound - best bound of all methods compared| / max(|best bound|, 1e-9), as a fraction.
    data : Section or None
        The problem's data, where the result was made in this process; never written to a file.

    Examples
    --------
    >>> import diffload
    >>> result = diffload.solve("n10", "all-local")
    >>> result.status, round(result.objective, 4), result.bound
    (<Status.FEASIBLE: 'feasible'>, -1.5549, None)
    """

    instance: str
    instance_hash: str
    problem: str
    solver: str
    formulation: str
    status: Status
    seed: int
    limits: Limits
    reason: str = ""
    objective: float | None = None
    bound: float | None = None
    own_gap: float | None = None
    gap: float | None = None
    absolute_gap: float | None = None
    bound_from: str | None = None
    seconds: float = 0.0
    build_seconds: float = 0.0
    solve_seconds: float = 0.0
    root_bound: float | None = None
    root_gap: float | None = None
    nodes: int | None = None
    iterations: int | None = None
    raw_objective: float | None = None
    evaluation: Evaluation | None = None
    solution: Solution | None = None
    duals: Mapping[str, Any] = field(default_factory=dict)
    certificate: Mapping[str, Any] | None = None
    history: tuple[Mapping[str, Any], ...] = ()
    log: str = ""
    versions: Mapping[str, str] = field(default_factory=dict)
    data: Any = field(default=None, compare=False)

    @property
    def method(self) -> str:
        """Name of the method, by which :func:`diffload.solve` takes it."""
        return self.solver

    def __str__(self) -> str:
        from solvers.core.summary import text

        return text(self)

    def __repr__(self) -> str:
        from solvers.core.summary import number

        value = "no solution" if self.objective is None else number(self.objective)
        return f"<Result of '{self.solver}' on '{self.instance}' ({self.problem}): {self.status}, {value}>"

    def to_frame(self, instance: Any = None) -> pd.DataFrame:
        """Return a table with a row per user: place, steps and what they cost and bring, with units in the names.

        Parameters
        ----------
        instance : Instance, optional
            The scenario; needed only for a result that was read from a file or made in another process.

        Raises
        ------
        ValueError
            If there is no solution, or the instance is needed.

        Examples
        --------
        >>> import diffload
        >>> frame = diffload.solve("n10").to_frame()
        >>> list(frame)
        ['place', 'steps', 'time_seconds', 'error', 'energy_joules', 'utility', 'cost']
        """
        from solvers.core.summary import frame

        return frame(self, instance)

    if TYPE_CHECKING:  # attached by diffload, as pictures are made by reports

        def plot(self, ax: Axes | None = None) -> Axes:
            """Draw who runs where and how many steps each takes, see :func:`diffload.plot.solution`."""

    def to_record(self) -> dict[str, Any]:
        """Return the result as plain JSON data: arrays as lists, NaN and infinities as None.

        Examples
        --------
        >>> import diffload
        >>> record = diffload.solve("n10").to_record()
        >>> record["status"], len(record["solution"]["a"])
        ('optimal', 10)
        """
        evaluation = self.evaluation
        shown = {item.name: getattr(self, item.name) for item in fields(self) if item.name not in _UNRECORDED}
        record: dict[str, Any] = plain(
            shown
            | {
                "status": str(self.status),
                "limits": asdict(self.limits),
                "metrics": evaluation.metrics if evaluation else None,
                "violations": evaluation.violations if evaluation else None,
            }
        )
        return record


def plain(value: Any) -> Any:
    """Return ``value`` as JSON data: arrays as lists, numbers that are not finite as None."""
    if isinstance(value, Mapping):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, np.ndarray):
        return plain(value.tolist())
    if isinstance(value, list | tuple):
        return [plain(item) for item in value]
    if isinstance(value, np.bool_):
        return bool(value)
    if isinstance(value, np.integer):
        return int(value)
    if isinstance(value, float | np.floating):
        return float(value) if np.isfinite(value) else None
    return value
