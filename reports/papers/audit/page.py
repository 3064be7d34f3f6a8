"""The audit as a page: an overview, one section per paper, one entry per statement with its verdict and figure."""

from __future__ import annotations

import re
import textwrap
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from reports.formats import csv_text
from reports.papers.audit.claim import Verdict
from reports.papers.figures.page import SEEN, STAND_IN
from reports.tables.table import Table

Record = Mapping[str, Any]
"""One audited statement as plain data: what the command keeps and the page reads."""

BEGIN, END = "<!-- audit -->", "<!-- end of audit -->"
"""Marks around the overview."""

WIDTH = 115
"""Of a line of prose."""

AGAINST = (Verdict.FAILS, Verdict.MISPRINT)
"""Verdicts whose statements the overview names."""

_MARKED = re.compile(f"{BEGIN}.*?{END}", re.DOTALL)

_PAPERS = {"A": "Paper A: step allocation", "B": "Paper B: split offloading"}

_FIGURE = re.compile(r"(Fig\.|Table) (\d+)([a-z]?)")

_NOTES = {"B": (STAND_IN, "")}

FILTER = '<script src="_static/audit.js" defer></script>'
"""Adds the choice of paper and verdict above the list, where the reader's browser runs scripts."""


def markdown(records: Sequence[Record], command: str) -> str:
    """Return the whole page.

    Parameters
    ----------
    records : sequence of mapping
        Everything known of every statement, wording included.
    command : str
        Command that makes the page.
    """
    lines = [
        "# What the papers say, and what was measured",
        "",
        f"Made by `{command}`; never edited by hand. Every verdict is computed from the measurement beside it; "
        'what nothing here can measure is named so, "not checkable here". All numbers: [CSV](claims.csv).',
        "",
        overview(records),
        *_counts(records),
        *(["Counted and listed are the verdicts on the papers' configurations.", ""] if _second(records) else []),
        "## All statements",
        "",
        FILTER,
        "",
        "| statement | paper | verdict |",
        "|---|---|---|",
        *(f"| [{_heading(r)}](#{anchor(_heading(r))}) | {r['paper']} | {_badge(r['verdict'])} |" for r in records),
        "",
    ]
    for paper, title in _PAPERS.items():
        lines += [f"## {title}", "", *_NOTES.get(paper, ())]
        for record in (each for each in records if each["paper"] == paper):
            lines += _entry(record)
    return "\n".join(lines).rstrip() + "\n"


def overview(records: Sequence[Record]) -> str:
    """Summary between marks, for other pages to copy: how many statements got which verdict, and what fails."""
    against = [
        f"- {verdict} ({record['paper']}): {_heading(record)}"
        for verdict in AGAINST
        for record in records
        if record["verdict"] == verdict
    ]
    parts = [BEGIN, "", textwrap.fill(summary_line(records), WIDTH), ""]
    return "\n".join([*parts, *([*against, ""] if against else []), END, ""])


def _counts(records: Sequence[Record]) -> list[str]:
    """Return how many statements of each paper got which verdict, as a table."""
    return [
        f"| verdict | {' | '.join(_PAPERS.values())} |",
        f"|---|{'---:|' * len(_PAPERS)}",
        *(
            f"| {_badge(verdict)} | {' | '.join(str(_count(records, paper, verdict)) for paper in _PAPERS)} |"
            for verdict in Verdict
        ),
        "",
    ]


def copied_overview(page: str, target: str) -> str:
    """Return the target with its marked part replaced by that of a page of the audit.

    Raises
    ------
    ValueError
        If the marks are missing from one of them.
    """
    block = _MARKED.search(page)
    if block is None or _MARKED.search(target) is None:
        raise ValueError(f"expected a part between {BEGIN} and {END}")
    return _MARKED.sub(lambda match: block.group(), target, count=1)


def anchor(heading: str) -> str:
    """Return what a link to a heading ends in, on GitHub and in the site alike."""
    return re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-")


def _count(records: Sequence[Record], paper: str, verdict: Verdict) -> int:
    return sum(record["paper"] == paper and record["verdict"] == verdict for record in records)


def _heading(record: Record) -> str:
    return str(record.get("heading", record["name"]))


def _badge(verdict: str) -> str:
    """Return a verdict in a colour of its own, which its words say, too."""
    return f'<span class="verdict verdict-{verdict.replace(" ", "-")}">{verdict}</span>'


def figures(record: Record) -> list[str]:
    """Return names of the pictures that a statement's section speaks of and that are drawn, whole and in parts."""
    found = []
    for kind, number, part in _FIGURE.findall(record["section"]):
        name = f"{record['paper'].lower()}-{'fig' if kind == 'Fig.' else 'table'}{number}"
        wanted = {name, name + part} if part else {name, name + "a", name + "b"}
        found += [each for each in SEEN if each in wanted]
    return found


def summary_line(records: Sequence[Record]) -> str:
    """Return how many statements got which verdict, in the paper's configuration and, where judged so, in ours."""
    published = _by_verdict([record["verdict"] for record in records])
    ours = _second(records)
    if not ours:
        return f"{len(records)} statements: {published}."
    return (
        f"{len(records)} statements, on the papers' configurations: {published}. Of them {len(ours)} with our "
        f"configurations, too: {_by_verdict(ours)}."
    )


def _second(records: Sequence[Record]) -> list[str]:
    """Return the verdicts on our own configurations."""
    return [record["ours"]["verdict"] for record in records if record.get("ours")]


def _by_verdict(verdicts: Sequence[str]) -> str:
    counts = Counter(verdicts)
    return ", ".join(f"{verdict} {counts[str(verdict)]}" for verdict in Verdict if counts[str(verdict)])


def csv(records: Sequence[Record]) -> str:
    """Return the numbers behind every verdict, one row each."""
    rows = [
        {"claim": record["name"], "verdict": record["verdict"], "quantity": name, "value": value}
        for record in records
        for name, value in record["evidence"].items()
    ]
    return csv_text.render([Table("", (), (), records=rows)])


def _entry(record: Record) -> list[str]:
    quote = record.get("quote", "")
    count = f" ({record['instances']} instances)" if record["instances"] else ""
    numbers = ", ".join(f"{name.replace('_', ' ')} {value:.4g}" for name, value in record["evidence"].items())
    ours = record.get("ours")
    measured = [f"{_badge(record['verdict'])}{count} {record['measured']}", ""]
    if ours:
        measured = [
            "| the paper's configuration | ours |",
            "|---|---|",
            f"| {_badge(record['verdict'])}{count} {record['measured']} | {_badge(ours['verdict'])} "
            f"{ours['measured']} |",
            "",
        ]
    pictures = [f"![{SEEN[name]}](figures/{name}.svg)" for name in figures(record)]
    change = record.get("would_change", "")
    advocate = record.get("for_the_authors", "")
    return [
        f"### {_heading(record)}",
        "",
        f'<a id="{record["name"]}"></a>',
        "",
        *([f"> “{quote}”", ""] if quote else []),
        f"Paper {record['paper']}, {record['section']}. {record['statement']}",
        "",
        *measured,
        *(line for picture in pictures for line in (picture, "")),
        *([f"**For the authors:** {advocate}", ""] if advocate else []),
        *([f"**Would change it:** {change}", ""] if change else []),
        *([f"**Evidence:** {numbers}.", ""] if numbers else []),
    ]
