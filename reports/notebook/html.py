"""HTML of instances, results and comparisons, in the colours of the notebook around it."""

from __future__ import annotations

from collections.abc import Iterable
from html import escape
from importlib import import_module
from typing import TYPE_CHECKING

from formulations.constraints.evaluation import listed
from formulations.problems import problem
from instances import Instance
from reports.formats.html_page import section
from reports.tables.sensitivity import tables
from reports.tables.table import Table
from solvers.core import summary
from solvers.core.result import Result

if TYPE_CHECKING:
    from solvers.core.summary import Duals
    from solvers.step_allocation.shadow_prices import Sensitivity

LABEL = 10
"""Letters of a label, as :func:`solvers.core.summary.text` prints them."""

STYLE = """
.diffload table { border-collapse: collapse; font-variant-numeric: tabular-nums; }
.diffload th, .diffload td { padding: .15rem .6rem; text-align: left; white-space: nowrap; vertical-align: top; }
.diffload thead th { border-bottom: 1px solid currentColor; }
.diffload td.words { white-space: normal; }
.diffload th.number, .diffload td.number { text-align: right; }
.diffload .unit { font-weight: normal; opacity: .7; }
.diffload caption, .diffload h2 { text-align: left; font-size: 1em; font-weight: bold; margin: .4rem 0; }
.diffload .note { opacity: .7; font-size: .9em; margin: .1rem 0; }
.diffload .alert { font-weight: bold; }
"""
"""Rules for our own tables alone; a notebook has its own colours, light or dark."""


def _framed(body: str) -> str:
    return f'<div class="diffload"><style>{STYLE}</style>\n{body}\n</div>'


def _lines(title: str, rows: Iterable[tuple[str, str]]) -> str:
    """Return a table of labels and texts."""
    body = "\n".join(
        f'<tr><th scope="row">{escape(label)}</th><td class="words">{escape(text)}</td></tr>'
        for label, text in rows
    )
    return f"<table><caption>{escape(title)}</caption>\n<tbody>\n{body}\n</tbody></table>"


def result_html(result: Result) -> str:
    """Return the five lines of a result."""
    (name, first), *others = summary.lines(result)
    return _framed(_lines(f"{name}: {first}", others))


def instance_html(instance: Instance) -> str:
    """Return an instance's problems with their sizes and constraints."""
    rows = []
    for name in instance.problems:
        known = problem(name)
        data = instance.section(name)
        rows.append((known.title, import_module(known.evaluation).describe(data)))
        if data.constraints:
            rows.append(("with", listed(data)))
    return _framed(_lines(f"{instance.name} (hash {instance.sha256[:8]})", rows))


def printed_html(item: object) -> str:
    """Return what is printed as a line of its own and lines with a label of ten letters."""
    first, *others = str(item).splitlines()
    return _framed(_lines(first, ((line[:LABEL].strip(), line[LABEL:].strip()) for line in others)))


def duals_html(duals: Duals) -> str:
    """Return multipliers with their units."""
    rows = [line.partition(" = ")[::2] for line in repr(duals).splitlines() if duals]
    return _framed(_lines("multipliers" if rows else "no multipliers", rows))


def sensitivity_html(found: Sensitivity) -> str:
    """Return the tables of shadow prices."""
    return tables_html(tables("", found))


def tables_html(tables: Iterable[Table]) -> str:
    """Return tables under one another."""
    return _framed("\n".join(section(table) for table in tables))
