"""The page itself, on NiceGUI: sliders on one side, what they lead to on the other. It computes nothing."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from nicegui import events, ui

from instances import Instance, InstanceError, load
from reports.explorer import charts, files, pictures, texts, uploads
from reports.explorer.answer import Answer, answer, curve
from reports.explorer.controls import Control
from reports.explorer.scenario import Scenario, explorable
from reports.formats import html_page
from reports.tables.table import Table

WORKER = ThreadPoolExecutor(max_workers=1, thread_name_prefix="solver")
"""Solves for all pages, one after another, so that nobody's clock runs while somebody else computes."""


VALUE = "(event) => emit(event.target.valueAsNumber)"
"""What a slider tells of itself."""


class Explorer:
    """One open page: its scenario, and the elements that show it."""

    def __init__(self, scenario: Scenario) -> None:
        self.scenario = scenario
        self.over = scenario.controls[0]
        self.measure = pictures.measures(scenario.problem)[0]
        self.found: Answer | None = None
        self.panels: list[Any] = []
        self._asked, self._is_busy = 0, False
        ui.add_css(html_page.STYLE + (Path(__file__).parent / "page.css").read_text("utf-8"))
        with ui.element("div").classes("opened"):
            ui.html("diffload explore", sanitize=False, tag="h1")
            self.title = ui.label().classes("note")
        with ui.element("div").classes("sides"):
            self.side = ui.element("section").props('aria-label="What you can move"').classes("side")
            with ui.element("section").props('aria-label="What it leads to"').classes("answers"):
                self._answers()
        self._side()
        self._change(scenario)

    def _answers(self) -> None:
        self.error = ui.label().classes("alert").props("role=alert")
        self.verdict = ui.label(texts.WAITING).classes("verdict").props("role=status aria-live=polite")
        self.facts = ui.html(sanitize=False, tag="dl").classes("facts")
        with ui.element("div").classes("charts"):
            with ui.element("figure"):
                self.who = ui.echart({}, renderer="svg")
                self.who_says = ui.label().classes("caption")
            with ui.element("figure"):
                with ui.element("div").classes("choices"):
                    self.measure_choice = _choice("curve of", {}, self._measured)
                    self.over_choice = _choice("over", {}, self._over)
                self.curve = ui.echart({}, renderer="svg")
        self.methods = ui.html(sanitize=False)
        with ui.element("details"):
            ui.html("Every user", sanitize=False, tag="summary")
            self.users = ui.html(sanitize=False)

    def _side(self) -> None:
        """Draw the controls, anew for another instance or problem."""
        scenario = self.scenario
        self.title.text = texts.title(scenario)
        self.side.clear()
        with self.side:
            problems = {name: texts.problem_title(name) for name in explorable(scenario.base)}
            if len(problems) > 1:
                _choice("problem", problems, self._posed, scenario.problem)
            for control in scenario.controls:
                self._slider(control)
            ui.button("Back to the instance as opened", on_click=self._reset).props("flat dense no-caps")
            names = {name: name for name in files.library()}
            _choice("instance of the library", names, self._opened, scenario.source)
            self.upload = ui.upload(
                label="or a file of yours (.json)",
                auto_upload=True,
                max_file_size=uploads.MOST_BYTES,
                max_files=1,
                on_upload=self._uploaded,
                on_rejected=lambda: self._refuse(texts.REJECTED),
            ).props('accept=".json" flat bordered aria-label="open a file"')
            ui.html("Take it with you", sanitize=False, tag="h2")
            self.python = ui.label().classes("code")
            with ui.element("div").classes("buttons"):
                ui.button("Instance", on_click=lambda: self._save(files.instance)).props("no-caps outline")
                ui.button("Python", on_click=lambda: self._save(files.python)).props("no-caps outline")
                ui.button("Picture", on_click=lambda: self._save(files.picture)).props("no-caps outline")
        measures = pictures.measures(scenario.problem)
        self.measure_choice.set_options({each.key: each.label for each in measures}, value=self.measure.key)
        self.over_choice.set_options({each.field: each.label for each in scenario.controls}, value=self.over.field)

    def _slider(self, control: Control) -> None:
        def moved(value: float | None) -> None:
            if value is None:
                return
            value = round(value) if control.whole else value
            number.set_value(value)
            if value != self.scenario.at(control):
                slider.props["value"] = value
                self._change(self.scenario.with_value(control, float(value)))

        now, label = self.scenario.at(control), f"{control.label} [{control.unit}]"
        with ui.element("div").classes("control"):
            number = ui.number(
                label,
                value=now,
                min=control.low,
                precision=0 if control.whole else None,
                on_change=lambda event: moved(event.value),
            )
            number.props("dense debounce=300 step=any")
            slider = ui.element("input")  # the browser's own, which keys and screen readers know
            ends = {"min": control.low, "max": control.high, "step": 1 if control.whole else "any"}
            slider.props.update({"type": "range", "aria-label": label, "value": now} | ends)
            slider.on("input", lambda event: moved(control.rounded(event.args)), throttle=0.05, js_handler=VALUE)

    def _change(self, scenario: Scenario) -> None:
        self.scenario = scenario
        ui.timer(0.0, self._refresh, once=True)

    async def _refresh(self) -> None:
        """Show the answer to the newest scenario; those asked in between are passed over."""
        self._asked += 1
        if self._is_busy:
            return
        self._is_busy = True
        try:
            shown = 0
            while shown != self._asked:
                shown = self._asked
                await self._show()
        finally:
            self._is_busy = False

    async def _show(self) -> None:
        scenario, over, measure = self.scenario, self.over, self.measure
        try:
            found = await _solved(lambda: answer(scenario))
        except InstanceError as fault:
            self.found, self.verdict.text = None, ""  # what is shown below is of another scenario
            self._refuse(str(fault))
            return
        self.error.text = ""
        self.found = found
        self.verdict.text = texts.verdict(found)
        self.verdict.classes(replace="verdict good" if found.verdict.certified else "verdict")
        self.facts.set_content(texts.facts(found))
        self.python.text = scenario.python()
        self.methods.set_content(_table(found.methods))
        self.users.set_content(_table(texts.users(found)))
        who = pictures.who(found)
        self.who_says.text = texts.who(found)
        self.who.set_visibility(who is not None)
        if who is not None:
            _draw(self.who, who, texts.who(found))
        points = await _solved(lambda: curve(scenario, over))
        trade = pictures.tradeoff(found, over, measure, points)
        _draw(self.curve, trade, trade.title)
        self.panels = [panel for panel in (who, trade) if panel is not None]

    def _open(self, instance: Instance, source: str, problem: str = "") -> None:
        self.scenario = Scenario(instance, source, problem or explorable(instance)[0])
        self.over = self.scenario.controls[0]
        self.measure = pictures.measures(self.scenario.problem)[0]
        self._side()
        self._change(self.scenario)

    def _posed(self, name: str) -> None:
        if name != self.scenario.problem:
            self._open(self.scenario.base, self.scenario.source, name)

    def _reset(self) -> None:
        self._open(self.scenario.base, self.scenario.source, self.scenario.problem)

    def _opened(self, name: str) -> None:
        if name != self.scenario.source:
            self._open(load(name), name)

    async def _uploaded(self, event: events.UploadEventArguments) -> None:
        try:
            instance = uploads.received(event.file.name, await event.file.read())
        except InstanceError as fault:
            self._refuse(str(fault))
            self.upload.reset()
            return
        self._open(instance, event.file.name)

    def _refuse(self, sentence: str) -> None:
        self.error.text = sentence

    def _measured(self, key: str) -> None:
        if key == self.measure.key:
            return
        self.measure = next(each for each in pictures.measures(self.scenario.problem) if each.key == key)
        self._change(self.scenario)

    def _over(self, field: str) -> None:
        if field == self.over.field:
            return
        self.over = next(each for each in self.scenario.controls if each.field == field)
        self._change(self.scenario)

    async def _save(self, make: Callable[[Answer, list[Any]], tuple[str, bytes]]) -> None:
        found, panels = self.found, self.panels
        if found is not None:
            name, content = await _solved(lambda: make(found, panels))
            ui.download.content(content, name)


def _choice(
    label: str, options: dict[str, str], chosen: Callable[[str], None], value: str | None = None
) -> ui.select:
    """A list to choose from, by name."""
    made = ui.select(options, label=label, value=value if value in options else None)
    made.on_value_change(lambda event: None if event.value is None else chosen(event.value))
    return made.props("dense options-dense")


def _draw(chart: ui.echart, panel: Any, says: str) -> None:
    chart.options.clear()
    chart.options.update(charts.options(panel, says))
    chart.update()


def _table(table: Table) -> str:
    return html_page.section(table)


async def _solved(work: Callable[[], Any]) -> Any:
    return await asyncio.get_running_loop().run_in_executor(WORKER, work)


def root(scenario: Scenario) -> Callable[[], None]:
    """What makes a page for everyone who opens it."""

    def page() -> None:
        Explorer(scenario)

    return page
