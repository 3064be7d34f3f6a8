"""One headless Chromium for pages that a test opens as a reader does, and a list of what goes wrong on them."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from playwright.sync_api import Page

NAMES = ("chromium", "chromium-browser", "google-chrome")

OWN_SCHEMES = ("file:", "data:", "blob:", "about:")
"""What a page may ask for: nothing from another host."""


NO_OTHER_HOST = "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1"
"""No name is looked up: a page that asks for one is told at once, with or without a network."""


@dataclass
class Reader:
    """A tab of the browser, and what went wrong in it since ``open``.

    Attributes
    ----------
    page : Page
        The tab as Playwright gives it.
    faults : list of str
        Console errors, uncaught exceptions, files that are missing, requests to another host.
    """

    page: Page
    faults: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._own: tuple[str, ...] = OWN_SCHEMES
        self.page.on("console", self._console)
        self.page.on("pageerror", lambda error: self.faults.append(f"exception: {error}"))
        self.page.on("requestfailed", lambda request: self.faults.append(f"not loaded: {request.url}"))
        self.page.on("request", lambda request: self._asked(request.url))
        self.page.on("websocket", lambda socket: self._asked(socket.url.replace("ws:", "http:", 1)))

    def open(self, path: Path, fragment: str = "", query: str = "") -> None:
        """Show a file, and forget the faults of the one before."""
        self.faults.clear()
        address = path.resolve().as_uri() + (f"?{query}" if query else "") + (f"#{fragment}" if fragment else "")
        self.page.goto(address, wait_until="load")

    def visit(self, address: str) -> None:
        """Show what a server of this machine serves, and forget the faults of the page before."""
        self.faults.clear()
        self._own = (*OWN_SCHEMES, address)
        self.page.goto(address, wait_until="load")

    def missing_images(self) -> list[str]:
        """Addresses of the images that are not drawn, those further down the page included."""
        found: list[str] = self.page.evaluate(
            """async () => {
                const images = [...document.images];
                images.forEach(image => image.loading = "eager");
                await Promise.all(images.map(image => image.decode().catch(() => {})));
                return images.filter(image => !image.naturalWidth).map(image => image.src);
            }"""
        )
        return found

    def _console(self, message: Any) -> None:
        if message.type == "error":
            self.faults.append(f"console: {message.text}")

    def _asked(self, address: str) -> None:
        if not address.startswith(self._own):
            self.faults.append(f"asked another host: {address}")


@contextmanager
def reading(
    width: int = 1200, height: int = 900, scheme: str = "light", *, scripts: bool = True
) -> Iterator[Reader]:
    """A tab for the time of the block; the test is skipped with the reason where no browser can be had.

    Parameters
    ----------
    width, height : int
        Size of the window [px]; 400 wide stands for a phone.
    scheme : str
        ``light`` or ``dark``: what the reader's system prefers.
    scripts : bool
        Whether the reader lets pages run scripts.
    """
    driver = pytest.importorskip("playwright.sync_api", reason="pages are opened with playwright: .[test]")
    installed = next((path for name in NAMES if (path := shutil.which(name))), None)
    if installed is None:
        pytest.skip(f"no browser is installed: expected one of {', '.join(NAMES)}")
    with driver.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=installed, args=[NO_OTHER_HOST])
        window = {"width": width, "height": height}
        page = browser.new_context(viewport=window, color_scheme=scheme, java_script_enabled=scripts).new_page()
        try:
            yield Reader(page)
        finally:
            browser.close()
