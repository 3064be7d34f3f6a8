"""Symbols in text link to their row of the glossary, with the term as a hover text.

A formula is a symbol if the glossary lists it for the problem of the page: on pages on step allocation ``s_n`` is
paper A's.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, NamedTuple

from docutils import nodes

GLOSSARY = "glossary"
SECTIONS = {
    "step_allocation": ("step-allocation",),
    "hardness": ("step-allocation",),
    "split_offloading": ("split-offloading",),
    "multi_edge_offloading": ("several-edge-servers", "split-offloading"),
    "gqap": ("gqap",),
}
"""Sections of the glossary for pages whose names contain a word; an earlier section goes before a later one."""


class Symbol(NamedTuple):
    """Where a symbol is explained, and its term."""

    target: str
    term: str


def symbols(formula: str) -> list[str]:
    """Symbols of a list such as ``F_{ii'}, D_{jj'}``, without blanks; commas within braces are indices."""
    return [re.sub(r"\s+", "", part) for part in re.split(r",(?![^{]*\})", formula)]


def explained(glossary: nodes.document) -> dict[str, dict[str, Symbol]]:
    """Symbols of each section of the glossary; each formula that lists some gets an anchor."""
    found: dict[str, dict[str, Symbol]] = {}
    for section in glossary.findall(nodes.section):
        name = section["ids"][0]
        for row in section.findall(nodes.row):
            first, *_, last = cells = list(row.findall(nodes.entry))
            term = cells[2].astext() if len(cells) > 2 else last.astext()
            for formula in first.findall(nodes.math):
                here = found.setdefault(name, {})
                formula["ids"] = [f"{name}-symbol-{len(here)}"]
                for symbol in symbols(formula.astext()):
                    here.setdefault(symbol, Symbol(formula["ids"][0], term))
    return found


def listed(page: str, found: dict[str, dict[str, Symbol]]) -> dict[str, Symbol]:
    """Symbols that a page may use: those of its problem."""
    for word, sections in SECTIONS.items():
        if word in page:
            return {symbol: row for name in reversed(sections) for symbol, row in found.get(name, {}).items()}
    return {}


def free(page: nodes.document) -> Iterator[nodes.math]:
    """Formulas of a page that stand in text: those of links and headings stay as they are."""
    for formula in page.findall(nodes.math):
        around: nodes.Node | None = formula
        while around is not None and not isinstance(around, nodes.reference | nodes.title):
            around = around.parent
        if around is None:
            yield formula


def link(app: Any, page: nodes.document, name: str) -> None:
    """Link the symbols of a page whose references are resolved."""
    if name == GLOSSARY or app.builder.format != "html":
        return
    known = listed(name, explained(app.env.get_doctree(GLOSSARY)))
    for formula in list(free(page)) if known else []:
        row = known.get(re.sub(r"\s+", "", formula.astext()))
        if row is not None:
            address = f"{app.builder.get_relative_uri(name, GLOSSARY)}#{row.target}"
            around = nodes.reference(refuri=address, reftitle=row.term, internal=True, classes=["symbol"])
            formula.replace_self(around)
            around += formula


def setup(app: Any) -> dict[str, bool]:
    """Hook into Sphinx."""
    app.connect("doctree-read", lambda app, page: explained(page) if app.env.docname == GLOSSARY else None)
    app.connect("doctree-resolved", link)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
