"""A sweep as one HTML page that needs no other file, with every figure and table as files beside it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import jinja2
import pandas as pd
from markupsafe import Markup

from reports import folder, html_page
from reports.binding import binding_table
from reports.commands import read_commands
from reports.figures import draw
from reports.figures.figure import Figure
from reports.gap_figures.convergence import sca_convergence, solver_convergence
from reports.gap_figures.learning import learning_curves
from reports.gap_figures.measure import MOST_PICTURED, pictured
from reports.gap_figures.profiles import gap_profile, time_profile
from reports.gap_figures.scatter import gap_against_time
from reports.gap_figures.solution import solution_picture
from reports.gap_study import Study
from reports.gap_summary import summary_table
from reports.inline_svg import inlined
from reports.instance_table import instance_table
from reports.parquet import write_parquet
from reports.provenance import instance_hashes, provenance_table
from reports.table import Table

PAGE = "report.html"
FIGURES = "figures"
"""Folder of the figures, below the sweep's."""

OF_STUDY = (time_profile, gap_profile, gap_against_time, learning_curves)
"""Figures over all instances of a problem; each is None where there is nothing to draw."""

OF_CASE = (solver_convergence, sca_convergence, solution_picture)
"""Figures of one instance."""

_STYLE = """
h1 { font-size: 1.4rem; } h2 { font-size: 1.25rem; }
article h2 { border-top: 1px solid var(--line); padding-top: 1rem; }
section h2 { font-size: 1.05rem; border: 0; }
nav { display: flex; flex-wrap: wrap; gap: .3rem 1.5rem; } a { color: var(--link); }
.figures { display: flex; flex-wrap: wrap; gap: 1rem 2rem; align-items: start; }
figure { display: table; margin: 1rem 0; }
figure svg { background: #fff; border-radius: 4px; zoom: 1.25; }
figcaption { display: table-caption; caption-side: bottom; font-size: .85rem; color: var(--quiet); }
figcaption strong { color: var(--ink); }
.files { display: block; font-family: ui-monospace, monospace; font-size: .8rem; overflow-wrap: anywhere; }
details section > h2 { display: none; }
summary { cursor: pointer; margin: .8rem 0; }
#provenance td { white-space: normal; overflow-wrap: anywhere; }
@media print {
  nav { display: none; } figure, tr { break-inside: avoid; } body { margin: 0; }
  details::details-content { content-visibility: visible; display: block; block-size: auto; }
}
"""


@dataclass(frozen=True)
class _Picture:
    name: str
    title: str
    caption: str
    svg: Markup


@dataclass(frozen=True)
class _Listing:
    title: str
    rows: int
    html: Markup


@dataclass(frozen=True)
class _Chapter:
    name: str
    title: str
    summary: Markup
    figures: tuple[_Picture, ...]
    tables: tuple[_Listing, ...]


def write_page(out: Path, studies: Sequence[Study]) -> None:
    """Write ``report.html``, its figures and its tables."""
    origin = (provenance_table(studies, read_commands(out)), instance_hashes(studies))
    template = jinja2.Environment(
        loader=jinja2.FileSystemLoader(Path(__file__).parent),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
    ).get_template("gaps_page.html.jinja")
    text = template.render(
        title="Gaps to the certified optimum",
        style=Markup(html_page.STYLE + _STYLE),
        chapters=[_chapter(out, study) for study in studies if study.results],
        provenance=Markup("\n".join(map(html_page.section, origin))),
    )
    folder.write_text(out / PAGE, text)


def figures(study: Study) -> Iterator[Figure]:
    """Every figure of a problem that there is something to draw for."""
    over_all = [make(study) for make in OF_STUDY]
    cases = pictured(study.cases)
    stems = folder.stems(case.instance for case in cases)
    each = [make(study, case, stem) for make in OF_CASE for case, stem in zip(cases, stems, strict=True)]
    yield from (figure for figure in (*over_all, *each) if figure is not None)


def tables(study: Study) -> Iterator[tuple[str, Table]]:
    """Tables of a problem beside its summary, with the names of their files."""
    yield f"instances_{study.problem.name}", instance_table(study)
    binding = binding_table(study)
    if binding is not None:
        yield f"binding_{study.problem.name}", binding


def _chapter(out: Path, study: Study) -> _Chapter:
    listings = []
    for stem, table in tables(study):
        folder.write_table(out, stem, table)
        write_parquet(out / f"{stem}.parquet", pd.DataFrame(table.records))
        listings.append(_Listing(table.title, len(table.rows), Markup(html_page.section(table))))
    count = len(study.cases)
    chosen = f", {MOST_PICTURED} of {count} instances pictured" if count > MOST_PICTURED else ""
    return _Chapter(
        study.problem.name,
        study.problem.title + chosen,
        Markup(html_page.section(summary_table(study))),
        tuple(_picture(out / FIGURES, figure) for figure in figures(study)),
        tuple(listings),
    )


def _picture(place: Path, figure: Figure) -> _Picture:
    written = {path.suffix: path for path in draw.save(figure, place)}
    svg = inlined(written[".svg"].read_text("utf-8"), figure.name, figure.title)
    return _Picture(figure.name, figure.title, figure.caption, Markup(svg))
