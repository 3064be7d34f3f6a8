"""The one error that unusable input raises: a single sentence naming file, field, index and expectation."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from functools import cache
from typing import Any

from pydantic import BaseModel, ValidationError

from formulations.fields import show
from formulations.runtime.program import NoSuchNameError, UsageError, one_line, suggestion

__all__ = [
    "InstanceError",
    "dotted",
    "field_error",
    "known_fields",
    "one_line",
    "path_given",
    "require",
    "sentence",
    "suggestion",
]

_EXPECTED = {
    "bool_type": "true or false",
    "dict_type": "an object",
    "model_type": "an object",
    "string_type": "a text",
    "string_unicode": "a text without lone surrogates",
    "tuple_type": "a list",
}
_WHOLE_NUMBER = {"int_type", "int_from_float", "greater_than_equal", "less_than_equal"}
_FIRST = ("schema_version", "extra_forbidden")


class InstanceError(UsageError):
    """Input that cannot be used; its message is one printable line.

    Attributes
    ----------
    field : str
        Dotted name of the field that is refused; empty where it is no single one.
    index : int or None
        Which number of the field.
    explanation : str
        The message without its place.

    Examples
    --------
    >>> import diffload
    >>> try:
    ...     diffload.load("n10").replace(edge_step_capacity=-1)
    ... except diffload.InstanceError as error:
    ...     print(error.field)
    step_allocation.edge_step_capacity
    """

    def __init__(self, message: str, field: str = "", index: int | None = None, explanation: str = "") -> None:
        super().__init__(one_line(message))
        self.field, self.index, self.explanation = field, index, explanation

    @classmethod
    def of(cls, error: ValidationError, model: type[BaseModel], source: object = "") -> InstanceError:
        """The one sentence about data that ``model`` refuses, from ``source``."""
        place = field_error(error, model)
        return cls(sentence(source, *place), *place)

    def within(self, source: object) -> InstanceError:
        """The same error, in data from ``source``."""
        message = sentence(source, self.field, self.index, self.explanation) if self.explanation else str(self)
        return type(self)(message, self.field, self.index, self.explanation)

    @property
    def expected(self) -> str:
        """What was expected."""
        return self.explanation.removeprefix("expected ").partition(", got ")[0]

    @property
    def given(self) -> str:
        """What was given instead."""
        return self.explanation.partition(", got ")[2]


class UnknownNameError(NoSuchNameError):
    """A name that stands for nothing; the message is one sentence with the names that do."""

    def __init__(self, what: str, name: object, known: Iterable[str], now: str = "") -> None:
        if now:
            super().__init__(f"the {what} '{name}' is now '{now}'")
            return
        names = list(known)
        hint = suggestion(name, names) if isinstance(name, str) else ""
        super().__init__(f"unknown {what} '{name}', expected one of {', '.join(names)}{hint}")

    def __reduce__(self) -> tuple[Any, ...]:
        return _unpickled, (self.args[0],)


def require(argument: str, value: object, holds: bool, expected: str, hint: str = "") -> None:
    """Refuse the value of an argument where a condition does not hold.

    Raises
    ------
    InstanceError
        Naming the argument, what was expected and what was given.
    """
    if not holds:
        raise InstanceError(f"{argument}: expected {expected}, got {show(value)}{hint}")


def path_given(argument: str, path: object) -> str:
    """Return the path that a caller gave as a text.

    Raises
    ------
    TypeError
        If it is none.
    """
    if not isinstance(path, str | bytes | os.PathLike):
        raise TypeError(f"{argument}: expected the path of a file or folder, got {type(path).__name__}")
    return os.fsdecode(path)


def _unpickled(message: str) -> UnknownNameError:
    error = UnknownNameError.__new__(UnknownNameError)
    error.args = (message,)
    return error


def field_error(error: ValidationError, model: type[BaseModel]) -> tuple[str, int | None, str]:
    """Field (dotted), index or None, and what was expected and got, of the error to report first.

    A wrong schema version explains every other error, and an unknown field is often a misspelt one that is
    then missing too, so these two come first; otherwise the order is that of the fields. A rule on several
    fields of a section names them in its context; the first one stands for all in the location.
    """
    found = error.errors(include_url=False)
    first = min(found, key=_precedence)
    location = [*first["loc"], *first.get("ctx", {}).get("fields", [])[:1]]
    index = first.get("ctx", {}).get("index")
    if index is None and location and isinstance(location[-1], int):
        index = location.pop()
    return dotted(location), index, _explain(first, model)


def dotted(location: Iterable[str | int]) -> str:
    """A place in a document as an error names it: names joined by dots, list positions in brackets."""
    text = ""
    for part in location:
        text += f"[{part}]" if isinstance(part, int) else f".{_cut(part)}"
    return text.removeprefix(".")


def sentence(source: object, field: str, index: int | None, explanation: str) -> str:
    """The sentence that names file, field and index before what was expected and got."""
    place = field if index is None else f"{field}[{index}]"
    return ": ".join(part for part in (str(source), place, explanation) if part)


def _precedence(error: Mapping[str, Any]) -> int:
    location = error["loc"]
    keys = (location[0] if location else "", error["type"])
    return min((_FIRST.index(key) for key in keys if key in _FIRST), default=len(_FIRST))


def _explain(error: Mapping[str, Any], model: type[BaseModel]) -> str:
    kind, got = error["type"], show(error["input"])
    if kind == "missing":
        return "expected a value, got none because the field is missing"
    if kind == "extra_forbidden":
        known = known_fields(model, error["loc"][:-1])
        return f"expected a known field, got an unknown one{suggestion(str(error['loc'][-1]), known)}"
    if kind in _WHOLE_NUMBER:
        return f"expected {_whole_number(model, error['loc'])}, got {got}"
    if kind in _EXPECTED:
        return f"expected {_EXPECTED[kind]}, got {got}"
    if kind == "literal_error":
        return f"expected {error['ctx']['expected']}, got {got}"
    text = str(error["msg"])
    return text if text.startswith("expected ") else f"expected a usable value ({text}), got {got}"


def known_fields(model: type[BaseModel], location: Iterable[str | int]) -> list[str]:
    """Names of the fields of the section at ``location``."""
    return list(_properties(model, location))


def _whole_number(model: type[BaseModel], location: tuple[str | int, ...]) -> str:
    rule = _properties(model, location[:-1]).get(str(location[-1]), {})
    return f"a whole number from {rule['minimum']} to {rule['maximum']}" if "maximum" in rule else "a whole number"


def _properties(model: type[BaseModel], location: Iterable[str | int]) -> dict[str, Any]:
    schema = _schema(model)
    node: dict[str, Any] = schema
    for part in location:
        node = node.get("properties", {}).get(str(part), {})
        for candidate in [node, *node.get("anyOf", [])]:
            if "$ref" in candidate:
                node = schema["$defs"][candidate["$ref"].rpartition("/")[2]]
    properties: dict[str, Any] = node.get("properties", {})
    return properties


@cache
def _schema(model: type[BaseModel]) -> dict[str, Any]:
    return model.model_json_schema()


def _cut(name: str) -> str:
    return name if len(name) <= 60 else f"{name[:57]}..."
