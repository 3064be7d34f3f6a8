"""The audit as a page: one section per paper, one entry per statement, the numbers behind it as a table."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from reports import csv_text
from reports.claims.claim import Verdict
from reports.table import Table

Record = Mapping[str, Any]
"""One audited statement as plain data: what the command keeps and the page reads."""

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
        f"Made by `{command}`; never edited by hand. Every verdict is computed from the measurement beside it.",
        "",
        summary_line(records),
        "",
    ]
    for paper, title in _PAPERS.items():
        lines += [f"## {title}", ""]
        for record in (each for each in records if each["paper"] == paper):
            lines += _entry(record)
    return "\n".join(lines).rstrip() + "\n"


def summary_line(records: Sequence[Record]) -> str:
    """How many statements got which verdict."""
    counts = Counter(record["verdict"] for record in records)
    parts = [f"{counts[str(verdict)]} {verdict}" for verdict in Verdict if counts[str(verdict)]]
    return f"{len(records)} statements: {', '.join(parts)}."


def summary_table(records: Sequence[Record]) -> str:
    """One line per statement as a Markdown table."""
    rows = [f"| {r['paper']} {r['section']} | {r['statement']} | {r['verdict']} |" for r in records]
    return "\n".join(["| where | statement | verdict |", "|---|---|---|", *rows]) + "\n"


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
    return [
        f"### {record['name']}",
        "",
        f"*{record['section']}*: {record['statement']}",
        "",
        f"**{record['verdict']}**{count}. {record['measured']}",
        "",
    ]
