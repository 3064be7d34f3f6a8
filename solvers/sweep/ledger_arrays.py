"""Moves arrays that are too long for a line of the ledger into an archive, and back."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from instances.storage.atomic import replacing

LARGEST_INLINE = 1000
"""Longest array that stays in the record itself; a million users would be a line of 40 megabytes."""

REFERENCE = "array_in_archive"
"""The one field of the object that stands where an array was taken out: the array's name in the archive."""

Arrays = dict[str, NDArray[Any]]


def detach(tree: Any, name: str, arrays: Arrays) -> Any:
    """Return ``tree`` with a reference in place of every long array; ``arrays`` takes it by its dotted name."""
    if isinstance(tree, Mapping):
        return {str(key): detach(item, f"{name}.{key}", arrays) for key, item in tree.items()}
    if _is_long(tree):
        array = np.asarray(tree)
        if array.dtype.kind in "biuf":
            arrays[name] = array
            return {REFERENCE: name}
    if isinstance(tree, list | tuple):
        return [detach(item, f"{name}.{index}", arrays) for index, item in enumerate(tree)]
    return tree


def _is_long(tree: Any) -> bool:
    if isinstance(tree, np.ndarray):
        return tree.size > LARGEST_INLINE
    # Only flat lists become arrays: rows of a list may differ in length.
    is_list = isinstance(tree, list | tuple) and len(tree) > LARGEST_INLINE
    return is_list and not any(isinstance(item, list | tuple | Mapping | np.ndarray) for item in tree)


def attach(tree: Any, arrays: Mapping[str, NDArray[Any]]) -> Any:
    """Return ``tree`` with the arrays where :func:`detach` took them out.

    Raises
    ------
    KeyError
        If one is missing.
    """
    if isinstance(tree, Mapping):
        if set(tree) == {REFERENCE}:
            return arrays[tree[REFERENCE]]
        return {key: attach(item, arrays) for key, item in tree.items()}
    return [attach(item, arrays) for item in tree] if isinstance(tree, list) else tree


def is_complete(tree: Any) -> bool:
    """Whether no array has been taken out."""
    if isinstance(tree, Mapping):
        return set(tree) != {REFERENCE} and all(is_complete(item) for item in tree.values())
    return all(is_complete(item) for item in tree) if isinstance(tree, list) else True


def write(path: Path, arrays: Arrays) -> None:
    """Write an archive in one step."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with replacing(path) as file:
        np.savez(file, allow_pickle=False, **arrays)


def read(path: Path) -> Arrays:
    """Read an archive.

    Raises
    ------
    OSError, ValueError
        If it is missing or damaged.
    """
    with np.load(path, allow_pickle=False) as archive:
        return {name: archive[name] for name in archive.files}
