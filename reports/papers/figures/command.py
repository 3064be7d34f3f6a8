"""The command ``python -m reports.figures --paper A|B [--figure 2]``: the papers' figures from our own runs."""

from __future__ import annotations

import argparse
import shlex
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from instances.command_line import Parser
from instances.errors import InstanceError, one_line
from instances.files.append_only import AppendError
from instances.files.atomic import check_replaceable
from reports.drawing import draw
from reports.drawing.figure import Figure
from reports.drawing.points import Points
from reports.formats import folder
from reports.formats.lines import Lines
from reports.papers.figures import page, paper_a, paper_b
from reports.papers.figures.settings import FULL, QUICK, Run, Settings
from solvers.comparison.arguments import INTERRUPTED
from solvers.processes.standard_output import results, results_alone

FIGURES: Mapping[str, Mapping[str, Callable[[Run], Figure]]] = {"A": paper_a.FIGURES, "B": paper_b.FIGURES}
"""Every figure by paper and number."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; returns its exit status."""
    parser = Parser(prog="reports.figures", description="Draw the figures of both papers from our own runs.")
    parser.add_argument("--paper", choices=sorted(FIGURES), action="append", help="A or B; both by default")
    parser.add_argument("--figure", action="append", help="number in the paper, such as 2 or 10a; all by default")
    parser.add_argument(
        "--full", action="store_true", help="100 cases per point and fine sweeps, as kept in docs/"
    )
    parser.add_argument("--cases", type=int, help="random instances per point")
    parser.add_argument("--out", type=Path, default=Path("figures"), help="folder for PDF, SVG and CSV files")
    parser.add_argument(
        "--page", type=Path, metavar="FILE.md", help="page that shows what was drawn, with captions"
    )
    given = sys.argv[1:] if arguments is None else arguments
    return _run(parser, parser.parse_args(given), given)


@results_alone()
def _run(parser: Parser, options: argparse.Namespace, given: Sequence[str]) -> int:
    chosen = _chosen(parser, options.paper or sorted(FIGURES), options.figure)
    base = FULL if options.full else QUICK
    cases = base.cases if options.cases is None else options.cases
    if cases < 1:
        parser.error(f"--cases: expected a whole number >= 1, got {cases}")
    settings = Settings(cases, base.full, base.seconds)
    try:
        folder.prepare(options.out)
        if options.page is not None:
            check_replaceable(options.page)
    except OSError as fault:
        parser.error(f"--out or --page: expected a place that can be written to, got an error ({fault.strerror})")
    figures, status = [], 0
    try:
        with Lines(options.out / "points.jsonl") as lines:
            run = Run(settings, Points(lines), lambda text: print(f"  {text}", file=sys.stderr))
            for make in chosen:
                try:
                    figure = make(run)
                    for path in draw.save(figure, options.out):
                        print(path, file=results())
                    figures.append(figure)
                except (InstanceError, AppendError, OSError):
                    raise
                except Exception as fault:  # of one figure, which is not the others' end
                    status = 1
                    name = next(
                        number for each in FIGURES.values() for number, made in each.items() if made is make
                    )
                    print(one_line(f"figure {name} is left out: {type(fault).__name__}: {fault}"), file=sys.stderr)
    except (InstanceError, AppendError) as error:
        parser.error(str(error))
    except KeyboardInterrupt:
        print("interrupted: what was computed is kept, run the command again to go on", file=sys.stderr)
        return INTERRUPTED
    if options.page is not None:
        command = shlex.join(["python", "-m", "reports.figures", *given])
        folder.write_text(options.page, page.page(figures, options.out, options.page, command))
        print(options.page, file=results())
    return status


def _chosen(parser: Parser, papers: Sequence[str], numbers: Sequence[str] | None) -> list[Callable[[Run], Figure]]:
    """Figures to draw."""
    known = {(paper, number): make for paper in papers for number, make in FIGURES[paper].items()}
    for number in numbers or ():
        if not any(number == each for _, each in known):
            names = ", ".join(f"{paper} {each}" for paper, each in known)
            parser.error(f"--figure: expected one of {names}, got {number}")
    return [make for (_, number), make in known.items() if numbers is None or number in numbers]
