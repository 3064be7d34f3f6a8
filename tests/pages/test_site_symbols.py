"""Symbols in the text of theory and formulations lead to their rows of the glossary."""

from __future__ import annotations

import re
from html import unescape
from pathlib import Path

import pytest

pytestmark = pytest.mark.browser  # no browser is needed, the built site is

PAGES = [f"{folder}/{name}.html" for folder in ("theory", "formulations") for name in (
    "gqap", "multi_edge_offloading", "split_offloading", "step_allocation"
)] + ["theory/hardness.html"]  # fmt: skip

LINK = re.compile(r'<a class="symbol [^>]*href="\.\./glossary\.html#([\w-]+)" title="([^"]*)">.*?\\\((.*?)\\\)')


@pytest.mark.parametrize("name", PAGES)
def test_a_symbol_leads_to_the_row_that_explains_it(name: str, site: Path) -> None:
    glossary = (site / "glossary.html").read_text(encoding="utf-8")
    links = LINK.findall((site / name).read_text(encoding="utf-8"))
    assert links
    for target, term, symbol in links:
        row = re.search(rf'<tr[^>]*>(?:(?!</tr>).)*id="{target}">(.*?)</tr>', glossary, re.DOTALL)
        assert row is not None
        assert symbol.replace(" ", "") in row[1].replace(" ", "")
        assert term


def test_a_letter_means_what_it_means_in_the_paper_of_the_page(site: Path) -> None:
    steps = LINK.findall((site / "theory/step_allocation.html").read_text(encoding="utf-8"))
    splits = LINK.findall((site / "theory/split_offloading.html").read_text(encoding="utf-8"))
    assert {unescape(term) for _, term, symbol in steps if symbol == "N"} == {"user, number of users"}
    assert {unescape(term) for _, term, symbol in splits if symbol == "N"} == {
        "all steps, last steps that are always local"
    }
