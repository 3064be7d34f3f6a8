"""The Python of README.md, the first page and the start page runs, and prints what they show, but for times."""

from __future__ import annotations

import re
from pathlib import Path

import matplotlib as mpl
import pytest

ROOT = Path(__file__).parents[2]


@pytest.fixture(autouse=True)
def _without_a_screen():
    before = mpl.get_backend()
    mpl.use("agg")
    yield
    from matplotlib import pyplot

    pyplot.close("all")
    mpl.use(before)


def told(text: str) -> list[str]:
    """The lines of a result, without its time and without what is left of the gap."""
    lines = [line for line in text.splitlines() if not line.startswith("time ")]
    return [line.partition(", gap ")[0] for line in lines]


@pytest.mark.parametrize("name", ["README.md", "docs/index.md", "docs/start.md"])
def test_the_examples_print_what_the_page_shows(name, capsys):
    page = (ROOT / name).read_text(encoding="utf-8")
    names: dict[str, object] = {}
    shown = 0
    for code, output in re.findall(
        r"```python\n(.*?)```(?:\n+<!-- its output -->\n```text\n(.*?)```)?", page, re.DOTALL
    ):
        exec(compile(code, name, "exec"), names)
        printed = capsys.readouterr().out
        if output:
            shown += 1
            assert told(printed) == told(output)
        for value in re.findall(r"# (-?\d[\d.]*)$", code, re.MULTILINE):
            assert float(printed) == pytest.approx(float(value), abs=5e-5)
    assert shown
