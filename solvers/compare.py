"""The command that people run, ``python -m solvers.compare``, and the same from Python, ``solvers.compare()``.

This module has the name of the function, so it can be called itself: ``solvers.compare`` is the function
before and after ``import solvers.compare``.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Sequence
from types import ModuleType
from typing import TYPE_CHECKING, Any

from formulations.runtime import program
from formulations.runtime.program import UsageError
from formulations.runtime.shadow import refuse_shadows

if TYPE_CHECKING:
    import pandas as pd

    from instances import Instance


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command and return its exit status."""
    try:
        refuse_shadows("reports")
    except ImportError as fault:
        raise UsageError(str(fault)) from None
    from reports.comparison.command import main as command

    return command(arguments)


def script() -> int:
    """Run the command as a process of its own, and return its exit status."""
    return program.run(main)


def compare(
    instances: Instance | str | os.PathLike[str] | Iterable[Instance | str | os.PathLike[str]],
    solvers: Sequence[str] | None = None,
    *,
    problem: str | None = None,
    time_limit: float | None = None,
    gap: float = 1e-6,
    seed: int = 0,
    seeds: int = 5,
    threads: int = 1,
) -> pd.DataFrame:
    """Compare methods on instances.

    Parameters
    ----------
    instances : Instance or path, or several
        What to solve.
    solvers : sequence of str, optional
        Names of the methods; all that apply by default.
    problem : str, optional
        The only problem to solve; all that the instances pose by default.
    time_limit : float, optional
        Seconds for each method; by default what keeps an instance within a minute.
    gap : float
        Relative gap that counts as optimal, as a fraction.
    seed, seeds : int
        First seed, and number of seeds of each random method.
    threads : int
        Threads of each external solver.

    Returns
    -------
    pandas.DataFrame
        One row per instance, problem, method and seed, with status, objective, bound, gap (as a fraction), the
        components of the objective, the time [s] and the solution's arrays. ``attrs["contradictions"]`` lists
        the claims that cannot both be true; there is also a warning for each. ``attrs["conflicts"]`` says of
        every infeasible instance which constraints cannot hold together.

    Raises
    ------
    ValueError
        If a name is unknown, or an instance or an argument cannot be used.
    """
    from solvers.comparison.frame import compare as to_frame

    return to_frame(
        instances,
        solvers,
        problem=problem,
        time_limit=time_limit,
        gap=gap,
        seeds=range(seed, seed + seeds),
        threads=threads,
    )


class _CallableModule(ModuleType):
    """A module that is also the function of its name."""

    def __call__(self, *arguments: Any, **options: Any) -> pd.DataFrame:
        return compare(*arguments, **options)


if __name__ == "__main__":
    sys.exit(script())

sys.modules[__name__].__class__ = _CallableModule
