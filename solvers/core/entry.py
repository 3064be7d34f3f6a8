"""Registry entry of a method: its names and where its function is, which is imported only when called."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from formulations.problem import load


@dataclass(frozen=True)
class Method:
    """A method: one function ``solve(data, limits, seed) -> Outcome``.

    Attributes
    ----------
    name, problem, formulation : str
        Its name, the problem it solves, and in which formulation.
    function : str
        Where it is: ``package.module:function``.
    summary : str
        One line for ``--list``.
    exact : bool
        Whether it claims a bound.
    random : bool
        Whether its result depends on the seed.
    isolated : bool
        Whether it runs in a child process that is killed when it overruns its limit; every external solver does.
    """

    name: str
    problem: str
    formulation: str
    function: str
    summary: str
    exact: bool = False
    random: bool = False
    isolated: bool = False

    def load(self) -> Callable[..., Any]:
        """Import the method's function."""
        function: Callable[..., Any] = load(self.function)
        return function


def own(problem: str) -> Callable[..., Method]:
    """Return what makes the entries of the package's own methods of a problem.

    It takes the fields of :class:`Method` without the problem; the function is named from the problem's folder on.
    """

    def entry(name: str, formulation: str, function: str, summary: str, **flags: bool) -> Method:
        return Method(name, problem, formulation, f"solvers.{problem}.{function}", summary, **flags)

    return entry
