"""Every page of the built site, opened in a browser as a reader does: from files, without a network."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from browser import Reader, reading

pytestmark = pytest.mark.browser

GENERATED = ("_api", "_modules")
"""Folders with hundreds of pages of one template: their text is read, and one in so many is opened."""

ONE_IN = 25

LOADED = re.compile(r"<(?:img|script|link rel=.stylesheet.)\b[^>]*?\b(?:src|href)=[\"']([^\"']+)")

CODE = re.compile(r"<(pre|code|script|style)\b.*?</\1>|<(span|div) class=.math\b.*?</\2>", re.DOTALL)
"""What of a page is no prose."""

RAW_MATHEMATICS = re.compile(r"\\\(|\\\[|\$\$")

TEXT_WITHOUT_CODE = """() => {
    const body = document.body.cloneNode(true);
    body.querySelectorAll("pre, code, script, style, mjx-container").forEach(part => part.remove());
    return body.textContent;
}"""


@pytest.fixture(scope="module")
def reader() -> Iterator[Reader]:
    with reading() as opened:
        yield opened


def faults_of(reader: Reader, path: Path) -> list[str]:
    reader.open(path)
    reader.page.evaluate("() => window.MathJax?.startup?.promise")
    raw = RAW_MATHEMATICS.findall(reader.page.evaluate(TEXT_WITHOUT_CODE))
    errors = reader.page.locator("mjx-merror, [data-mml-node=merror]").count()
    return [
        *reader.faults,
        *(f"no image: {address}" for address in reader.missing_images()),
        *(f"raw mathematics: {found}" for found in raw),
        *["a formula that is not understood"] * errors,
    ]


def faults_in_text(path: Path) -> list[str]:
    """Faults of a page that can be told without a browser."""
    text = path.read_text(encoding="utf-8")
    loaded = [match[1] for match in LOADED.finditer(text)]
    prose = CODE.sub("", text)
    return [
        *(f"asks another host: {each}" for each in loaded if "//" in each),
        *(f"not there: {each}" for each in loaded if not (path.parent / each.partition("?")[0]).exists()),
        *(f"raw mathematics: {found}" for found in RAW_MATHEMATICS.findall(prose)),
    ]


def pages_of(site: Path) -> tuple[list[Path], list[Path]]:
    """Pages written by hand or shown in the gallery, and those of one template."""
    pages = [path for path in sorted(site.rglob("*.html")) if path.relative_to(site).parts[0] != "_static"]
    generated = [path for path in pages if path.relative_to(site).parts[0] in GENERATED]
    return [path for path in pages if path not in set(generated)], generated


def test_every_page_is_shown_without_a_fault(reader: Reader, site: Path) -> None:
    written, generated = pages_of(site)
    assert len(written) > 50
    opened = written + generated[::ONE_IN]
    faults = {str(path.relative_to(site)): found for path in opened if (found := faults_of(reader, path))}
    assert faults == {}


def test_pages_of_one_template_load_only_what_is_there(site: Path) -> None:
    generated = pages_of(site)[1]
    assert len(generated) > 500
    faults = {str(path.relative_to(site)): found for path in generated if (found := faults_in_text(path))}
    assert faults == {}


def test_formulas_are_drawn(reader: Reader, site: Path) -> None:
    reader.open(site / "theory" / "hardness.html")
    reader.page.wait_for_selector("article mjx-container svg")


def test_search_finds_a_page_from_files(reader: Reader, site: Path) -> None:
    reader.open(site / "search.html", query="q=captured+share")
    reader.page.locator("#search-results ul li a[href*='glossary.html']").first.wait_for()  # one by one
    assert reader.faults == []


def test_an_image_that_is_missing_and_another_host_are_faults(reader: Reader, tmp_path: Path) -> None:
    page = tmp_path / "page.html"
    page.write_text(
        '<img src="absent.png"><script>console.error("no")</script>\\(x\\)<script src="http://other.invalid/a.js"></script>'
    )
    found = "\n".join(faults_of(reader, page))
    for part in ("absent.png", "console: no", "asked another host: http://other.invalid", "raw mathematics"):
        assert part in found


def test_the_audit_is_chosen_by_paper_and_verdict(reader: Reader, site: Path) -> None:
    reader.open(site / "claims.html")
    page = reader.page
    rows = page.locator("#all-statements tbody tr:visible")
    everything = rows.count()
    page.select_option(".audit-filter select[name=verdict]", "does not hold")
    page.select_option(".audit-filter select[name=paper]", "B")
    assert 0 < rows.count() < everything
    assert page.locator(".audit-filter output").inner_text() == f"{rows.count()} of {everything} statements"
    assert rows.locator("td:nth-child(3)").all_inner_texts() == ["does not hold"] * rows.count()
    assert page.locator("section:has(> h3):visible").count() == rows.count()
    assert page.locator("#b-np-hard").count() == 1
    assert reader.faults == []
