"""Results of many snapshots: the fields of a result, as arrays with one entry per snapshot."""

from __future__ import annotations

import operator
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, overload

import numpy as np
from numpy.typing import NDArray

from formulations.fields import FloatArray
from formulations.problems import problem
from formulations.runtime.version import versions
from solvers.core.limits import Limits
from solvers.core.result import Result, Status
from solvers.core.solve import with_own_gap
from solvers.core.summary import number

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True)
class Numbered(Sequence[str]):
    """Names "snapshot 0", "snapshot 1" and so on, made when asked for: there may be millions.

    Attributes
    ----------
    name : str
        What stands before the number.
    size : int
        How many there are.
    """

    name: str
    size: int

    def __len__(self) -> int:
        return self.size

    @overload
    def __getitem__(self, index: int) -> str: ...

    @overload
    def __getitem__(self, index: slice) -> Sequence[str]: ...

    def __getitem__(self, index: int | slice) -> str | Sequence[str]:
        places = range(self.size)[index]
        return f"{self.name} {places}" if isinstance(places, int) else [f"{self.name} {at}" for at in places]


@dataclass(frozen=True, repr=False, eq=False)
class Results(Sequence[Result]):
    """Validated results of S snapshots; an index gives one of them as a :class:`~solvers.core.result.Result`.

    Attributes
    ----------
    problem, solver : str
        What was solved, and by which method.
    limits : Limits
        Of all snapshots together.
    seconds : float
        Wall-clock time of all [s].
    instance : sequence of str
        Names of the snapshots.
    status, reason : NDArray of str
        As those of a result, shape (S,).
    objective, bound, own_gap : FloatArray
        The same, NaN where there is none, shape (S,). Padded arrays of split offloading say nothing of waits:
        their objective is the gain over doing everything on the devices.
    solution : Mapping
        Arrays by the problem's symbols, shape (S, N) each; padded with zeros.
    user_count : NDArray of int64
        Users of each snapshot, shape (S,).
    rows : tuple of Result
        The results themselves where instances were given; made when asked for where arrays were.
    """

    problem: str
    solver: str
    limits: Limits
    seconds: float
    instance: Sequence[str]
    status: NDArray[np.str_]
    reason: NDArray[np.str_]
    objective: FloatArray
    bound: FloatArray
    own_gap: FloatArray
    solution: Mapping[str, NDArray[Any]]
    user_count: NDArray[np.int64]
    rows: tuple[Result, ...] = ()

    @classmethod
    def of(cls, rows: Sequence[Result], limits: Limits, seconds: float) -> Results:
        """The results of instances, side by side."""
        counts = [0 if row.solution is None else len(next(iter(row.solution.values()))) for row in rows]
        found = next((row.solution for row in rows if row.solution is not None), {})
        solution = {symbol: np.zeros((len(rows), max(counts))) for symbol in found}
        for place, row in enumerate(rows):
            for symbol, values in (row.solution or {}).items():
                solution[symbol][place, : counts[place]] = values
        return cls(
            problem=rows[0].problem,
            solver=rows[0].solver,
            limits=limits,
            seconds=seconds,
            instance=tuple(row.instance for row in rows),
            status=np.array([str(row.status) for row in rows]),
            reason=np.array([row.reason for row in rows]),
            objective=_numbers(row.objective for row in rows),
            bound=_numbers(row.bound for row in rows),
            own_gap=_numbers(row.own_gap for row in rows),
            solution=solution,
            user_count=np.array(counts, dtype=np.int64),
            rows=tuple(rows),
        )

    @property
    def method(self) -> str:
        """Name of the method."""
        return self.solver

    @property
    def gap(self) -> FloatArray:
        """The same as ``own_gap``: nothing else is compared with."""
        return self.own_gap

    @property
    def absolute_gap(self) -> FloatArray:
        """|objective - bound| in units of the objective, NaN where one is missing, shape (S,)."""
        return np.abs(self.objective - self.bound)

    def __len__(self) -> int:
        return len(self.instance)

    @overload
    def __getitem__(self, index: int) -> Result: ...

    @overload
    def __getitem__(self, index: slice) -> Sequence[Result]: ...

    def __getitem__(self, index: int | slice) -> Result | Sequence[Result]:
        if isinstance(index, slice):
            return [self[place] for place in range(*index.indices(len(self)))]
        if not -len(self) <= operator.index(index) < len(self):
            raise IndexError(f"snapshots: expected a place below {len(self)}, got {index}")
        place = range(len(self))[index]
        return self.rows[place] if self.rows else self._made(place)

    def _made(self, place: int) -> Result:
        count = int(self.user_count[place])
        result = Result(
            instance=self.instance[place],
            instance_hash="",
            problem=self.problem,
            solver=self.solver,
            formulation="",
            status=Status(str(self.status[place])),
            seed=0,
            limits=self.limits,
            reason=str(self.reason[place]),
            objective=_known(self.objective[place]),
            bound=_known(self.bound[place]),
            own_gap=_known(self.own_gap[place]),
            solution={symbol: values[place, :count] for symbol, values in self.solution.items()},
            versions=versions(),
        )
        return with_own_gap(result)

    def to_frame(self) -> pd.DataFrame:
        """Return a table with a row per snapshot: status, objective, bound and gap."""
        import pandas as pd

        return pd.DataFrame(
            {
                "instance": list(self.instance),
                "users": self.user_count,
                "status": self.status,
                "reason": self.reason,
                "objective": self.objective,
                "bound": self.bound,
                "gap_percent": 100.0 * self.own_gap,
            }
        )

    def __str__(self) -> str:
        posed = problem(self.problem)
        counted = ", ".join(f"{count} {status}" for status, count in Counter(self.status.tolist()).items())
        found = self.objective[np.isfinite(self.objective)]
        gaps = self.own_gap[np.isfinite(self.own_gap)]
        unit = "" if posed.objective_unit == "-" else f" {posed.objective_unit}"
        mean = "none" if not found.size else f"{number(float(found.mean()))}{unit} on average"
        widest = "none proven" if not gaps.size else f"{100.0 * gaps.max():.2g} % at most"
        return (
            f"{len(self)} snapshots: {posed.title} by {self.solver}: {counted}\n"
            f"objective  {mean}\ngap        {widest}\n"
            f"users      {min(self.user_count.tolist(), default=0)} to {self.user_count.max(initial=0)}\n"
            f"time       {self.seconds:.3g} s altogether"
        )

    def __repr__(self) -> str:
        return f"<Results of '{self.solver}' on {len(self)} snapshots ({self.problem})>"


def _numbers(values: Any) -> FloatArray:
    return np.array([np.nan if value is None else value for value in values], dtype=np.float64)


def _known(value: Any) -> float | None:
    return None if np.isnan(value) else float(value)
