"""Writes a sweep as one self-contained HTML page, with every figure and table as files beside it."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import jinja2
import pandas as pd
from markupsafe import Markup

from formulations.errors import one_line
from reports.drawing import draw
from reports.drawing.figure import Figure
from reports.formats import folder, html_page
from reports.formats.inline_svg import inlined
from reports.formats.parquet import write_parquet
from reports.formats.svg_names import named, themed
from reports.gap_report.binding import binding_table
from reports.gap_report.commands import read_commands
from reports.gap_report.figures.convergence import sca_convergence, solver_convergence
from reports.gap_report.figures.learning import learning_curves
from reports.gap_report.figures.measure import MOST_PICTURED, pictured
from reports.gap_report.figures.profiles import gap_profile, time_profile
from reports.gap_report.figures.scatter import gap_against_time
from reports.gap_report.figures.solution import solution_picture
from reports.gap_report.instance_table import instance_table
from reports.gap_report.provenance import instance_hashes, provenance_table
from reports.gap_report.solutions import Links, linked, write_solutions
from reports.gap_report.study import Study
from reports.gap_report.summary import summary_table
from reports.gap_report.verdict import Sentence, verdict
from reports.tables.table import Table

PAGE = "report.html"
FIGURES = "figures"
"""Folder of the figures, below the sweep's."""

OF_STUDY = (time_profile, gap_profile, gap_against_time, learning_curves)
"""Figures over all instances of a problem; each is None where there is nothing to draw."""

OF_CASE = (solver_convergence, sca_convergence, solution_picture)
"""Figures of one instance."""


@dataclass(frozen=True)
class _Picture:
    name: str
    title: str
    short: str
    caption: str
    panels: int
    svg: Markup


@dataclass(frozen=True)
class _Listing:
    name: str
    title: str
    short: str
    rows: int
    html: Markup


@dataclass(frozen=True)
class _Chapter:
    name: str
    title: str
    verdict: Sequence[Sentence]
    summary: Markup
    figures: tuple[_Picture, ...]
    tables: tuple[_Listing, ...]
    notes: tuple[str, ...]


def write_page(out: Path, studies: Sequence[Study]) -> list[str]:
    """Write ``report.html``, its figures and its tables, and return a sentence for each that is left out."""
    origin = (provenance_table(studies, read_commands(out)), instance_hashes(studies))
    template = jinja2.Environment(
        loader=jinja2.FileSystemLoader(Path(__file__).parent),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
    ).get_template("page.html.jinja")
    script = _beside("page.js")
    chapters = [_chapter(out, study) for study in studies if study.results]
    text = template.render(
        title="Gaps to the certified optimum",
        style=Markup(html_page.STYLE + _beside("page.css")),
        script=Markup(script),
        script_hash=f"sha256-{base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()}",
        chapters=chapters,
        provenance=Markup("\n".join(map(html_page.section, origin))),
    )
    folder.write_text(out / PAGE, text)
    return [f"{chapter.title}: {note}" for chapter in chapters for note in chapter.notes]


def figures(study: Study) -> Iterator[tuple[str, Callable[[], Figure | None]]]:
    """Every figure of a problem: what a note calls it, and what makes it where there is something to draw."""
    for make in OF_STUDY:
        yield _words(make), partial(make, study)
    cases = pictured(study.cases)
    stems = folder.stems(case.instance for case in cases)
    for make_one in OF_CASE:
        for case, stem in zip(cases, stems, strict=True):
            yield f"{_words(make_one)} of {case.instance}", partial(make_one, study, case, stem)


def _words(make: Callable[..., Any]) -> str:
    return make.__name__.replace("_", " ")


def tables(study: Study) -> Iterator[tuple[str, Callable[[], Table | None]]]:
    """Return tables of a problem beside its summary: the names of their files, and what makes them."""
    yield f"instances_{study.problem.name}", partial(instance_table, study)
    yield f"binding_{study.problem.name}", partial(binding_table, study)


@contextmanager
def _noted(notes: list[str], what: str) -> Iterator[None]:
    """Around one part of the page, so that what is wrong with it is a note and not the page's end."""
    try:
        yield
    except Exception as fault:
        notes.append(one_line(f"{what} is left out: {type(fault).__name__}: {fault}"))


def _chapter(out: Path, study: Study) -> _Chapter:
    notes: list[str] = []
    pictures = []
    for what, make in figures(study):
        with _noted(notes, f"figure {what}"):
            figure = make()
            if figure is not None:
                pictures.append(_picture(out / FIGURES, figure, _short(figure.title, study)))
    links: Links = {}
    with _noted(notes, "solutions"):
        links = write_solutions(out, study)
    listings = []
    for stem, make_table in tables(study):
        with _noted(notes, f"table {stem}"):
            table = make_table()
            if table is not None:
                folder.write_table(out, stem, table)
                write_parquet(out / f"{stem}.parquet", pd.DataFrame(table.records))
                html = Markup(html_page.section(linked(table, links)))
                listings.append(_Listing(stem, table.title, _short(table.title, study), len(table.rows), html))
    count = len(study.cases)
    chosen = f", {MOST_PICTURED} of {count} instances pictured" if count > MOST_PICTURED else ""
    return _Chapter(
        study.problem.name,
        study.problem.title + chosen,
        verdict(study),
        Markup(html_page.section(summary_table(study))),
        tuple(pictures),
        tuple(listings),
        tuple(notes),
    )


def _picture(place: Path, figure: Figure, short: str) -> _Picture:
    written = {path.suffix: path for path in draw.save(figure, place)}
    svg = named(themed(written[".svg"].read_text("utf-8")), figure)
    svg = inlined(svg, figure.name, figure.title)
    return _Picture(figure.name, figure.title, short, figure.caption, len(figure.panels), Markup(svg))


def _short(title: str, study: Study) -> str:
    """Return a title without the name of its problem, under which the navigation lists it."""
    return title.removeprefix(f"{study.problem.title}: ")


def _beside(name: str) -> str:
    return (Path(__file__).parent / name).read_text("utf-8")
