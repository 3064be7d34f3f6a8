"""The audit as a page: one section per paper, one entry per statement, the numbers behind it as a table."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from reports.formats import csv_text
from reports.papers.audit.claim import Verdict
from reports.tables.table import Table

Record = Mapping[str, Any]
"""One audited statement as plain data: what the command keeps and the page reads."""

BEGIN, END = "<!-- audit -->", "<!-- end of audit -->"
"""Marks around the overview."""

_MARKED = re.compile(f"{BEGIN}.*?{END}", re.DOTALL)

_PAPERS = {"A": "Paper A: step allocation", "B": "Paper B: split offloading"}


def markdown(records: Sequence[Record], command: str) -> str:
    """The whole page.

    Parameters
    ----------
    records : sequence of mapping
        Name, paper, section, statement, verdict, measured, instances and evidence of every statement.
    command : str
        Command that makes the page.
    """
    lines = [
        "# What the papers say, and what was measured",
        "",
        f"Made by `{command}`; never edited by hand. Every verdict is computed from the measurement beside it. "
        "All numbers: [CSV](claims.csv).",
        "",
        overview(records),
    ]
    for paper, title in _PAPERS.items():
        lines += [f"## {title}", ""]
        for record in (each for each in records if each["paper"] == paper):
            lines += _entry(record)
    return "\n".join(lines).rstrip() + "\n"


def overview(records: Sequence[Record]) -> str:
    """Summary between marks, for other pages to copy: which statements got which verdict."""
    rows = [
        f"| {verdict} | {' | '.join(_named(records, paper, verdict) for paper in _PAPERS)} |"
        for verdict in Verdict
    ]
    heads = [f"| verdict | {' | '.join(_PAPERS.values())} |", f"|---|{'---|' * len(_PAPERS)}"]
    return "\n".join([BEGIN, "", summary_line(records), "", *heads, *rows, "", END, ""])


def copied_overview(page: str, target: str) -> str:
    """The target with its marked part replaced by that of a page of the audit.

    Raises
    ------
    ValueError
        If the marks are missing from one of them.
    """
    block = _MARKED.search(page)
    if block is None or _MARKED.search(target) is None:
        raise ValueError(f"expected a part between {BEGIN} and {END}")
    return _MARKED.sub(lambda match: block.group(), target, count=1)


def _named(records: Sequence[Record], paper: str, verdict: Verdict) -> str:
    """Short names of the statements of a paper that got a verdict."""
    found = [r["name"] for r in records if r["paper"] == paper and r["verdict"] == verdict]
    return ", ".join(name.removeprefix(f"{paper.lower()}-") for name in found) or "-"


def summary_line(records: Sequence[Record]) -> str:
    """How many statements got which verdict."""
    counts = Counter(record["verdict"] for record in records)
    parts = [f"{verdict} {counts[str(verdict)]}" for verdict in Verdict if counts[str(verdict)]]
    return f"{len(records)} statements: {', '.join(parts)}."


def csv(records: Sequence[Record]) -> str:
    """The numbers behind every verdict, one row each."""
    rows = [
        {"claim": record["name"], "verdict": record["verdict"], "quantity": name, "value": value}
        for record in records
        for name, value in record["evidence"].items()
    ]
    return csv_text.render([Table("", (), (), records=rows)])


def _entry(record: Record) -> list[str]:
    count = f" ({record['instances']} instances)" if record["instances"] else ""
    numbers = ", ".join(f"{name.replace('_', ' ')} {value:.4g}" for name, value in record["evidence"].items())
    ours = record.get("ours")
    measured = [f"**{record['verdict']}**{count}. {record['measured']}", ""]
    if ours:
        measured = [
            "| the paper's configuration | ours |",
            "|---|---|",
            f"| **{record['verdict']}**{count}. {record['measured']} | **{ours['verdict']}**. "
            f"{ours['measured']} |",
            "",
        ]
    change = record.get("would_change", "")
    advocate = record.get("for_the_authors", "")
    return [
        f"### {record['name']}",
        "",
        f"*{record['section']}*: {record['statement']}",
        "",
        *measured,
        *([f"For the authors: {advocate}", ""] if advocate else []),
        *([f"Would change it: {change}", ""] if change else []),
        *([f"Evidence: {numbers}.", ""] if numbers else []),
    ]
