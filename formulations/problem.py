"""What the package knows of a problem: names and where things are, imported only when called."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from importlib import import_module
from typing import Any


class Sense(StrEnum):
    """Whether a problem minimises or maximises."""

    MINIMISE = "minimise"
    MAXIMISE = "maximise"


@dataclass(frozen=True)
class AuxiliaryTable:
    """A table beside a problem's comparison, computed from the data in a child process.

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
    """A problem: where its data, evaluator and methods are, and how its objective is read.

    Attributes
    ----------
    name : str
        Section name in instance files.
    title : str
        What a table's heading says.
    summary : str
        What is decided, in one line.
    sense : Sense
        Whether the objective is minimised or maximised.
    data : str
        ``package.module:class`` of its section, a subclass of :class:`formulations.section.Section` whose
        ``problem`` is the name.
    evaluation : str
        Module with ``evaluate_solution(data, solution)``, ``METRICS`` and ``describe(data)``.
    methods : str
        ``package.module:METHODS``, the methods in the order they run in, each a
        :class:`solvers.core.entry.Method`.
    generator : str
        ``package.module:function``, called as ``generate(seed, **options)``; returns the fields of a section, or
        the section. Without it, ``python -m instances.generate`` does not make the problem.
    auxiliary_tables : tuple of AuxiliaryTable
        Tables beside the comparison.
    gap_measures : tuple of str
        Gaps to the best proven bound that its table shows, by their names in :mod:`reports.tables.gap_measures`.
    users : str
        Field of its data that says how many there are whom a measure per user is divided by.
    takes_constraints : bool
        Whether its evaluator and methods honour further constraints; they are refused otherwise.
    native_bounds : str
        ``package.module:function`` that lists the limits which the problem has by itself, see
        :mod:`solvers.core.infeasibility`; without it, only further constraints are named in a conflict.
    certificates : str
        ``package.module:function``, called as ``check(data, certificate, solution, instance_hash)``; returns a
        :class:`solvers.core.certificate.Checked`. Without it, no certificates of the problem are checked.
    objective_unit : str
        Unit of the objective, ``-`` where it has none.
    decisions : str
        Module with ``per_user(data, solution)``, the columns of a table with a row per user,
        ``decision(solution)``, the solution in a line, and ``dual_units(data, names)``; without it, a table shows
        the arrays of the solution.
    """

    name: str
    title: str
    summary: str
    sense: Sense
    data: str
    evaluation: str
    methods: str
    generator: str = ""
    auxiliary_tables: tuple[AuxiliaryTable, ...] = ()
    gap_measures: tuple[str, ...] = ("gap", "absolute_gap")
    users: str = "users"
    takes_constraints: bool = False
    native_bounds: str = ""
    certificates: str = ""
    objective_unit: str = "-"
    decisions: str = ""

    def load_generator(self) -> Callable[..., Any]:
        """Import the function that makes its data."""
        function: Callable[..., Any] = load(self.generator)
        return function


def load(path: str) -> Any:
    """Import ``package.module:attribute``."""
    module, _, attribute = path.partition(":")
    return getattr(import_module(module), attribute)
