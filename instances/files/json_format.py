"""Reads and writes instance documents as strict JSON text."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping
from typing import Any

from formulations.errors import InstanceError, dotted, sentence

_MAX_DIGITS = 400
"""Whole numbers with more digits are beyond every float, and converting them takes quadratic time."""

_NUMBERS_PER_LINE = 12


def parse(source: object, data: bytes) -> dict[str, Any]:
    """Parse the bytes of a JSON file whose top level is an object; a byte order mark is passed over.

    Raises
    ------
    InstanceError
        If the bytes are not UTF-8 or not JSON, if a name is there twice in one object, or if the top level is
        something else. ``NaN`` and ``Infinity`` are let through: the field they stand in refuses them.
    """
    repeated: list[tuple[dict[str, Any], str]] = []

    def as_object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        found = dict(pairs)
        if len(found) < len(pairs):
            repeated.append((found, Counter(name for name, _ in pairs).most_common(1)[0][0]))
        return found

    try:
        document = json.loads(
            decode(source, data, "a JSON object"), object_pairs_hook=as_object, parse_int=_whole_number
        )
    except json.JSONDecodeError as fault:
        expected = f"expected JSON, got a syntax error at line {fault.lineno}, column {fault.colno} ({fault.msg})"
        raise InstanceError(sentence(source, "", None, expected)) from None
    except RecursionError:
        raise InstanceError(sentence(source, "", None, "expected JSON with less nesting, got too much")) from None
    if repeated:
        owner, name = repeated[-1]
        field = dotted([*(_location(document, owner) or ()), name])
        raise InstanceError(sentence(source, field, None, "expected the field once, got it twice"))
    if not isinstance(document, dict):
        raise InstanceError(sentence(source, "", None, f"expected a JSON object, got {_kind(document)}"))
    return document


def decode(source: object, data: bytes, expected: str) -> str:
    """Return the text of a file in UTF-8, without its byte order mark.

    Raises
    ------
    InstanceError
        If there is none.
    """
    if not data.strip():
        raise InstanceError(sentence(source, "", None, f"expected {expected}, got an empty file"))
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as fault:
        got = f"byte 0x{data[fault.start]:02x} at position {fault.start}"
        raise InstanceError(sentence(source, "", None, f"expected text in UTF-8, got {got}")) from None


def _whole_number(text: str) -> int | float:
    return int(text) if len(text) <= _MAX_DIGITS else float(text)


def _kind(value: object) -> str:
    kinds = {list: "a list", str: "a text", bool: "true or false", type(None): "null"}
    return kinds.get(type(value), "a number")


def _location(node: object, wanted: object) -> tuple[str | int, ...] | None:
    """Return where in a document the object ``wanted`` is."""
    if node is wanted:
        return ()
    items: Any = node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ()
    for part, item in items:
        below = _location(item, wanted)
        if below is not None:
            return (part, *below)
    return None


def text(document: Mapping[str, Any]) -> str:
    """A document as JSON text with one field per line; floats in the shortest form that reads back exactly."""
    return _object(document, "") + "\n"


def _object(fields: Mapping[str, Any], indent: str) -> str:
    inner = indent + "  "
    lines = [f"{inner}{_value(name)}: {_field(value, inner)}" for name, value in fields.items()]
    return "{\n" + ",\n".join(lines) + f"\n{indent}}}"


def _field(value: Any, indent: str) -> str:
    if isinstance(value, Mapping) and value:
        return _object(value, indent)
    is_matrix = isinstance(value, list) and bool(value) and isinstance(value[0], list)
    if is_matrix or (isinstance(value, list) and len(value) > _NUMBERS_PER_LINE):
        items = [_value(item) for item in value]
        width = 1 if is_matrix else _NUMBERS_PER_LINE
        rows = [", ".join(items[i : i + width]) for i in range(0, len(items), width)]
        return f"[\n{indent}  " + f",\n{indent}  ".join(rows) + f"\n{indent}]"
    return _value(value)


def _value(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, allow_nan=False)
