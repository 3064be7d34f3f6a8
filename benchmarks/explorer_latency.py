"""Seconds from the release of a slider to the drawn answer, in a browser, at 30 users.

    python -m benchmarks.explorer_latency [--quick]

A headless Chromium drags the first slider of ``diffload explore n30`` and lets go. The answer is drawn when the
page has painted the last change that follows: verdict, tables and both charts. Needs the extras explore and test,
and Chromium; without them nothing is measured, and the line says so.
"""

from __future__ import annotations

import math
import re
import shutil
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from statistics import median
from time import sleep
from typing import Any

from benchmarks.alone import alone
from benchmarks.ratio import Aim, Ratio

PROBLEMS = ("step_allocation", "split_offloading")
BROWSERS = ("chromium", "chromium-browser", "google-chrome")
ANSWER_SECONDS = Aim("at most", 0.2)
RELEASES = {True: 8, False: 30}
"""Releases that are measured, by whether the run is quick."""

QUIET_MILLISECONDS = 700
"""Time without a change after which an answer is complete."""

_WATCH = """() => {
    addEventListener("pointerup", () => { window.released = performance.now(); window.painted = NaN; }, true);
    const painted = () => requestAnimationFrame(() => setTimeout(() => { window.painted = performance.now(); }));
    new MutationObserver(painted)
        .observe(document.body, {subtree: true, childList: true, attributes: true, characterData: true});
}"""


def ratios(quick: bool) -> Iterator[Ratio]:
    """The median of both problems, with the slowest answer behind it."""
    browser = chromium()
    for problem in PROBLEMS:
        name, what = f"explorer/{problem}", f"slider released to answer drawn, n30, {problem}"
        if browser is None or find_spec("nicegui") is None or find_spec("playwright") is None:
            yield Ratio(name, what, math.nan, "s", context={"not measured": "no browser, NiceGUI or Playwright"})
            continue
        times = latencies(browser, problem, RELEASES[quick])
        behind = {"slowest s": max(times), "fastest s": min(times), "releases": float(len(times))}
        yield Ratio(name, what, median(times), "s", aim=ANSWER_SECONDS, context=behind)


def chromium() -> str | None:
    """The browser of this machine, None where there is none."""
    return next((path for name in BROWSERS if (path := shutil.which(name))), None)


def latencies(browser: str, problem: str, releases: int) -> list[float]:
    """Seconds of each release, the first two of the process left out: they load what the others use."""
    from playwright.sync_api import sync_playwright

    with serving(problem) as address, sync_playwright() as playwright:
        page = playwright.chromium.launch(executable_path=browser).new_page()
        page.goto(address)
        page.locator(".verdict").filter(has_text="Certified").wait_for(timeout=120_000)
        page.wait_for_timeout(2 * QUIET_MILLISECONDS)
        page.evaluate(_WATCH)
        return [_release(page, number) for number in range(releases + 2)][2:]


def _release(page: Any, number: int) -> float:
    """Drag the first slider to another place, let go, and wait for the answer."""
    box = page.locator("input[type=range]").first.bounding_box()
    height = box["y"] + box["height"] / 2
    at, to = (
        box["x"] + share * box["width"] for share in (0.25 + 0.02 * (number % 9), 0.5 + 0.03 * (number % 11))
    )
    page.mouse.move(at, height)
    page.mouse.down()
    page.mouse.move(to, height, steps=4)
    page.mouse.up()
    page.wait_for_function(
        f"performance.now() - Math.max(released, painted) > {QUIET_MILLISECONDS}", timeout=60_000
    )
    return float(page.evaluate("painted - released")) / 1e3


@contextmanager
def serving(problem: str) -> Iterator[str]:
    """An explorer of n30 for the time of the block: its address."""
    command = [
        sys.executable,
        "-m",
        "diffload",
        "explore",
        "n30",
        "--problem",
        problem,
        "--no-browser",
        "--port",
        "0",
    ]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as server:
        assert server.stderr is not None
        found = re.search(r"http://\S+:\d+", server.stderr.readline())
        if found is None:
            raise RuntimeError("the explorer did not say where it is")
        try:
            _wait_for(int(found[0].rpartition(":")[2]))
            yield found[0]
        finally:
            server.terminate()


def _wait_for(port: int) -> None:
    """Wait until the server listens, which it says just before."""
    for _ in range(100):
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        sleep(0.1)


if __name__ == "__main__":
    alone(ratios, __doc__).script()
