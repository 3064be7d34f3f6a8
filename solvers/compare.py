"""The command that people run, ``python -m solvers.compare``, and the same from Python, ``solvers.compare()``.

This module has the name of the function, so it can be called itself: ``solvers.compare`` is the function
before and after ``import solvers.compare``.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Sequence
from types import ModuleType
from typing import TYPE_CHECKING, Any

from formulations.runtime import program
from formulations.runtime.moved import renamed
from formulations.runtime.program import UsageError
from formulations.runtime.shadow import refuse_shadows

if TYPE_CHECKING:
    import pandas as pd

    from solvers.comparison.several import Source
    from solvers.core.limits import Limits


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


@renamed(solvers="method")
def compare(
    instances: Source | Iterable[Source],
    method: str | Iterable[str] | None = None,
    *,
    problem: str | None = None,
    time_limit: float | None = None,
    gap: float | None = None,
    threads: int | None = None,
    seed: int = 0,
    seeds: int = 5,
    limits: Limits | None = None,
) -> pd.DataFrame:
    """Compare methods on instances; :func:`diffload.compare` does the same and returns more than a table.

    Parameters
    ----------
    instances : Instance, path or name, or several
        What to solve.
    method : str, or several, optional
        Names of the methods; all that apply by default.
    problem : str, optional
        The only problem to solve; all that the instances pose by default.
    time_limit : float, optional
        Seconds for each method; by default what keeps an instance within a minute.
    gap : float, optional
        Relative gap that counts as optimal, as a fraction; 1e-6 by default.
    threads : int, optional
        Threads of each external solver; 1 by default.
    seed, seeds : int
        First seed, and number of seeds of each random method.
    limits : Limits, optional
        Time, gap and threads at once.

    Returns
    -------
    pandas.DataFrame
        One row per instance, problem, method and seed, with status, objective, bound, gap (as a fraction), the
        components of the objective, the time [s] and the solution's arrays. ``attrs["contradictions"]`` lists
        the claims that cannot both be true; there is also a warning for each. ``attrs["conflicts"]`` says of
        every infeasible instance which constraints cannot hold together.

    Raises
    ------
    TypeError, ValueError
        If a name is unknown, or an instance or an argument cannot be used.
    """
    from formulations.runtime.progress import Progress
    from solvers.comparison.frame import frame_of
    from solvers.comparison.several import compared

    return frame_of(
        compared(
            instances,
            method,
            problem=problem,
            time_limit=time_limit,
            gap=gap,
            threads=threads,
            seed=seed,
            seeds=seeds,
            limits=limits,
            progress=Progress(),
        )
    )


class _CallableModule(ModuleType):
    """A module that is also the function of its name."""

    def __call__(self, *arguments: Any, **options: Any) -> pd.DataFrame:
        return compare(*arguments, **options)


if __name__ == "__main__":
    sys.exit(script())

sys.modules[__name__].__class__ = _CallableModule
