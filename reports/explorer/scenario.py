"""An instance as a person has moved it: the new instance, and the Python lines that make it again."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

from instances import Instance
from reports.explorer.controls import CONTROLS, USERS, Control, controls


@dataclass(frozen=True)
class Scenario:
    """One problem of an instance, and what has been moved.

    Attributes
    ----------
    base : Instance
        As it was opened.
    source : str
        The file or the name of the library that it was opened by.
    problem : str
        Which problem is explored.
    moved : mapping
        Value of every control that was moved, by its field.
    """

    base: Instance
    source: str
    problem: str
    moved: Mapping[str, float] = field(default_factory=dict)

    @cached_property
    def controls(self) -> tuple[Control, ...]:
        """What can be moved."""
        return controls(self.base.sections[self.problem])

    def at(self, control: Control) -> float:
        """Where a control is."""
        return self.moved.get(control.field, control.value)

    def with_value(self, control: Control, value: float) -> Scenario:
        """The same with one control elsewhere."""
        others = {name: moved for name, moved in self.moved.items() if name != control.field}
        return replace(self, moved=others if value == control.value else others | {control.field: value})

    def instance(self) -> Instance:
        """The instance that is meant.

        Raises
        ------
        InstanceError
            If a value is refused.
        """
        users = self.moved.get(USERS)
        start = self.base if users is None else self.base.head(int(users))
        changes = {control.field: self._value(start, control) for control in self._changed}
        return start.replace(**changes) if changes else start

    def python(self) -> str:
        """Python lines that solve the same."""
        users = self.moved.get(USERS)
        head = "" if users is None else f".head({users:.0f})"
        changes = ", ".join(f"{control.field}={self._written(control)}" for control in self._changed)
        given = f"instance.replace({changes})" if changes else "instance"
        return (
            "import diffload\n\n"
            f"instance = diffload.load({self.source!r}){head}\n"
            f"print(diffload.solve({given}, problem={self.problem!r}))\n"
        )

    @property
    def _changed(self) -> list[Control]:
        """Controls of fields that were moved, in their order."""
        return [control for control in self.controls if control.field in self.moved and control.field != USERS]

    def _value(self, start: Instance, control: Control) -> Any:
        value = self.moved[control.field]
        if control.factor:
            return value * getattr(start.sections[self.problem], control.field)
        return int(value) if control.whole else value

    def _written(self, control: Control) -> str:
        value = self.moved[control.field]
        if control.factor:
            return f"{value!r} * instance.{self.problem}.{control.field}"
        return f"{value:.0f}" if control.whole else repr(value)


def explorable(instance: Instance) -> tuple[str, ...]:
    """Problems of an instance that can be explored."""
    return tuple(name for name in instance.problems if name in CONTROLS)
