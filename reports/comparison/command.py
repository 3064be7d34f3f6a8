"""The command ``python -m solvers.compare``."""

from __future__ import annotations

import argparse
from dataclasses import fields

from formulations.runtime.command_line import Command, Parser, add_out, seconds
from formulations.runtime.standard_output import results
from solvers.comparison.arguments import Options, add_selection, check_selection

FORMATS = ("table", "csv", "json", "latex", "html")


def _arguments(parser: Parser) -> None:
    add_selection(parser)
    add = parser.add_argument
    add(
        "--time-limit",
        type=_time_limit,
        metavar="SECONDS",
        help="for each method; auto (default): 15, less where many methods would take over 45 together",
    )
    add_out(parser, "write results.json, tables (CSV, LaTeX, HTML) and logs there")
    add("--format", choices=FORMATS, default="table", help="of standard output (%(default)s)")
    add("--list", action="store_true", dest="listing", help="list problems and methods, and stop")
    add("--version", action="store_true", help="print the version, and stop")


def _time_limit(text: str) -> float | None:
    return None if text == "auto" else seconds(text, "'auto' or ")


def _run(options: argparse.Namespace) -> int:
    if options.version:
        from formulations.runtime.version import versions

        print(f"diffload {versions()['diffload']}", file=results())
        return 0
    if not options.listing:
        check_selection(options)
    from reports.comparison import session

    if options.listing:
        session.list_methods()
        return 0
    return session.run(Options(**{field.name: getattr(options, field.name) for field in fields(Options)}))


main = Command(
    module="solvers.compare",
    summary="Solve instances with every method that applies, and print how far each is from a proven optimum.",
    arguments=_arguments,
    run=_run,
    example=("n30 --out results", "mine.json --solvers price-search,random --time-limit 60"),
    statuses={
        0: "all results agree (infeasible, unknown and unsupported rows included)",
        1: "a row is an error, a proven bound contradicts a feasible objective, or standard output is full",
        130: "interrupted (143 by SIGTERM); what was done is printed and written",
    },
)
"""Compares methods on instances."""
