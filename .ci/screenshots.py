"""Take the pictures of docs/look_and_touch.md anew: the explorer and the gap report as a browser shows them.

    python .ci/screenshots.py

Needs the extras explore and test, and Chromium. Each picture is a PNG of 64 colours, well below 200 kB.
"""

from __future__ import annotations

import io
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from PIL import Image
from playwright.sync_api import sync_playwright

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from benchmarks.explorer_latency import chromium, serving  # noqa: E402

PICTURES = ROOT / "docs" / "pictures"
COLOURS = 64
PATIENCE = 180_000
"""Time that a page may take to load, on a busy machine [ms]."""


METHODS = "price-search,scip-reduced,sca-published,all-local,random,batch-scan,highs-batch-lp,greedy,per-dqn"
"""Methods of the sweep that the picture of the gap report shows."""


def main() -> None:
    """Take every picture."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium())
        for problem, scheme in (("step_allocation", "light"), ("split_offloading", "dark")):
            with serving(problem) as address:
                page = opened(browser, address, scheme)
                page.locator(".verdict").filter(has_text="Certified").wait_for(timeout=PATIENCE)
                page.locator(".nicegui-echart").nth(1).locator("path[transform^='matrix']").last.wait_for(
                    timeout=PATIENCE
                )
                keep(page, f"explore_{problem}")
        with tempfile.TemporaryDirectory() as folder:
            words = ["gaps", "n30", "n10", "--solvers", METHODS]
            command = [sys.executable, "-m", "diffload", *words, "--seeds", "3", "--scheduler", "none"]
            subprocess.run([*command, "--out", folder], check=True, cwd=ROOT, stdout=subprocess.DEVNULL)
            keep(opened(browser, (Path(folder) / "report.html").as_uri(), "light"), "gap_report")
        browser.close()


def opened(browser: Any, address: str, scheme: str) -> Any:
    """A page at an address, as a reader with this setting sees it."""
    page = browser.new_context(viewport={"width": 1280, "height": 900}, color_scheme=scheme).new_page()
    page.goto(address, timeout=PATIENCE)
    return page


def keep(page: Any, name: str) -> None:
    """Write what is seen of a page."""
    page.evaluate("new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))")
    page.wait_for_timeout(2_000)
    seen = Image.open(io.BytesIO(page.screenshot(timeout=PATIENCE))).convert("RGB")
    if seen.getcolors(COLOURS // 4) is not None:
        raise RuntimeError(f"{name}: expected a page, got a picture of next to nothing")
    seen.quantize(COLOURS).save(PICTURES / f"{name}.png", optimize=True)
    print(f"{name}.png: {(PICTURES / f'{name}.png').stat().st_size} bytes", flush=True)


if __name__ == "__main__":
    main()
