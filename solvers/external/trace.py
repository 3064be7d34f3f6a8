"""Trace of a solve: the incumbent and the bound of an external solver over time, as the solver reports them.

Listening changes nothing in the solve. The numbers are for figures only: objective and bound of a result are
recomputed by validation.
"""

from __future__ import annotations

from collections.abc import Mapping
from time import perf_counter
from typing import Any

import highspy
import pyscipopt

MOST_ROWS = 200
"""Most rows of a trace; a longer one is thinned out evenly."""

INFINITE = 1e20
"""What SCIP calls infinite; HiGHS uses the IEEE value."""


class Trace:
    """Rows of ``seconds`` since it was made [s], ``objective`` and ``bound`` in the model's own sense."""

    def __init__(self) -> None:
        self._began = perf_counter()
        self._rows: list[dict[str, float | None]] = []

    def add(self, objective: float | None, bound: float | None) -> None:
        """Note the numbers of this moment, where they differ from the last ones."""
        seen = {"objective": finite(objective), "bound": finite(bound)}
        last = self._rows[-1] if self._rows else {"objective": None, "bound": None}
        if any(last[name] != value for name, value in seen.items()):
            self._rows.append({"seconds": perf_counter() - self._began, **seen})
        if len(self._rows) > 2 * MOST_ROWS:
            self._rows = self._thinned()

    def rows(self) -> tuple[Mapping[str, Any], ...]:
        """At most :data:`MOST_ROWS` rows, the first and the last among them."""
        return tuple(self._thinned())

    def _thinned(self) -> list[dict[str, float | None]]:
        excess = len(self._rows) - MOST_ROWS
        if excess <= 0:
            return self._rows
        last = len(self._rows) - 1
        return [self._rows[round(place * last / (MOST_ROWS - 1))] for place in range(MOST_ROWS)]


class _Listener(pyscipopt.Eventhdlr):  # type: ignore[misc] # PySCIPOpt has no types
    """Notes SCIP's numbers whenever one of them improves."""

    def __init__(self, trace: Trace) -> None:
        self._trace = trace

    def eventinit(self) -> None:
        for event in (pyscipopt.SCIP_EVENTTYPE.BESTSOLFOUND, pyscipopt.SCIP_EVENTTYPE.DUALBOUNDIMPROVED):
            self.model.catchEvent(event, self)

    def eventexec(self, event: Any) -> None:
        self._trace.add(self.model.getPrimalbound(), self.model.getDualbound())


def follow_scip(model: pyscipopt.Model, trace: Trace) -> None:
    """Have a SCIP model note its incumbents and bounds."""
    model.includeEventhdlr(_Listener(trace), "trace", "incumbents and bounds over time")


def follow_highs(model: highspy.Highs, trace: Trace) -> None:
    """Have a HiGHS model note its incumbents and bounds, whenever it would print them."""

    def heard(event: Any) -> None:
        trace.add(event.data_out.mip_primal_bound, event.data_out.mip_dual_bound)

    for callback in (model.cbMipLogging, model.cbMipImprovingSolution):
        callback.subscribe(heard)


def finite(value: float | None) -> float | None:
    """The number, None where there is none or a solver calls it infinite."""
    return None if value is None or not abs(value) < INFINITE else float(value)
