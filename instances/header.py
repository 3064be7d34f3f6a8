"""What every document has besides its sections: the version of the schema and a name, checked."""

from __future__ import annotations

from pydantic_core import PydanticCustomError

from formulations.fields import plain, show

MAX_NAME = 100
"""Most characters of an instance's name."""


def schema_version_one(value: object) -> object:
    """Return the version of the schema, or refuse it."""
    value = plain(value)
    if isinstance(value, bool) or not isinstance(value, int) or value != 1:
        raise PydanticCustomError("schema_version", "expected 1, got {got}", {"got": show(value)})
    return value


def file_name(value: str) -> str:
    """Return the name of an instance, or refuse one that no file can bear."""
    printable = value.isprintable() and not value.isspace()
    if not 0 < len(value) <= MAX_NAME or not printable or "/" in value or "\\" in value:
        raise PydanticCustomError(
            "name",
            "expected 1 to {most} printable characters without slashes and not only spaces, got {got}",
            {"most": MAX_NAME, "got": show(value)},
        )
    return value
