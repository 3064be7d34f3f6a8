"""Compare methods, and what comes of it: a narrow table, a tidy frame, the solutions, a picture."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from formulations.runtime.progress import display
from reports.comparison.tables import narrow_tables, tidy_frame
from reports.formats import plain_text
from reports.notebook.html import tables_html
from solvers.comparison import several
from solvers.comparison.methods import Comparison as Compared
from solvers.comparison.several import Source
from solvers.core.limits import Limits
from solvers.core.result import Result, Solution

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes


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
    progress: bool | None = None,
) -> Comparison:
    """Solve instances by several methods, and hold the results against each other.

    Parameters
    ----------
    instances : Instance, path, name or mapping, or several
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
    progress : bool, optional
        Whether to show what runs; by default in notebooks and terminals.

    Returns
    -------
    Comparison
        With all results, their gaps to the best proven bound of all methods, and what they prove together.

    Raises
    ------
    TypeError, ValueError
        If a name is unknown, or an instance or an argument cannot be used.
    KeyboardInterrupt
        After Ctrl-C, with what was done until then as its ``comparison``; in a shell that is
        ``sys.last_value.comparison``.

    Examples
    --------
    >>> import diffload
    >>> comparison = diffload.compare("n10", ["price-search", "all-local"])
    >>> comparison.frame[["method", "status", "gap_percent"]].round(1)
             method    status  gap_percent
    0  price-search   optimal          0.0
    1     all-local  feasible         39.0
    """
    try:
        found = several.compared(
            instances,
            method,
            problem=problem,
            time_limit=time_limit,
            gap=gap,
            threads=threads,
            seed=seed,
            seeds=seeds,
            limits=limits,
            progress=display(progress),
        )
    except KeyboardInterrupt as stopped:
        _keep(stopped)
        raise
    return Comparison(tuple(found))


def _keep(stopped: Any) -> None:
    """Give an interrupt the comparison of what was done."""
    stopped.comparison = Comparison(tuple(getattr(stopped, "parts", ())))
    done = len(stopped.comparison)
    stopped.add_note(f"finished results: {done}" + ", in sys.last_value.comparison" * (done > 0))


@dataclass(frozen=True, repr=False, eq=False)
class Comparison:
    """Results of several methods, held against each other; printing it shows a table of each instance and problem.

    Attributes
    ----------
    parts : tuple
        One for each problem of each instance.

    Examples
    --------
    >>> import diffload
    >>> comparison = diffload.compare("n10", ["price-search", "all-edge"])
    >>> len(comparison.results), comparison.contradictions
    (2, ())
    >>> sorted(comparison.solutions["n10", "step_allocation", "all-edge", 0])
    ['a', 's']
    """

    parts: tuple[Compared, ...]

    @property
    def results(self) -> tuple[Result, ...]:
        """Every result, with its gap to the best proven bound of all methods."""
        return tuple(result for part in self.parts for result in part.results)

    @property
    def frame(self) -> pd.DataFrame:
        """A tidy table: a row per instance, problem, method and seed, with units in the names."""
        return tidy_frame(self.parts)

    def to_frame(self) -> pd.DataFrame:
        """Return :attr:`frame`, by the name that instances and results have for their tables.

        Examples
        --------
        >>> import diffload
        >>> frame = diffload.compare("n10", ["price-search", "all-edge"]).to_frame()
        >>> list(frame["method"])
        ['price-search', 'all-edge']
        """
        return self.frame

    @property
    def solutions(self) -> Mapping[tuple[str, str, str, int], Solution]:
        """Solutions by instance, problem, method and seed, as arrays by the problem's symbols."""
        return {
            (result.instance, result.problem, result.solver, result.seed): result.solution
            for result in self.results
            if result.solution is not None
        }

    @property
    def contradictions(self) -> tuple[str, ...]:
        """A sentence for each pair of claims that cannot both be true; there should be none."""
        return tuple(several.contradictions(self.parts))

    @property
    def conflicts(self) -> tuple[str, ...]:
        """A sentence for each infeasible instance: which constraints cannot hold together."""
        return tuple(several.conflicts(self.parts))

    def plot(self, ax: Axes | None = None, *, instance: str | None = None, problem: str | None = None) -> Axes:
        """Draw the gap of every method, see :func:`diffload.plot.gaps`.

        Examples
        --------
        >>> import diffload, matplotlib
        >>> matplotlib.use("agg")
        >>> diffload.compare("n10", ["price-search", "all-edge"]).plot().get_yscale()
        'log'
        """
        from reports.notebook.pictures import gaps

        return gaps(self.parts, ax, instance=instance, problem=problem)

    def __iter__(self) -> Iterator[Result]:
        return iter(self.results)

    def __len__(self) -> int:
        return len(self.results)

    def __getitem__(self, index: int) -> Result:
        return self.results[index]

    def __str__(self) -> str:
        return plain_text.render(narrow_tables(self.parts)).rstrip("\n")

    def __repr__(self) -> str:
        shown = ", ".join(f"'{part.plan.case.instance}' ({part.plan.problem.name})" for part in self.parts)
        return f"<Comparison of {len(self)} results on {shown}>"

    def _repr_html_(self) -> str:
        return tables_html(narrow_tables(self.parts))
