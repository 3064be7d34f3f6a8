"""The explorer in a browser: sliders, choices, files, hover, and nothing asked of another host."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from browser import Reader, reading
from contrast import measured, too_faint

import diffload

pytestmark = pytest.mark.browser

TEXT = "<img src=x onerror=alert(1)>"
"""A name that is a script where it is not escaped."""


@pytest.fixture
def reader(address: str) -> Iterator[Reader]:
    with reading() as opened:
        opened.visit(address)
        verdict(opened, "-8.730084")
        yield opened
        assert opened.faults == []


def verdict(reader: Reader, number: str) -> None:
    """Wait until the page says that an optimum is certified."""
    reader.page.locator(".verdict").filter(has_text=f"Certified optimum {number}").wait_for(timeout=30_000)


def field(reader: Reader, label: str) -> float:
    return float(reader.page.get_by_role("spinbutton", name=label, exact=True).input_value())


def saved(reader: Reader, button: str, to: Path) -> Path:
    with reader.page.expect_download() as download:
        reader.page.get_by_role("button", name=button, exact=True).click()
    path = to / download.value.suggested_filename
    download.value.save_as(path)
    return path


def test_a_slider_leads_to_the_optimum_of_solve(reader: Reader, tmp_path: Path) -> None:
    slider = reader.page.get_by_role("slider", name="edge budget [steps]", exact=True)
    for _ in range(3):
        slider.press("ArrowRight")
    reader.page.locator(".verdict").filter(has_not_text="-8.730084").wait_for()
    reader.page.wait_for_timeout(500)
    budget = field(reader, "edge budget [steps]")
    assert budget > 1156.33
    expected = diffload.solve(diffload.load("n30").replace(edge_step_capacity=budget), problem="step_allocation")
    verdict(reader, f"{expected.objective:.6f}")

    kept = diffload.load(saved(reader, "Instance", tmp_path))
    assert kept.step_allocation.edge_step_capacity == budget
    assert diffload.solve(kept, problem="step_allocation").objective == expected.objective
    assert f"edge_step_capacity={budget!r}" in saved(reader, "Python", tmp_path).read_text()
    assert "<svg" in saved(reader, "Picture", tmp_path).read_text()


def test_a_number_that_is_typed_counts(reader: Reader) -> None:
    reader.page.get_by_role("spinbutton", name="edge budget [steps]", exact=True).fill("300")
    expected = diffload.solve(diffload.load("n30").replace(edge_step_capacity=300.0), problem="step_allocation")
    verdict(reader, f"{expected.objective:.6f}")


def test_the_other_problem(reader: Reader) -> None:
    reader.page.get_by_label("problem", exact=True).click()
    reader.page.get_by_role("option", name="split offloading").click()
    verdict(reader, "-366.752999")
    reader.page.get_by_role("slider", name="GPUs [GPUs]").press("ArrowLeft")
    expected = diffload.solve(diffload.load("n30").replace(gpus=7), problem="split_offloading")
    verdict(reader, f"{expected.objective:.6f}")
    assert "per-dqn" in reader.page.locator("table").first.inner_text()


def test_a_fraction_of_a_whole_number_is_rounded_where_it_is_seen(reader: Reader, tmp_path: Path) -> None:
    reader.page.get_by_label("problem", exact=True).click()
    reader.page.get_by_role("option", name="split offloading").click()
    verdict(reader, "-366.752999")
    box = reader.page.get_by_role("spinbutton", name="GPUs [GPUs]", exact=True)
    box.fill("6.7")
    expected = diffload.solve(diffload.load("n30").replace(gpus=7), problem="split_offloading")
    verdict(reader, f"{expected.objective:.6f}")
    box.press("Tab")
    reader.page.wait_for_timeout(500)
    assert field(reader, "GPUs [GPUs]") == 7.0
    assert diffload.load(saved(reader, "Instance", tmp_path)).split_offloading.gpus == 7
    assert "gpus=7" in saved(reader, "Python", tmp_path).read_text()


def test_a_file_that_is_wrong_is_a_sentence_and_changes_nothing(reader: Reader, tmp_path: Path) -> None:
    (tmp_path / "wrong.json").write_text('{"schema_version": 1, "name": "w"}')
    reader.page.locator("input[type=file]").set_input_files(tmp_path / "wrong.json")
    reader.page.get_by_role("alert").filter(
        has_text="wrong.json: expected at least one problem section"
    ).wait_for()
    verdict(reader, "-8.730084")


def test_what_comes_from_a_file_is_text(reader: Reader, tmp_path: Path) -> None:
    path = tmp_path / f"{TEXT.replace('/', '')}.json"
    diffload.save(diffload.load("n30").replace(name=TEXT), path)
    document = json.loads(path.read_text())
    del document["step_allocation"]
    document["split_offloading"]["device"] = [f"</script>{TEXT}"] * 30
    path.write_text(json.dumps(document))
    said: list[str] = []
    reader.page.on("dialog", lambda dialog: (said.append(dialog.message), dialog.dismiss()))
    reader.page.locator("input[type=file]").set_input_files(path)
    verdict(reader, "-366.752999")
    reader.page.locator("summary").click()
    assert TEXT in reader.page.locator(".opened").inner_text()
    assert f"</script>{TEXT}" in reader.page.locator("details table").inner_text()
    assert repr(path.name) in reader.page.locator(".code").inner_text()
    assert reader.page.locator("img").count() == 0
    assert said == []


@pytest.mark.parametrize(
    ("chart", "shape", "words"),
    [
        (0, "path[fill='#d55e00'], path[fill^='url(']", r"user \d+, edge: [\d.]+ of at most [\d.]+ steps"),
        (1, "path[transform^='matrix']", r"edge budget [\d.]+: objective -\d+\.\d{6}"),
    ],
)
def test_a_point_says_what_it_is_on_hover(reader: Reader, chart: int, shape: str, words: str) -> None:
    drawn = reader.page.locator(".nicegui-echart").nth(chart)
    box = drawn.locator(shape).nth(2).bounding_box()
    assert box is not None
    reader.page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2, steps=3)
    drawn.filter(has_text=re.compile(words)).wait_for()


@pytest.mark.parametrize(("width", "scheme"), [(1200, "light"), (400, "dark")])
def test_nothing_is_cut_off_or_too_faint(address: str, width: int, scheme: str) -> None:
    with reading(width, scheme=scheme) as opened:
        opened.visit(address)
        verdict(opened, "-8.730084")
        opened.page.wait_for_timeout(500)
        assert opened.page.evaluate("document.documentElement.scrollWidth") <= width
        assert len(measured(opened)) > 3
        assert too_faint(opened) == []
        assert opened.faults == []
