"""The command ``python -m reports.figures --paper A|B [--figure 2]``: the papers' figures from our own runs."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from instances.command_line import Parser
from reports.figures import draw, paper_a, paper_b
from reports.figures.figure import Figure
from reports.figures.points import Points
from reports.figures.settings import FULL, QUICK, Run, Settings

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
    options = parser.parse_args(arguments)
    chosen = _chosen(parser, options.paper or sorted(FIGURES), options.figure)
    base = FULL if options.full else QUICK
    cases = base.cases if options.cases is None else options.cases
    if cases < 1:
        parser.error(f"--cases: expected a whole number >= 1, got {cases}")
    settings = Settings(cases, base.full, base.seconds)
    try:
        for name, make in chosen:
            points = Points(options.out / "points" / f"{name}.jsonl")
            figure = make(Run(settings, points, lambda message: print(f"  {message}", file=sys.stderr)))
            for path in draw.save(figure, options.out):
                print(path)
    except KeyboardInterrupt:
        print("interrupted: what was computed is kept, run the command again to go on", file=sys.stderr)
        return 130
    return 0


def _chosen(
    parser: Parser, papers: Sequence[str], numbers: Sequence[str] | None
) -> list[tuple[str, Callable[[Run], Figure]]]:
    """Figures to draw, with the names of the files of their points."""
    known = {(paper, number): make for paper in papers for number, make in FIGURES[paper].items()}
    for number in numbers or ():
        if not any(number == each for _, each in known):
            names = ", ".join(f"{paper} {each}" for paper, each in known)
            parser.error(f"--figure: expected one of {names}, got {number}")
    return [
        (f"{paper.lower()}-{number}", make)
        for (paper, number), make in known.items()
        if numbers is None or number in numbers
    ]


if __name__ == "__main__":
    sys.exit(main())
