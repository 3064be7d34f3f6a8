"""Documents of the wrong shape, and bytes that are no document at all."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from malformed_file import DECAY, STEP_ALLOCATION, Malformed, changed, json_file, valid_json


def wrong_shape() -> list[Malformed]:
    """Fields and sections that are missing, unknown or of the wrong kind."""

    def drop(document: dict[str, Any]) -> None:
        del document["step_allocation"]["error_weight"]

    def misspell(document: dict[str, Any]) -> None:
        document["step_allocation"]["error_wieght"] = document["step_allocation"].pop("error_weight")

    def top(**fields: Any) -> Callable[[dict[str, Any]], None]:
        return lambda document: document.update(fields)

    def without(name: str) -> Callable[[dict[str, Any]], None]:
        return lambda document: document.__delitem__(name)

    deep: Any = 0
    for _ in range(30):
        deep = {"in": deep}
    return [
        changed("missing field", "step_allocation.error_weight", "the field is missing", drop),
        changed("misspelt field", "step_allocation.error_wieght", "(did you mean error_weight?)", misspell),
        changed("unknown field", "colour", "expected a known field, got an unknown one", top(colour="red")),
        changed(
            "misspelt section",
            "step_alocation",
            "(did you mean step_allocation?)",
            top(step_alocation=STEP_ALLOCATION),
        ),
        changed(
            "no problem section", "", "expected at least one problem section (step_all", without("step_allocation")
        ),
        changed("null section", "step_allocation", "expected an object, got null", top(step_allocation=None)),
        changed(
            "section as list", "step_allocation", "expected an object, got [1, 2]", top(step_allocation=[1, 2])
        ),
        changed("no version", "schema_version", "expected a value, got none", without("schema_version")),
        changed("version 2", "schema_version", "expected 1, got 2", top(schema_version=2, colour="red")),
        changed("version as text", "schema_version", 'expected 1, got "1"', top(schema_version="1")),
        changed("version 1.0", "schema_version", "expected 1, got 1.0", top(schema_version=1.0)),
        changed("version true", "schema_version", "expected 1, got true", top(schema_version=True)),
        changed("no name", "name", "expected a value, got none", without("name")),
        changed("empty name", "name", "expected 1 to 100 printable characters without slashes", top(name="")),
        changed("name of spaces", "name", "printable characters without slashes and not only", top(name="  ")),
        changed("name of two lines", "name", "expected 1 to 100 printable characters", top(name="a\nb")),
        changed("name that is a path", "name", "expected 1 to 100 printable characters", top(name="../../a")),
        changed("name as number", "name", "expected a text, got 30", top(name=30)),
        changed("name with a lone surrogate", "name", "expected", top(name="\ud800")),
        changed("provenance as text", "provenance", 'expected an object, got "me"', top(provenance="me")),
        changed("NaN in provenance", "provenance", "got NaN", top(provenance={"x": [0, float("nan")]})),
        changed("nested provenance", "provenance", "at most 20 levels of nesting", top(provenance=deep)),
        changed("constraints as object", "constraints", "expected a list, got {}", top(constraints={})),
        changed("unprintable field", "\\n\\u2028", "got an unknown one", top(**{"\n\u2028": 1})),
        changed(
            "field with a lone surrogate",
            "",
            'expected a text without lone surrogates, got "\\ud800"',
            top(**{"\ud800": 1}),
        ),
    ]


def wrong_text() -> list[Malformed]:
    """Damaged JSON, and what is none."""
    text = valid_json()
    inside = text.index(b'"users"')
    decay = b'"error_decay_per_step": [0.02'
    return [
        json_file("truncated", text[:-40], "", "expected JSON, got a syntax error at line 1, column"),
        json_file("cut inside a name", text[: inside + 4], "", "expected JSON, got a syntax error at line 1"),
        json_file("empty", b"", "", "expected a JSON object, got an empty file"),
        json_file("blank", b" \n\n", "", "expected a JSON object, got an empty file"),
        json_file("not JSON", b"users,steps\n3,4\n", "", "expected JSON, got a syntax error at line 1, column 1"),
        json_file("two documents", text + text, "", "expected JSON, got a syntax error"),
        json_file("trailing comma", b'{"schema_version": 1,}', "", "expected JSON, got a syntax error"),
        json_file("list", b"[1]", "", "expected a JSON object, got a list"),
        json_file("number", b"1", "", "expected a JSON object, got a number"),
        json_file("null", b"null", "", "expected a JSON object, got null"),
        json_file(
            "not UTF-8",
            text.replace(b"small", b"sm\xffll"),
            "",
            "expected text in UTF-8, got byte 0xff at position",
        ),
        json_file(
            "UTF-16", text.decode().encode("utf-16"), "", "expected text in UTF-8, got byte 0xff at position 0"
        ),
        json_file("control characters", bytes(range(32)), "", "expected JSON"),
        json_file("null bytes", bytes(100), "", "expected JSON"),
        json_file("nested lists", b"[" * 100_000, "", "expected JSON with less nesting"),
        json_file(
            "nested value",
            text.replace(b'"users": 3', b'"users": ' + b"[" * 400 + b"]" * 400),
            "step_allocation.users",
            "expected a whole number from 1 to 10000000, got [[[[[[[...]]]]]]]",
        ),
        json_file(
            "field twice",
            text.replace(b'"users": 3', b'"users": 3, "users": 4'),
            "step_allocation.users",
            "expected the field once, got it twice",
        ),
        json_file(
            "section twice",
            text[:-1] + b', "step_allocation": {}}',
            "step_allocation",
            "expected the field once, got",
        ),
        json_file("1e400", text.replace(decay, decay[:-4] + b"1e400"), f"{DECAY}[0]", "got Infinity"),
        json_file("5000 digits", text.replace(decay, decay[:-4] + b"1" * 5000), f"{DECAY}[0]", "got Infinity"),
        json_file(
            "users of 5000 digits",
            text.replace(b'"users": 3', b'"users": ' + b"9" * 5000),
            "step_allocation.users",
            "expected a whole number from 1 to 10000000",
        ),
        json_file("NaN literal", text.replace(decay, decay[:-4] + b"NaN"), f"{DECAY}[0]", "got NaN"),
        json_file(
            "nan in small letters",
            text.replace(decay, decay[:-4] + b"nan"),
            "",
            "expected JSON, got a syntax error",
        ),
    ]
