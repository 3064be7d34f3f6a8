"""Instance documents as ``.npz`` archives of arrays, for instances too large for JSON.

A field of a section is the array ``section.field``; the fields outside the sections are one JSON text in the
array ``metadata``. Nothing is ever unpickled.
"""

from __future__ import annotations

import zipfile
from collections.abc import Mapping
from io import BytesIO
from typing import Any, BinaryIO

import numpy as np
from numpy.typing import NDArray

from formulations.errors import InstanceError, sentence
from formulations.fields import MAX_USERS, show
from instances.files import json_format

METADATA = "metadata"
"""Name of the array that holds the JSON text."""

_MAX_ARRAY_BYTES = 16 * MAX_USERS
"""Largest array that is unpacked; a small archive can claim any size."""


def parse(source: object, data: bytes) -> dict[str, Any]:
    """Read an archive into a document like that of a JSON file, with arrays in place of lists.

    Raises
    ------
    InstanceError
        If the bytes are no such archive.
    """
    arrays = _read_arrays(source, data)
    document = _read_metadata(source, arrays)
    for name, array in arrays.items():
        section, dot, field = name.partition(".")
        if not section or (dot and not field):
            expected = f"expected an array named field or section.field, got {show(name)}"
            raise InstanceError(sentence(source, name, None, expected))
        value = array if array.ndim else array.item()
        if not field:
            document.setdefault(section, value)
            continue
        fields = document.setdefault(section, {})
        if not isinstance(fields, dict) or field in fields:
            raise InstanceError(sentence(source, name, None, "expected the field once, got it twice"))
        fields[field] = value
    return document


def write(file: BinaryIO, document: Mapping[str, Any]) -> None:
    """Write a document; the same document gives the same bytes."""
    header = {name: value for name, value in document.items() if not isinstance(value, Mapping)}
    header |= {name: value for name, value in document.items() if name == "provenance"}
    arrays: dict[str, NDArray[Any]] = {METADATA: np.array(json_format.text(header))}
    for section, fields in document.items():
        if section not in header:
            arrays |= {f"{section}.{field}": np.array(value) for field, value in fields.items()}
    with zipfile.ZipFile(file, "w") as archive:
        for name, array in arrays.items():
            # ZipInfo is stamped with a fixed date, unlike a file that is added by its path.
            with archive.open(zipfile.ZipInfo(f"{name}.npy"), "w", force_zip64=True) as member:
                np.lib.format.write_array(member, array, allow_pickle=False)


def _read_arrays(source: object, data: bytes) -> dict[str, NDArray[Any]]:
    arrays: dict[str, NDArray[Any]] = {}
    try:
        with zipfile.ZipFile(BytesIO(data)) as archive:
            for member in archive.infolist():
                name = member.filename.removesuffix(".npy")
                if name in arrays:
                    raise InstanceError(sentence(source, name, None, "expected the array once, got it twice"))
                arrays[name] = _read_array(source, archive, member, name)
    except InstanceError:
        raise
    except Exception as fault:  # neither zipfile nor NumPy documents what damaged bytes make them raise
        got = f"a damaged file ({type(fault).__name__})"
        raise InstanceError(sentence(source, "", None, f"expected a .npz archive of arrays, got {got}")) from None
    return arrays


def _read_array(source: object, archive: zipfile.ZipFile, member: zipfile.ZipInfo, name: str) -> NDArray[Any]:
    if member.file_size > _MAX_ARRAY_BYTES:
        expected = f"expected an array of at most {_MAX_ARRAY_BYTES} bytes, got {member.file_size}"
        raise InstanceError(sentence(source, name, None, expected))
    try:
        with archive.open(member) as stream:
            array: NDArray[Any] = np.lib.format.read_array(stream, allow_pickle=False)
            complete = not stream.read(1)
    except Exception as fault:  # as above
        got = f"damaged or pickled data ({type(fault).__name__})"
        raise InstanceError(sentence(source, name, None, f"expected a plain array, got {got}")) from None
    if not complete:
        raise InstanceError(sentence(source, name, None, "expected a plain array, got further bytes after it"))
    return array


def _read_metadata(source: object, arrays: dict[str, NDArray[Any]]) -> dict[str, Any]:
    text = arrays.pop(METADATA, None)
    if text is None or text.ndim or text.dtype.kind != "U":
        got = "none" if text is None else f"shape {text.shape} of {text.dtype}"
        raise InstanceError(sentence(source, METADATA, None, f"expected one JSON text, got {got}"))
    return json_format.parse(f"{source}: {METADATA}", str(text).encode("utf-8", "surrogatepass"))
