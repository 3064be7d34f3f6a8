"""Tables as one HTML page that needs no other file."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from html import escape

from reports.tables.table import Column, Row, Table

STYLE = """
:root {
  color-scheme: light dark;
  --ink: light-dark(#1b1b1b, #e6e6e6); --paper: light-dark(#fff, #16181c); --quiet: light-dark(#555, #a8adb5);
  --line: light-dark(#ddd, #3a3f47); --rule: light-dark(#444, #9aa0a8); --link: light-dark(#0b57d0, #8ab4f8);
  --good: light-dark(#146c2e, #7fd694); --unsure: light-dark(#6b5900, #d9c15c);
  --bad: light-dark(#a8071a, #ff8a80);
}
@media print { :root { color-scheme: light; } }
body { font-family: system-ui, sans-serif; margin: 2rem; color: var(--ink); background: var(--paper); }
h2 { font-size: 1.1rem; margin: 2rem 0 .3rem; }
p { margin: .2rem 0; }
.scroll { overflow-x: auto; }
table { border-collapse: collapse; margin: .8rem 0; font-variant-numeric: tabular-nums; font-size: .9rem; }
th, td { padding: .25rem .7rem; text-align: left; white-space: nowrap; }
thead th { border-bottom: 2px solid var(--rule); vertical-align: bottom; white-space: normal; }
tbody tr { border-bottom: 1px solid var(--line); }
tbody th { font-weight: inherit; }
caption { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); }
td.number, th.number { text-align: right; }
.unit { font-weight: normal; color: var(--quiet); }
.optimal td:nth-child(2), .infeasible td:nth-child(2) { color: var(--good); font-weight: 600; }
.unknown td, .unsupported td, .unknown th, .unsupported th { color: var(--unsure); }
.error td, .error th, .alert { color: var(--bad); font-weight: 600; }
.note { color: var(--quiet); font-size: .85rem; }
"""
"""Light or dark as the reader's system wants it, light on paper."""


def render(tables: Iterable[Table]) -> str:
    """Return all tables on one page."""
    tables = list(tables)
    title = escape(tables[0].title) if tables else "diffload"
    body = "\n".join(section(table) for table in tables)
    return (
        '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{title}</title>\n<style>{STYLE}</style>\n</head>\n<body>\n{body}\n</body>\n</html>\n"
    )


def section(table: Table) -> str:
    """Return one table with its heading, sentences and notes."""
    head = "".join(f'<th scope="col"{_align(column)}>{_heading(column)}</th>' for column in table.columns)
    linked = any(row.links for row in table.rows)
    if linked:
        head += '<th scope="col">files</th>'
    rows = "\n".join(_row(row, table.columns, linked=linked) for row in table.rows)
    lead = "".join(f"<p>{escape(text)}</p>\n" for text in table.lead)
    alerts = "".join(f'<p class="alert">{escape(text)}</p>\n' for text in table.alerts)
    notes = "".join(f'<p class="note">{escape(text)}</p>\n' for text in table.notes)
    return (
        f"<section>\n<h2>{escape(table.title)}</h2>\n{lead}{alerts}"
        f'<div class="scroll" tabindex="0" role="region" aria-label="{escape(table.title)}"><table>\n'
        f"<caption>{escape(table.title)}</caption>\n<thead><tr>{head}</tr></thead>\n<tbody>\n{rows}\n</tbody>\n"
        f"</table></div>\n{notes}</section>"
    )


def _row(row: Row, columns: Sequence[Column], *, linked: bool) -> str:
    """Return one row; its first cell is what the others are about."""
    cells = [f"<td{_align(column)}>{escape(text)}</td>" for text, column in zip(row.cells, columns, strict=True)]
    if cells:
        cells[0] = f'<th scope="row"{cells[0].removeprefix("<td").removesuffix("</td>")}</th>'
    if linked:
        links = " ".join(f'<a href="{escape(to)}">{escape(words)}</a>' for words, to in row.links)
        cells.append(f"<td>{links}</td>")
    return f"<tr{_class(row.kind)}>{''.join(cells)}</tr>"


def _heading(column: Column) -> str:
    unit = f'<br><span class="unit">{escape(column.unit)}</span>' if column.unit else ""
    return f"{escape(column.label)}{unit}"


def _align(column: Column) -> str:
    return ' class="number"' if column.numeric else ""


def _class(kind: str) -> str:
    return f' class="{escape(kind)}"' if kind else ""
