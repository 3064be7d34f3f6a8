"""A result as people read it: five lines with units, a table with a row per user, multipliers with units."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from formulations.problem import load
from formulations.problems import problem

if TYPE_CHECKING:
    import pandas as pd

    from solvers.core.result import Result


def lines(result: Result) -> Iterator[tuple[str, str]]:
    """Yield the five lines of a result, each as its label and its text."""
    posed = problem(result.problem)
    unit = "" if posed.objective_unit == "-" else f" {posed.objective_unit}"
    reason = f" ({result.reason})" if result.reason else ""
    yield result.instance, f"{posed.title} by {result.solver}: {result.status}{reason}"
    yield "objective", "none" if result.objective is None else f"{number(result.objective)}{unit}"
    yield "bound", _bound(result, unit)
    yield "decision", _decision(result)
    build = f", {result.build_seconds:.3g} s of it for the model" if result.build_seconds > 0.0 else ""
    yield "time", f"{result.seconds:.3g} s{build}"


def text(result: Result) -> str:
    """Return the five lines of a result under one another."""
    (name, first), *others = lines(result)
    return "\n".join([f"{name}: {first}", *(f"{label:<10} {what}" for label, what in others)])


def number(value: float) -> str:
    """Return an objective or a bound with the digits that a table shows."""
    return f"{value:.6f}" if 1e-4 <= abs(value) < 1e9 or value == 0.0 else f"{value:.9g}"


def _bound(result: Result, unit: str) -> str:
    if result.bound is None:
        refuted = result.status == "infeasible"
        return "none: it is proven that no solution exists" if refuted else "none: the method proves nothing"
    if result.objective is None or result.own_gap is None:
        return f"{number(result.bound)}{unit}"
    absolute = abs(result.objective - result.bound)
    return f"{number(result.bound)}{unit}, gap {100.0 * result.own_gap:.2g} % ({absolute:.2g}{unit})"


def _decision(result: Result) -> str:
    """Who offloads, where the problem says how to read that from a solution."""
    posed = problem(result.problem)
    if result.solution is None:
        return "none"
    if not posed.decisions:
        return ", ".join(f"{name} of {np.size(values)}" for name, values in result.solution.items())
    return str(load(f"{posed.decisions}:decision")(result.solution))


def frame(result: Result, data: Any = None) -> pd.DataFrame:
    """Return a table of a result with a row per user; see :meth:`~solvers.core.result.Result.to_frame`."""
    import pandas as pd

    data = result.data if data is None else data
    posed = problem(result.problem)
    if result.solution is None:
        raise ValueError(f"{result.instance}: expected a result with a solution, got status {result.status}")
    if posed.decisions and data is None:
        raise ValueError(f"{result.instance}: expected the instance as to_frame(instance), as the result has none")
    if data is not None and data is not result.data and not hasattr(data, "section"):
        raise TypeError(f"instance: expected an Instance, got {type(data).__name__}")
    columns: Mapping[str, NDArray[Any]] = result.solution
    if posed.decisions:
        data = data.section(result.problem) if hasattr(data, "section") else data
        columns = load(f"{posed.decisions}:per_user")(data, result.solution)
    index = pd.RangeIndex(len(next(iter(columns.values()))), name=posed.users.removesuffix("s"))
    return pd.DataFrame(dict(columns), index=index)


@dataclass(frozen=True, eq=False)
class Duals(Mapping[str, Any]):
    """Multipliers by name, each with its unit.

    Attributes
    ----------
    values_by_name : Mapping
        The multipliers.
    units : Mapping
        Their units, ``-`` where there is none or it is not known.
    """

    values_by_name: Mapping[str, Any]
    units: Mapping[str, str]

    def __getitem__(self, name: str) -> Any:
        return self.values_by_name[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self.values_by_name)

    def __len__(self) -> int:
        return len(self.values_by_name)

    def __repr__(self) -> str:
        return "\n".join(f"{name} = {_shown(value)} {self.units[name]}" for name, value in self.items()) or "none"

    def to_frame(self) -> pd.DataFrame:
        """Return a table with a row per multiplier: its value and its unit."""
        import pandas as pd

        index = pd.Index(list(self), name="limit")
        return pd.DataFrame({"value": list(self.values()), "unit": [self.units[name] for name in self]}, index)


def _shown(value: Any) -> str:
    return f"{value + 0.0:.6g}" if np.ndim(value) == 0 and not isinstance(value, str) else str(value)


def with_units(duals: Mapping[str, Any], problem_name: str, data: Any) -> Mapping[str, Any]:
    """Return multipliers together with their units, as the problem tells them."""
    posed = problem(problem_name)
    units = dict.fromkeys(duals, "-")
    if posed.decisions and data is not None:
        units |= load(f"{posed.decisions}:dual_units")(data, list(duals))
    return Duals(duals, units)
