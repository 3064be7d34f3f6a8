"""Attaches HTML and pictures to instances and results, which are data and know of no report."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from instances import Instance
from solvers.core.result import Result

if TYPE_CHECKING:
    from matplotlib.axes import Axes


def _instance_html(self: Instance) -> str:
    from reports.notebook.html import instance_html

    return instance_html(self)


def _result_html(self: Result) -> str:
    from reports.notebook.html import result_html

    return result_html(self)


def _result_plot(self: Result, ax: Axes | None = None) -> Axes:
    """Draw who runs where and how many steps each takes, see :func:`diffload.plot.solution`."""
    from reports.notebook.pictures import solution

    return solution(self, ax)


def attach() -> None:
    """Let notebooks show instances and results, and results draw themselves."""
    for kind, name, function in (
        (Instance, "_repr_html_", _instance_html),
        (Result, "_repr_html_", _result_html),
        (Result, "plot", _result_plot),
    ):
        _set(kind, name, function)


def _set(kind: Any, name: str, function: Any) -> None:
    function.__name__, function.__qualname__ = name, f"{kind.__name__}.{name}"
    setattr(kind, name, function)
