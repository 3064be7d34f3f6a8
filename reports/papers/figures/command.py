"""The command ``python -m reports.figures --paper A|B [--figure 2]``: the papers' figures from our own runs."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from formulations.errors import one_line
from formulations.runtime.command_line import Command, Parser, add_out, whole
from formulations.runtime.program import CommandError, UsageError
from formulations.runtime.progress import tell
from formulations.runtime.standard_output import results
from formulations.runtime.version import VERSION
from instances.storage.atomic import check_replaceable, writing
from instances.storage.layouts import JsonLines
from instances.storage.store import Store
from reports.drawing import draw
from reports.drawing.figure import Figure
from reports.drawing.points import Points
from reports.formats import folder
from reports.papers.figures import page, paper_a, paper_b
from reports.papers.figures.settings import FULL, QUICK, Run, Settings

FIGURES: Mapping[str, Mapping[str, Callable[[Run], Figure]]] = {"A": paper_a.FIGURES, "B": paper_b.FIGURES}
"""Every figure by paper and number."""


def _arguments(parser: Parser) -> None:
    add = parser.add_argument
    add("--paper", choices=sorted(FIGURES), action="append", help="A or B; both by default")
    add("--figure", action="append", help="number in the paper, such as 2 or 10a; all by default")
    add("--full", action="store_true", help="100 cases per point and fine sweeps, as kept in docs/")
    add("--cases", type=whole(1), metavar="N", help="random instances per point")
    add_out(parser, "folder for PDF, SVG and CSV files", default="figures")
    add("--page", type=Path, metavar="FILE.md", help="page that shows what was drawn, with captions")


def _run(options: argparse.Namespace) -> int:
    chosen = _chosen(options.paper or sorted(FIGURES), options.figure)
    base = FULL if options.full else QUICK
    settings = Settings(options.cases or base.cases, base.full, base.seconds)
    with writing(options.out):
        folder.prepare(options.out)
    if options.page is not None:
        with writing(options.page):
            check_replaceable(options.page)
    figures, status = [], 0
    with Store(options.out / "points.jsonl", JsonLines({"diffload": VERSION})) as store:
        run = Run(settings, Points(store), lambda text: tell(f"  {text}"))
        for name, make in chosen.items():
            try:
                figure = make(run)
                for path in draw.save(figure, options.out):
                    print(path, file=results())
                figures.append(figure)
            except (CommandError, OSError):
                raise
            except Exception as fault:  # of one figure, which is not the others' end
                status = 1
                tell(one_line(f"figure {name} is left out: {type(fault).__name__}: {fault}"))
    if options.page is not None:
        folder.write_text(options.page, page.page(figures, options.out, options.page, options.command))
        print(options.page, file=results())
    return status


def _chosen(papers: Sequence[str], numbers: Sequence[str] | None) -> dict[str, Callable[[Run], Figure]]:
    """Return figures to draw, by paper and number."""
    known = {f"{paper} {number}": make for paper in papers for number, make in FIGURES[paper].items()}
    for number in numbers or ():
        if not any(number == name.split()[1] for name in known):
            raise UsageError(f"--figure: expected one of {', '.join(known)}, got {number}")
    return {name: make for name, make in known.items() if numbers is None or name.split()[1] in numbers}


main = Command(
    module="reports.figures",
    summary="Draw the figures of both papers from our own runs.",
    arguments=_arguments,
    run=_run,
    example=("--paper A --figure 2", "--full --out docs/figures --page docs/figures.md"),
    statuses={0: "every figure is drawn", 1: "a figure is left out, and a line says why"},
    interrupted="what was computed is kept, run the command again to go on",
)
"""Draws the papers' figures."""
