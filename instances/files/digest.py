"""Hash of an instance: of everything that decides its answer, and of nothing else."""

from __future__ import annotations

from hashlib import sha256
from typing import Protocol

import numpy as np
from pydantic import BaseModel

from formulations.constraints.base import Constraint

NOT_HASHED = frozenset({"name", "provenance", "split_offloading.device", "multi_edge_offloading.device"})
"""Fields of an instance, by their dotted names, that do not change its answer."""


class _Hash(Protocol):
    def update(self, data: bytes, /) -> None: ...


def digest(instance: BaseModel) -> str:
    """SHA-256 of the canonical content, as 64 hexadecimal digits.

    The canonical content is one byte string, made of one record per field in the alphabetical order of the
    field names, sections and lists being gone into where they stand:

    - A field's dotted name, such as ``step_allocation.users``; an item of a list adds ``.0``, ``.1``, ...
    - ``name``, ``provenance`` and the ``device`` of a section are left out, and so is every field that has its
      default value. So a field added to the schema later leaves the hash of older instances as it is.
    - A record is the name in UTF-8, a tab, the shape in decimal (its numbers joined by ``x``, empty for a single
      value), a line feed, and the values in row order. A number is an IEEE 754 double, little-endian, with
      negative zero as zero; true is 1 and false is 0. A text is its length in bytes, a line feed, and its UTF-8
      bytes.
    - A field with one number per user always has the shape (N,), also where the file gives one number for all;
      in a constraint, whose users may be few, it is one number wherever all are the same.

    The hash is therefore the same for ``.json`` and ``.npz``, for a number and the list that repeats it, and for
    1 and 1.0.
    """
    state = sha256()
    _hash_model(state, "", instance)
    return state.hexdigest()


def _hash_model(state: _Hash, prefix: str, model: BaseModel) -> None:
    fields = type(model).model_fields
    values = {name: getattr(model, name) for name in fields} | (model.model_extra or {})
    for name, value in sorted(values.items()):
        default = fields[name].default if name in fields else None
        if f"{prefix}{name}" in NOT_HASHED or _is_default(value, default):
            continue
        if isinstance(model, Constraint) and isinstance(value, np.ndarray) and np.ptp(value) == 0.0:
            value = value.flat[0]
        _hash_value(state, f"{prefix}{name}", value)


def _is_default(value: object, default: object) -> bool:
    if isinstance(value, np.ndarray):
        return isinstance(default, float) and bool((value == default).all())
    return bool(value == default)


def _hash_value(state: _Hash, name: str, value: object) -> None:
    if isinstance(value, BaseModel):
        _hash_model(state, f"{name}.", value)
    elif isinstance(value, tuple):
        for index, item in enumerate(value):
            _hash_value(state, f"{name}.{index}", item)
    elif isinstance(value, str):
        text = value.encode()
        state.update(b"%b\t\n%d\n%b" % (name.encode(), len(text), text))
    else:
        numbers = np.asarray(value, dtype="<f8") + 0.0
        shape = "x".join(map(str, numbers.shape))
        state.update(f"{name}\t{shape}\n".encode() + numbers.astype("<f8", copy=False).tobytes())
