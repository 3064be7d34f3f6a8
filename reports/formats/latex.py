r"""Tables as LaTeX for ``\usepackage{booktabs}``, ready for ``\input``."""

from __future__ import annotations

import re
from collections.abc import Iterable

from reports.tables.table import Column, Table

_SPECIAL = {
    "\\": r"\textbackslash{}",
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
    "<": r"\textless{}",
    ">": r"\textgreater{}",
    "|": r"\textbar{}",
    '"': "''",  # the standard encoding of letters lacks the straight one
    "[": "{[}",  # at the beginning of a row it would be an argument of the line break before
    **{character: f"\\{character}" for character in "&%$#_{}"},
}

_NUMBER = re.compile(r"(-?\d+(?:\.\d+)?)(?:e([+-]\d+))?")


def render(tables: Iterable[Table]) -> str:
    """Return all tables, each a ``table`` environment with its notes below."""
    return "\n".join(_environment(table) for table in tables)


def escape(text: str) -> str:
    """Return the text with every character that LaTeX reads as a command replaced."""
    return "".join(_SPECIAL.get(character, character) for character in text)


def number(text: str) -> str:
    """Return a number in mathematics mode, so that its sign is a minus and its exponent a power of ten."""
    match = _NUMBER.fullmatch(text)
    if match is None:
        return escape(text)
    mantissa, exponent = match.groups()
    return f"${mantissa}$" if exponent is None else rf"${mantissa}\times 10^{{{int(exponent)}}}$"


def _environment(table: Table) -> str:
    alignment = "".join("r" if column.numeric else "l" for column in table.columns)
    rows = [
        " & ".join(_cell(text, column) for text, column in zip(row.cells, table.columns, strict=True))
        for row in table.rows
    ]
    body = [
        r"\begin{table}",
        r"\centering\footnotesize\setlength{\tabcolsep}{3pt}",
        r"\caption{" + escape(". ".join((table.title, *table.lead, *table.alerts))) + "}",
        r"\begin{tabular}{" + alignment + "}",
        r"\toprule",
        _line(escape(column.label) for column in table.columns),
        _line(escape(column.unit) for column in table.columns),
        r"\midrule",
        *(rf"{row} \\" for row in rows),
        r"\bottomrule",
        r"\end{tabular}",
        *(rf"\par {escape(note)}" for note in table.notes),
        r"\end{table}",
    ]
    return "\n".join(body) + "\n"


def _line(cells: Iterable[str]) -> str:
    return " & ".join(cells) + r" \\"


def _cell(text: str, column: Column) -> str:
    return number(text) if column.numeric else escape(text)
