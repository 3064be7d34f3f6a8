"""Where the numbers of an instance come from: plain JSON data, copied so that nobody changes it later."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import numpy as np
from pydantic_core import PydanticCustomError

from formulations.fields import plain, show

_MAX_NESTING = 20

_STANDS_IN = {"H100 PCIe": ", which stands in for the paper's H100 NVL"}
"""What is to be said with a device."""


def plain_data(value: object) -> dict[str, Any]:
    """Copy plain JSON data, refusing what is no object of such."""
    if not isinstance(value, Mapping):
        raise PydanticCustomError("provenance", "expected an object, got {got}", {"got": show(value)})
    copy: dict[str, Any] = _plain_copy(value, "", _MAX_NESTING)
    return copy


def edge_server(provenance: Mapping[str, Any], problem: str) -> str:
    """Say whose times the edge server of a generated instance has; empty where its file does not tell."""
    found: Any = provenance
    for name in ("arguments", problem, "edge_device"):
        found = found.get(name) if isinstance(found, Mapping) else None
    return f"edge server: {found}{_STANDS_IN.get(found, '')}" if isinstance(found, str) else ""


def _plain_copy(value: object, place: str, levels: int) -> Any:
    """Copy plain JSON data, refusing what no JSON file can hold."""
    value = plain(value)
    if isinstance(value, np.ndarray):
        value = value.tolist()
    if levels == 0:
        _refuse_provenance("", f"at most {_MAX_NESTING} levels of nesting", "more")
    if isinstance(value, Mapping):
        for key in value:
            if not isinstance(key, str) or not _is_unicode(key):
                _refuse_provenance(place, "names that are texts", show(key))
        return {key: _plain_copy(item, f"{place} in {show(key)}", levels - 1) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain_copy(item, f"{place} in [{index}]", levels - 1) for index, item in enumerate(value)]
    is_plain = value is None or isinstance(value, bool | int) or (isinstance(value, str) and _is_unicode(value))
    if not is_plain and not (isinstance(value, float) and math.isfinite(value)):
        _refuse_provenance(place, "plain data with finite numbers", show(value))
    return value


def _refuse_provenance(place: str, expected: str, got: str) -> None:
    context = {"expected": expected, "got": got, "place": place}
    raise PydanticCustomError("provenance", "expected {expected}, got {got}{place}", context)


def _is_unicode(text: str) -> bool:
    return not any("\ud800" <= character <= "\udfff" for character in text)
