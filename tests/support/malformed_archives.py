"""Archives that are damaged, hold what no instance has, or claim a size that no machine has."""

from __future__ import annotations

import struct
import zipfile
from copy import deepcopy
from io import BytesIO
from typing import Any

import numpy as np
from malformed_file import DECAY, DOCUMENT, Malformed, archive_file, npz, valid_json, valid_npz


def wrong_archives() -> list[Malformed]:
    """Every one of them."""
    archive = valid_npz()
    metadata = np.array('{"schema_version": 1, "name": "small"}')

    def with_decay(values: Any) -> bytes:
        document = deepcopy(DOCUMENT)
        document["step_allocation"]["error_decay_per_step"] = values
        return npz(document)

    def with_capacity(value: Any) -> bytes:
        document = deepcopy(DOCUMENT)
        document["step_allocation"]["edge_step_capacity"] = value
        return npz(document)

    def replaced(old: bytes, new: bytes) -> bytes:
        assert old in archive
        return archive.replace(old, new, 1)

    return [
        archive_file("empty archive", b"", "", "expected a .npz archive of arrays"),
        archive_file("JSON called .npz", valid_json(), "", "expected a .npz archive of arrays"),
        archive_file("truncated archive", archive[:-30], "", "expected a .npz archive of arrays"),
        archive_file("archive cut in half", archive[: len(archive) // 2], "", "expected a .npz archive of arrays"),
        archive_file(
            "flipped bit",
            replaced(np.float64(70.0).tobytes(), np.float64(70.5).tobytes()),
            "step_allocation.edge_max_steps",
            "expected a plain array, got damaged",
        ),
        archive_file("no metadata", _arrays(x=np.zeros(1)), "metadata", "expected one JSON text, got none"),
        archive_file("metadata as numbers", _arrays(metadata=np.zeros(2)), "metadata", "expected one JSON text"),
        archive_file(
            "metadata not JSON", _arrays(metadata=np.array("{")), "metadata", "expected JSON, got a syntax"
        ),
        archive_file("metadata only", _arrays(metadata=metadata), "", "expected at least one problem section"),
        archive_file("unknown array", _arrays(metadata=metadata, x=np.zeros(2)), "x", "got an unknown one"),
        archive_file(
            "array as section",
            _arrays(metadata=metadata, step_allocation=np.zeros(2)),
            "step_allocation",
            "expected an object",
        ),
        archive_file("infinite number", with_decay(np.array([0.02, np.inf, 0.04])), f"{DECAY}[1]", "got Infinity"),
        archive_file("NaN array", with_decay(np.array([0.02, 0.03, np.nan])), f"{DECAY}[2]", "got NaN"),
        archive_file("negative number", with_decay(np.array([0.02, -1.0, 0.04])), f"{DECAY}[1]", "got -1.0"),
        archive_file("two axes", with_decay(np.full((3, 1), 0.02)), DECAY, "one number per user"),
        archive_file("text array", with_decay(np.array(["a", "b", "c"])), DECAY, "one number per user"),
        archive_file("complex array", with_decay(np.ones(3) * 1j), DECAY, "one number per user"),
        archive_file(
            "dates", with_decay(np.array(["2024-01-01"] * 3, dtype="M8[D]")), DECAY, "one number per user"
        ),
        archive_file(
            "wrong length", with_decay(np.full(2, 0.02)), DECAY, "expected 3 numbers, one per user, got 2"
        ),
        archive_file(
            "pickled objects", _pickled(), "metadata", "expected a plain array, got damaged or pickled data"
        ),
        archive_file(
            "array of no field",
            _with_array("step_allocation."),
            "step_allocation.",
            "expected an array named field or section.field",
        ),
        archive_file("array of no section", _with_array(".users"), ".users", "expected an array named field or"),
        archive_file(
            "long doubles beyond every float",
            with_decay(np.array([0.02, np.longdouble("1e4000"), 0.04])),
            f"{DECAY}[1]",
            "got Infinity",
        ),
        archive_file(
            "long double beyond every float",
            with_capacity(np.longdouble("1e4000")),
            "step_allocation.edge_step_capacity",
            "got Infinity",
        ),
        archive_file("array twice", _twice(metadata), "metadata", "expected the array once, got it twice"),
        archive_file("claims a terabyte", _claims_a_terabyte(metadata), "x", "expected a plain array"),
        archive_file("unpacks to gigabytes", _bomb(metadata), "x", "expected an array of at most 160000000 bytes"),
    ]


def _arrays(**arrays: Any) -> bytes:
    file = BytesIO()
    np.savez(file, **arrays)
    return file.getvalue()


def _with_array(name: str) -> bytes:
    """The valid archive with one array more."""
    file = BytesIO(valid_npz())
    array = BytesIO()
    np.save(array, np.zeros(3))
    with zipfile.ZipFile(file, "a") as archive:
        archive.writestr(f"{name}.npy", array.getvalue())
    return file.getvalue()


def _pickled() -> bytes:
    return _arrays(metadata=np.array({"schema_version": 1}, dtype=object))


def _twice(metadata: Any) -> bytes:
    file = BytesIO(_arrays(metadata=metadata))
    member = zipfile.ZipFile(file).read("metadata.npy")
    with zipfile.ZipFile(file, "a") as archive:
        archive.writestr("metadata", member)
    return file.getvalue()


def _claims_a_terabyte(metadata: Any) -> bytes:
    file = BytesIO(_arrays(metadata=metadata))
    header = BytesIO()
    np.lib.format.write_array_header_1_0(header, {"descr": "<f8", "fortran_order": False, "shape": (10**11,)})
    with zipfile.ZipFile(file, "a") as archive:
        archive.writestr("x.npy", header.getvalue() + bytes(8))
    return file.getvalue()


def _bomb(metadata: Any) -> bytes:
    """An archive whose last member says in the central directory that it unpacks to 170 MB."""
    archive = bytearray(_arrays(metadata=metadata, x=np.zeros(2)))
    struct.pack_into("<I", archive, archive.rindex(b"PK\x01\x02") + 24, 170_000_000)
    return bytes(archive)
