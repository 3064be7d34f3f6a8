"""Every page of the built site, opened in a browser as a reader does: from files, without a network."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from browser import Reader, reading

pytestmark = pytest.mark.browser

RAW_MATHEMATICS = re.compile(r"\\\(|\\\[|\$\$")

TEXT_WITHOUT_CODE = """() => {
    const body = document.body.cloneNode(true);
    body.querySelectorAll("pre, code, script, style, mjx-container").forEach(part => part.remove());
    return body.textContent;
}"""


@pytest.fixture(scope="module")
def site() -> Path:
    folder = os.environ.get("DIFFLOAD_SITE", "")
    if not folder:
        pytest.skip("DIFFLOAD_SITE is not set: expected the folder of the built site")
    return Path(folder)


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


def test_every_page_is_shown_without_a_fault(reader: Reader, site: Path) -> None:
    pages = sorted(site.rglob("*.html"))
    assert len(pages) > 50
    faults = {str(path.relative_to(site)): found for path in pages if (found := faults_of(reader, path))}
    assert faults == {}


def test_formulas_are_drawn(reader: Reader, site: Path) -> None:
    reader.open(site / "theory" / "hardness.html")
    reader.page.wait_for_selector("mjx-container svg")


def test_search_finds_a_page_from_files(reader: Reader, site: Path) -> None:
    reader.open(site / "search.html", query="q=captured+share")
    found = reader.page.locator("#search-results ul li a")
    found.first.wait_for()
    assert any("glossary.html" in (link.get_attribute("href") or "") for link in found.all())
    assert reader.faults == []


def test_an_image_that_is_missing_and_another_host_are_faults(reader: Reader, tmp_path: Path) -> None:
    page = tmp_path / "page.html"
    page.write_text(
        '<img src="absent.png"><script>console.error("no")</script>\\(x\\)<script src="http://other.invalid/a.js"></script>'
    )
    found = "\n".join(faults_of(reader, page))
    for part in ("absent.png", "console: no", "asked another host: http://other.invalid", "raw mathematics"):
        assert part in found
