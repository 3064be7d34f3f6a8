"""A further constraint as documents give it, built as the type that it names."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, NoReturn

from pydantic_core import PydanticCustomError

from formulations.constraints.base import Constraint
from formulations.constraints.registry import constraint_types
from formulations.errors import InstanceError, suggestion
from formulations.fields import show


def as_constraint(value: object) -> object:
    """Build the type of constraint that a document names."""
    if isinstance(value, Constraint):
        return value
    if not isinstance(value, Mapping):
        raise PydanticCustomError("constraint", "expected an object, got {got}", {"got": show(value)})
    known = constraint_types()
    on, name = value.get("on"), value.get("type")
    kind = known.get((on, name)) if isinstance(on, str) and isinstance(name, str) else None
    if kind is None:
        _refuse_type(value, known)
    try:
        return kind.model_validate(value)
    except InstanceError as error:
        context: dict[str, Any] = {"fields": [error.field], "explanation": error.explanation}
        if error.index is not None:
            context["index"] = error.index
        raise PydanticCustomError("constraint", "{explanation}", context) from None


def _refuse_type(document: Mapping[str, Any], known: Iterable[tuple[str, str]]) -> NoReturn:
    """Say which of ``on`` and ``type`` is wrong, and what there is."""
    problems = sorted({on for on, _ in known})
    field, names = "on", problems
    if document.get("on") in problems:
        field, names = "type", sorted(kind for on, kind in known if on == document["on"])
    given = document.get(field)
    hint = suggestion(given, names) if isinstance(given, str) else ""
    context = {"fields": [field], "names": ", ".join(names), "got": show(given), "hint": hint}
    raise PydanticCustomError("constraint", "expected one of {names}, got {got}{hint}", context)


def within(place: str, refusal: PydanticCustomError) -> PydanticCustomError:
    """Return the same refusal with its field named from the top of the document."""
    context = dict(refusal.context or {})
    context["fields"] = [f"{place}.{field}" for field in context.get("fields", [])]
    return PydanticCustomError(refusal.type, refusal.message_template, context)
