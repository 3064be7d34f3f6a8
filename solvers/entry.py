"""What the registry knows of a problem and of a method: names and where things are, imported only when called."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from typing import Any

from solvers.result import Sense


@dataclass(frozen=True)
class Companion:
    """A table of its own beside a problem's comparison, computed from the data in a child process.

    Attributes
    ----------
    name : str
        What its files are called.
    title : str
        What its heading says.
    function : str
        ``package.module:function``, called with the problem's data and the limits; returns what ``table`` shows.
    table : str
        ``package.module:function``, called with the heading and the returned value; makes the table.
    beside : str
        Method that it belongs to: a selection of methods without it leaves the table out.
    """

    name: str
    title: str
    function: str
    table: str
    beside: str


@dataclass(frozen=True)
class Problem:
    """A problem: where its evaluator is and how its objective is read.

    Attributes
    ----------
    name : str
        Section name in instance files.
    title : str
        What a table's heading says.
    sense : Sense
        Whether the objective is minimised or maximised.
    evaluation : str
        Module with ``evaluate_solution(data, solution)``, ``METRICS`` and ``describe(data)``.
    companions : tuple of Companion
        Tables of its own beside the comparison.
    gap_measures : tuple of str
        Gaps to the best proven bound that its table shows, by their names in :mod:`reports.gap_measures`.
    users : str
        Field of its data that says how many there are whom a measure per user is divided by.
    own_limits : str
        ``package.module:function`` that lists the limits which the problem has by itself, see
        :mod:`solvers.infeasibility`; without it, only further constraints are named in a conflict.
    """

    name: str
    title: str
    sense: Sense
    evaluation: str
    companions: tuple[Companion, ...] = ()
    gap_measures: tuple[str, ...] = ("gap", "absolute_gap")
    users: str = "users"
    own_limits: str = ""


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


def load(path: str) -> Any:
    """Import ``package.module:attribute``."""
    module, _, attribute = path.partition(":")
    return getattr(import_module(module), attribute)
