"""Instances from what people have: a file, a name of the library, a mapping, or a table with a row per user."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any

from instances.files.documents import load
from instances.schema import Instance


def as_instance(source: Instance | str | os.PathLike[str] | Mapping[str, Any]) -> Instance:
    """Return the instance that a caller means by an instance, a path, a library name or the fields of one.

    Raises
    ------
    TypeError
        If it is something else.
    InstanceError
        If there is no such file, or it holds no instance.
    """
    if isinstance(source, Instance):
        return source
    if isinstance(source, str | os.PathLike):
        return load(source)
    if isinstance(source, Mapping):
        return Instance.from_dict(source)
    table = " (Instance.from_frame makes an instance of a table)" if hasattr(source, "columns") else ""
    raise TypeError(
        "instance: expected an instance, a file, a name of the library or the fields of one, got "
        f"{type(source).__name__}{table}"
    )
