"""Attaches HTML and pictures to instances and results, which are data and know of no report."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from solvers.core.result import Result

_SHOWN = {
    "instances.schema:Instance": "instance_html",
    "solvers.core.certificate:Checked": "printed_html",
    "solvers.core.result:Result": "result_html",
    "solvers.core.summary:Duals": "duals_html",
    "solvers.snapshots.results:Results": "printed_html",
    "solvers.split_offloading.rolling_horizon.simulate:Simulated": "printed_html",
    "solvers.step_allocation.shadow_prices:Sensitivity": "sensitivity_html",
}
"""What a notebook shows as HTML, and the function of :mod:`reports.notebook.html` that makes it."""


def _plot(self: Result, ax: Axes | None = None) -> Axes:
    """Draw who runs where and how many steps each takes, see :func:`diffload.plot.solution`.

    Examples
    --------
    >>> import diffload, matplotlib
    >>> matplotlib.use("agg")
    >>> diffload.solve("n10").plot().get_ylabel()
    'steps [steps]'
    """
    from reports.notebook.pictures import solution

    return solution(self, ax)


def attach() -> None:
    """Let notebooks show what is loaded of instances and answers, and results draw themselves."""
    for where, function in _SHOWN.items():
        module, _, name = where.partition(":")
        kind = getattr(sys.modules.get(module), name, None)
        if kind is not None and not hasattr(kind, "_repr_html_"):
            _set(kind, "_repr_html_", _html(function))
            if name == "Result":
                _set(kind, "plot", _plot)


def _html(function: str) -> Callable[[Any], str]:
    def shown(self: Any) -> str:
        from reports.notebook import html

        return str(getattr(html, function)(self))

    return shown


def _set(kind: Any, name: str, function: Any) -> None:
    function.__name__, function.__qualname__ = name, f"{kind.__name__}.{name}"
    setattr(kind, name, function)
