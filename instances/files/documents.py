"""Loads instances from ``.json``, ``.npz`` and public text formats, and saves them as the first two."""

from __future__ import annotations

import os
from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
from pydantic import BaseModel

from formulations.constraints.base import Constraint
from formulations.errors import InstanceError, path_given, sentence, suggestion
from formulations.fields import FloatArray, spread_fields, whole_fields
from formulations.problems import HEADER
from instances.files import json_format, npz_format, shipped, text_formats
from instances.schema import Instance
from instances.storage.atomic import replacing


def load(path: str | os.PathLike[str]) -> Instance:
    """Read an instance file, or the shipped instance of that name where there is no such file.

    Parameters
    ----------
    path : str or path
        ``.npz`` is known by its name, ``.txt`` and ``.dat`` are text of numbers, everything else is JSON. A name
        of :func:`diffload.library` needs neither folder nor ending.

    Returns
    -------
    Instance
        Validated.

    Raises
    ------
    InstanceError
        Whatever is wrong with the file, as one sentence that names the file, the field, the index and what was
        expected.

    Examples
    --------
    >>> import diffload
    >>> diffload.load("n10").problems
    ('step_allocation',)
    """
    if not isinstance(path, str | bytes | os.PathLike):
        raise TypeError(f"path: expected a file or a name of the library, got {type(path).__name__}")
    source = os.fsdecode(path)
    file = os.fspath(shipped.find(source))
    try:
        return validate(source, _parser(file)(source, read_bytes(source, file)))
    except RecursionError:
        raise InstanceError(sentence(source, "", None, "expected less nesting, got too much")) from None
    except MemoryError:
        raise InstanceError(sentence(source, "", None, "expected data that fits in memory, got more")) from None


def _parser(source: str) -> Callable[[str, bytes], dict[str, Any]]:
    if source.endswith(".npz"):
        return npz_format.parse
    return text_formats.parse if source.lower().endswith(text_formats.ENDINGS) else json_format.parse


def validate(source: object, document: dict[str, Any]) -> Instance:
    """Make an instance of a document, with ``source`` as the file that an error names.

    Raises
    ------
    InstanceError
        If the document is not an instance.
    """
    try:
        return Instance.model_validate(document)
    except InstanceError as error:
        raise error.within(source) from None


def save(instance: Instance, path: str | os.PathLike[str]) -> None:
    """Write an instance as ``.json`` or ``.npz``, as the name says; what is loaded from it is exactly the same.

    A per-user field whose numbers are all the same is written as one number. A writer that is killed leaves the
    file that was there before, or the complete new one.

    Parameters
    ----------
    instance : Instance
        What to write.
    path : str or path
        Where to; its ending says how.

    Raises
    ------
    InstanceError
        If the name ends otherwise or the file cannot be written.

    Examples
    --------
    >>> import diffload, os, tempfile
    >>> path = os.path.join(tempfile.mkdtemp(), "mine.json")
    >>> diffload.save(diffload.load("n10").replace(name="mine"), path)
    >>> diffload.load(path).name
    'mine'
    """
    if not isinstance(instance, Instance):
        raise TypeError(f"instance: expected an Instance, got {type(instance).__name__}")
    source = path_given("path", path)
    if not source.endswith((".json", ".npz")):
        raise InstanceError(sentence(source, "", None, "expected a file name that ends in .json or .npz"))
    try:
        with replacing(source) as file:
            if source.endswith(".npz"):
                npz_format.write(file, _document(instance, as_lists=False))
            else:
                file.write(json_format.text(_document(instance, as_lists=True)).encode())
    except OSError as fault:
        raise InstanceError(sentence(source, "", None, f"cannot be written ({fault.strerror})")) from None


def archive(instance: Instance) -> bytes:
    """The bytes of an instance's ``.npz`` file, for the way to another machine; see :func:`from_archive`."""
    file = BytesIO()
    npz_format.write(file, _document(instance, as_lists=False))
    return file.getvalue()


def from_archive(source: str, data: bytes) -> Instance:
    """Return the instance whose ``.npz`` file has these bytes, with ``source`` as what an error names.

    Raises
    ------
    InstanceError
        If there is none.
    """
    return validate(source, npz_format.parse(source, data))


def read_bytes(source: str, file: str | None = None) -> bytes:
    """Return the content of a file; ``source`` is what an error calls it.

    Raises
    ------
    InstanceError
        If it cannot be read.
    """
    try:
        return Path(source if file is None else file).read_bytes()
    except OSError as fault:
        reason = fault.strerror
    except ValueError as fault:  # a null byte in the name
        reason = str(fault)
    hint = "" if file is None else suggestion(source, shipped.names())
    raise InstanceError(sentence(source, "", None, f"expected a readable file, got an error ({reason}){hint}"))


def _document(instance: Instance, *, as_lists: bool) -> dict[str, Any]:
    document = {name: getattr(instance, name) for name in HEADER if getattr(instance, name)}
    if instance.constraints:
        document["constraints"] = [_constraint_fields(constraint) for constraint in instance.constraints]
    document |= {name: _fields(section, as_lists=as_lists) for name, section in instance.sections.items()}
    return document


def _fields(section: BaseModel, *, as_lists: bool) -> dict[str, Any]:
    values = {name: getattr(section, name) for name in type(section).model_fields}
    spread = spread_fields(type(section))
    collapsed = {
        name: _collapse(value) if name in spread else value
        for name, value in values.items()
        if not isinstance(value, tuple)
    }
    labels = {name: list(value) for name, value in values.items() if isinstance(value, tuple) and value}
    if not as_lists:
        return collapsed | labels
    for name in whole_fields(type(section)):
        collapsed[name] = np.asarray(collapsed[name]).astype(np.int64)
    return {
        name: value.tolist() if isinstance(value, np.ndarray) else value
        for name, value in (collapsed | labels).items()
    }


def _constraint_fields(constraint: Constraint) -> dict[str, Any]:
    """Return fields of a constraint as plain data, without those that it leaves at their default."""
    values = {name: getattr(constraint, name) for name in constraint.model_fields_set}
    plain = {name: value.tolist() if isinstance(value, np.ndarray) else value for name, value in values.items()}
    return {name: list(value) if isinstance(value, tuple) else value for name, value in sorted(plain.items())}


def _collapse(values: FloatArray) -> FloatArray | float:
    """Return one number where all are the same to the last bit, which tells 0 from -0."""
    bits = values.view(np.int64)
    return float(values[0]) if (bits == bits[0]).all() else values
