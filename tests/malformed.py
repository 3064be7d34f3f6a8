"""Files that are no instances, each to be refused in one sentence naming file, field, index and expectation."""

from __future__ import annotations

import json
import struct
import zipfile
from collections.abc import Callable
from copy import deepcopy
from dataclasses import dataclass
from io import BytesIO
from typing import Any

import numpy as np
from malformed_constraints import ON_SPLIT_OFFLOADING, ON_STEP_ALLOCATION
from malformed_gqap import GQAP, GQAP_OVERFLOWS, WRONG_GQAP_VALUES
from malformed_split import OVERFLOWS, SPLIT_OFFLOADING, WRONG_VALUES

from instances import npz_format

STEP_ALLOCATION: dict[str, Any] = {
    "users": 3,
    "integer_steps": False,
    "local_seconds_per_step": 0.002,
    "edge_seconds_per_step": 0.001,
    "local_cpu_hz": 1.5e9,
    "edge_cpu_hz": 1e10,
    "local_power_coefficient": 1e-26,
    "edge_power_coefficient": 1e-26,
    "forward_error": 1.0,
    "error_decay_per_step": [0.02, 0.03, 0.04],
    "utility_decay_per_step": [0.03, 0.02, 0.05],
    "local_max_steps": [30.0, 40.0, 50.0],
    "edge_max_steps": [60.0, 70.0, 80.0],
    "edge_step_capacity": 100.0,
    "time_weight_per_second": 1.0,
    "error_weight": 1.0,
    "energy_weight_per_joule": 1e-4,
    "cost_weight": 0.5,
    "utility_weight": 0.5,
}

DOCUMENT: dict[str, Any] = {"schema_version": 1, "name": "small", "step_allocation": STEP_ALLOCATION}
"""A valid instance that the malformed ones differ from in one respect each."""

SPLIT_DOCUMENT: dict[str, Any] = {"schema_version": 1, "name": "small", "split_offloading": SPLIT_OFFLOADING}
"""Another one, which poses split offloading."""

GQAP_DOCUMENT: dict[str, Any] = {"schema_version": 1, "name": "small", "gqap": GQAP}
"""A third one, with matrices."""


@dataclass(frozen=True)
class Malformed:
    """A file that is no instance.

    Attributes
    ----------
    label : str
        What is wrong with it.
    file : str
        Name to give the file.
    data : bytes
        Its content.
    place : str
        Field and index that the sentence has to name, empty where the file as a whole is wrong.
    expected : str
        What the sentence has to say.
    """

    label: str
    file: str
    data: bytes
    place: str
    expected: str


def valid_json() -> bytes:
    """The valid instance as the bytes of a JSON file."""
    return json.dumps(DOCUMENT).encode()


def valid_npz() -> bytes:
    """The valid instance as the bytes of an ``.npz`` file."""
    return _npz(deepcopy(DOCUMENT))


def malformed_instances() -> list[Malformed]:
    """Every malformed file."""
    return [
        *_wrong_values(),
        *_wrong_split_values(),
        *_wrong_gqap_values(),
        *_wrong_constraints(),
        *_wrong_shape(),
        *_wrong_text(),
        *_wrong_archives(),
    ]


def _wrong_values() -> list[Malformed]:
    finite, positive = "expected a finite number >= 0", "expected a finite number > 0"
    cases = [
        ("error_decay_per_step", [0.02, "x", 0.04], "[1]", f'{finite}, got "x"'),
        ("error_decay_per_step", [0.02, 0.03, True], "[2]", f"{finite}, got true"),
        ("error_decay_per_step", [None, 0.03, 0.04], "[0]", f"{finite}, got null"),
        ("error_decay_per_step", [0.02, -0.03, 0.04], "[1]", f"{finite}, got -0.03"),
        ("error_decay_per_step", [0.02, 0.03, float("nan")], "[2]", f"{finite}, got NaN"),
        ("utility_decay_per_step", [0.02, float("inf"), 0.04], "[1]", f"{finite}, got Infinity"),
        ("utility_decay_per_step", [float("-inf"), 0.02, 0.04], "[0]", f"{finite}, got -Infinity"),
        ("utility_decay_per_step", [[0.02], [0.03], [0.04]], "[0]", f"{finite}, got [0.02]"),
        ("error_decay_per_step", [0.02, 0.03], "", "expected 3 numbers, one per user, got 2"),
        ("error_decay_per_step", [0.02] * 4, "", "expected 3 numbers, one per user, got 4"),
        ("error_decay_per_step", [], "", "expected 3 numbers, one per user, got 0"),
        ("error_decay_per_step", "0.02", "", 'expected a number or a list with one number per user, got "0.02"'),
        ("error_decay_per_step", None, "", "expected a number or a list with one number per user, got null"),
        ("error_decay_per_step", {"0": 0.02}, "", "expected a number or a list with one number per user"),
        ("local_seconds_per_step", 0.0, "", f"{positive}, got 0.0"),
        ("edge_seconds_per_step", [0.001, 0.001, 0.0], "[2]", f"{positive}, got 0.0"),
        ("local_cpu_hz", -1.5e9, "", finite),
        ("local_max_steps", [30.0, -1, 50.0], "[1]", f"{finite}, got -1"),
        ("edge_step_capacity", -1.0, "", f"{finite}, got -1.0"),
        ("edge_step_capacity", [100.0, 100.0, 100.0], "", f"{finite}, got [100.0, 100.0, 100.0]"),
        ("edge_step_capacity", float("nan"), "", f"{finite}, got NaN"),
        ("edge_step_capacity", None, "", f"{finite}, got null"),
        ("energy_weight_per_joule", "1e-4", "", f'{finite}, got "1e-4"'),
        ("cost_weight", True, "", f"{finite}, got true"),
        ("users", 0, "", "expected a whole number from 1 to 10000000, got 0"),
        ("users", -3, "", "expected a whole number from 1 to 10000000, got -3"),
        ("users", 3.0, "", "expected a whole number from 1 to 10000000, got 3.0"),
        ("users", 3.5, "", "expected a whole number from 1 to 10000000, got 3.5"),
        ("users", "3", "", 'expected a whole number from 1 to 10000000, got "3"'),
        ("users", True, "", "expected a whole number from 1 to 10000000, got true"),
        ("users", 10**12, "", "expected a whole number from 1 to 10000000, got 1000000000000"),
        ("integer_steps", 1, "", "expected true or false, got 1"),
        ("integer_steps", "no", "", 'expected true or false, got "no"'),
    ]
    return [
        _changed(f"{field}={value!r:.30}", f"step_allocation.{field}{index}", expected, _set(field, value))
        for field, value, index, expected in cases
    ] + [
        _changed(
            "a number beyond every float",
            "step_allocation.edge_max_steps[2]",
            f"{finite}, got Infinity",
            _set("edge_max_steps", [60.0, 70.0, 10**399]),
        ),
        _changed(
            "energies that overflow",
            "step_allocation.edge_cpu_hz[1]",
            "expected a finite product with edge_power_coefficient, got an overflow",
            _set("edge_cpu_hz", [1e10, 1e120, 1e10]),
        ),
    ]


def _wrong_split_values() -> list[Malformed]:
    def split(label: str, field: str, value: Any, place: str, expected: str) -> Malformed:
        document = SPLIT_DOCUMENT | {"split_offloading": SPLIT_OFFLOADING | {field: value}}
        place = f"split_offloading{place}"
        return Malformed(f"split {label}", "broken.json", json.dumps(document).encode(), place, expected)

    without_slope = {name: value for name, value in SPLIT_OFFLOADING.items() if name != "pai_slope"}
    return [
        *(
            split(f"{field}={value!r:.30}", field, value, f".{field}{index}", expected)
            for field, value, index, expected in WRONG_VALUES
        ),
        *(
            split(
                f"{field} that overflows",
                field,
                value,
                f".{field}{index}",
                "expected data whose objective is finite",
            )
            for field, value, index in OVERFLOWS
        ),
        split("unknown field", "gpu", 8, ".gpu", "an unknown one (did you mean gpus?)"),
        Malformed(
            "split missing field",
            "broken.json",
            json.dumps(SPLIT_DOCUMENT | {"split_offloading": without_slope}).encode(),
            "split_offloading.pai_slope",
            "expected a value, got none because the field is missing",
        ),
        _archive(
            "split device as numbers",
            _npz(SPLIT_DOCUMENT | {"split_offloading": SPLIT_OFFLOADING | {"device": [1.0, 2.0, 3.0]}}),
            "split_offloading.device[0]",
            "expected up to 100 printable characters, got 1.0",
        ),
    ]


def _wrong_gqap_values() -> list[Malformed]:
    def with_value(field: str, value: Any) -> dict[str, Any]:
        return GQAP_DOCUMENT | {"gqap": GQAP | {field: value}}

    def gqap(label: str, field: str, value: Any, index: str, expected: str) -> Malformed:
        document = json.dumps(with_value(field, value)).encode()
        return Malformed(f"gqap {label}", "broken.json", document, f"gqap.{field}{index}", expected)

    return [
        *(gqap(f"{field}={value!r:.50}", field, value, *rest) for field, value, *rest in WRONG_GQAP_VALUES),
        *(gqap(f"{field} that overflows", field, value, "", "got an overflow") for field, value in GQAP_OVERFLOWS),
        gqap("unknown field", "flows", [], "", "an unknown one (did you mean flow?)"),
        _archive(
            "gqap matrix with one axis",
            _npz(with_value("flow", np.zeros(9))),
            "gqap.flow",
            "expected a list of rows of numbers",
        ),
        _archive(
            "gqap matrix of texts",
            _npz(with_value("distance", np.array([["a", "b"], ["c", "d"]]))),
            "gqap.distance",
            "expected a list of rows of numbers",
        ),
        _archive(
            "gqap infinite long double",
            _npz(with_value("distance", np.array([[0.0, 1.0], [np.longdouble("1e4000"), 0.0]]))),
            "gqap.distance[1][0]",
            "expected a finite number, got Infinity",
        ),
    ]


def _wrong_constraints() -> list[Malformed]:
    def document(valid: dict[str, Any], constraints: list[Any]) -> bytes:
        return json.dumps(valid | {"constraints": constraints}).encode()

    return [
        Malformed(f"constraint {label}", "broken.json", document(valid, constraints), place, expected)
        for valid, cases in ((DOCUMENT, ON_STEP_ALLOCATION), (SPLIT_DOCUMENT, ON_SPLIT_OFFLOADING))
        for label, constraints, place, expected in cases
    ] + [
        _changed(
            "constraint in a section",
            "step_allocation.constraints",
            "expected constraints at the top level of the file",
            _set("constraints", [{"on": "step_allocation", "type": "error_ceiling", "most_error": 0.1}]),
        ),
        _changed(
            "no constraints in a section",
            "step_allocation.constraints",
            "expected constraints at the top level of the file",
            _set("constraints", []),
        ),
        _archive(
            "constraint for another user than there are",
            _npz(DOCUMENT | {"constraints": [ON_STEP_ALLOCATION[0][1][0] | {"most_error": 0.1, "users": [3]}]}),
            "constraints[0].users[0]",
            "expected a user from 0 to 2, got 3",
        ),
    ]


def _wrong_shape() -> list[Malformed]:
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
        _changed("missing field", "step_allocation.error_weight", "the field is missing", drop),
        _changed("misspelt field", "step_allocation.error_wieght", "(did you mean error_weight?)", misspell),
        _changed("unknown field", "colour", "expected a known field, got an unknown one", top(colour="red")),
        _changed(
            "misspelt section",
            "step_alocation",
            "(did you mean step_allocation?)",
            top(step_alocation=STEP_ALLOCATION),
        ),
        _changed(
            "no problem section", "", "expected at least one problem section (step_all", without("step_allocation")
        ),
        _changed("null section", "step_allocation", "expected an object, got null", top(step_allocation=None)),
        _changed(
            "section as list", "step_allocation", "expected an object, got [1, 2]", top(step_allocation=[1, 2])
        ),
        _changed("no version", "schema_version", "expected a value, got none", without("schema_version")),
        _changed("version 2", "schema_version", "expected 1, got 2", top(schema_version=2, colour="red")),
        _changed("version as text", "schema_version", 'expected 1, got "1"', top(schema_version="1")),
        _changed("version 1.0", "schema_version", "expected 1, got 1.0", top(schema_version=1.0)),
        _changed("version true", "schema_version", "expected 1, got true", top(schema_version=True)),
        _changed("no name", "name", "expected a value, got none", without("name")),
        _changed("empty name", "name", "expected 1 to 100 printable characters without slashes", top(name="")),
        _changed("name of spaces", "name", "printable characters without slashes and not only", top(name="  ")),
        _changed("name of two lines", "name", "expected 1 to 100 printable characters", top(name="a\nb")),
        _changed("name that is a path", "name", "expected 1 to 100 printable characters", top(name="../../a")),
        _changed("name as number", "name", "expected a text, got 30", top(name=30)),
        _changed("name with a lone surrogate", "name", "expected", top(name="\ud800")),
        _changed("provenance as text", "provenance", 'expected an object, got "me"', top(provenance="me")),
        _changed("NaN in provenance", "provenance", "got NaN", top(provenance={"x": [0, float("nan")]})),
        _changed("nested provenance", "provenance", "at most 20 levels of nesting", top(provenance=deep)),
        _changed("constraints as object", "constraints", "expected a list, got {}", top(constraints={})),
        _changed("unprintable field", "\\n\\u2028", "got an unknown one", top(**{"\n\u2028": 1})),
        _changed(
            "field with a lone surrogate",
            "",
            'expected a text without lone surrogates, got "\\ud800"',
            top(**{"\ud800": 1}),
        ),
    ]


def _wrong_text() -> list[Malformed]:
    text = valid_json()
    inside = text.index(b'"users"')
    decay = b'"error_decay_per_step": [0.02'
    return [
        _text("truncated", text[:-40], "", "expected JSON, got a syntax error at line 1, column"),
        _text("cut inside a name", text[: inside + 4], "", "expected JSON, got a syntax error at line 1"),
        _text("empty", b"", "", "expected a JSON object, got an empty file"),
        _text("blank", b" \n\n", "", "expected a JSON object, got an empty file"),
        _text("not JSON", b"users,steps\n3,4\n", "", "expected JSON, got a syntax error at line 1, column 1"),
        _text("two documents", text + text, "", "expected JSON, got a syntax error"),
        _text("trailing comma", b'{"schema_version": 1,}', "", "expected JSON, got a syntax error"),
        _text("list", b"[1]", "", "expected a JSON object, got a list"),
        _text("number", b"1", "", "expected a JSON object, got a number"),
        _text("null", b"null", "", "expected a JSON object, got null"),
        _text(
            "not UTF-8",
            text.replace(b"small", b"sm\xffll"),
            "",
            "expected text in UTF-8, got byte 0xff at position",
        ),
        _text("UTF-16", text.decode().encode("utf-16"), "", "expected text in UTF-8, got byte 0xff at position 0"),
        _text("control characters", bytes(range(32)), "", "expected JSON"),
        _text("null bytes", bytes(100), "", "expected JSON"),
        _text("nested lists", b"[" * 100_000, "", "expected JSON with less nesting"),
        _text(
            "nested value",
            text.replace(b'"users": 3', b'"users": ' + b"[" * 400 + b"]" * 400),
            "step_allocation.users",
            "expected a whole number from 1 to 10000000, got [[[[[[[...]]]]]]]",
        ),
        _text(
            "field twice",
            text.replace(b'"users": 3', b'"users": 3, "users": 4'),
            "step_allocation.users",
            "expected the field once, got it twice",
        ),
        _text(
            "section twice",
            text[:-1] + b', "step_allocation": {}}',
            "step_allocation",
            "expected the field once, got",
        ),
        _text("1e400", text.replace(decay, decay[:-4] + b"1e400"), f"{_DECAY}[0]", "got Infinity"),
        _text("5000 digits", text.replace(decay, decay[:-4] + b"1" * 5000), f"{_DECAY}[0]", "got Infinity"),
        _text(
            "users of 5000 digits",
            text.replace(b'"users": 3', b'"users": ' + b"9" * 5000),
            "step_allocation.users",
            "expected a whole number from 1 to 10000000",
        ),
        _text("NaN literal", text.replace(decay, decay[:-4] + b"NaN"), f"{_DECAY}[0]", "got NaN"),
        _text(
            "nan in small letters",
            text.replace(decay, decay[:-4] + b"nan"),
            "",
            "expected JSON, got a syntax error",
        ),
    ]


_DECAY = "step_allocation.error_decay_per_step"


def _wrong_archives() -> list[Malformed]:
    archive = valid_npz()
    metadata = np.array('{"schema_version": 1, "name": "small"}')

    def with_decay(values: Any) -> bytes:
        document = deepcopy(DOCUMENT)
        document["step_allocation"]["error_decay_per_step"] = values
        return _npz(document)

    def with_capacity(value: Any) -> bytes:
        document = deepcopy(DOCUMENT)
        document["step_allocation"]["edge_step_capacity"] = value
        return _npz(document)

    def replaced(old: bytes, new: bytes) -> bytes:
        assert old in archive
        return archive.replace(old, new, 1)

    return [
        _archive("empty archive", b"", "", "expected a .npz archive of arrays"),
        _archive("JSON called .npz", valid_json(), "", "expected a .npz archive of arrays"),
        _archive("truncated archive", archive[:-30], "", "expected a .npz archive of arrays"),
        _archive("archive cut in half", archive[: len(archive) // 2], "", "expected a .npz archive of arrays"),
        _archive(
            "flipped bit",
            replaced(np.float64(70.0).tobytes(), np.float64(70.5).tobytes()),
            "step_allocation.edge_max_steps",
            "expected a plain array, got damaged",
        ),
        _archive("no metadata", _arrays(x=np.zeros(1)), "metadata", "expected one JSON text, got none"),
        _archive("metadata as numbers", _arrays(metadata=np.zeros(2)), "metadata", "expected one JSON text"),
        _archive("metadata not JSON", _arrays(metadata=np.array("{")), "metadata", "expected JSON, got a syntax"),
        _archive("metadata only", _arrays(metadata=metadata), "", "expected at least one problem section"),
        _archive("unknown array", _arrays(metadata=metadata, x=np.zeros(2)), "x", "got an unknown one"),
        _archive(
            "array as section",
            _arrays(metadata=metadata, step_allocation=np.zeros(2)),
            "step_allocation",
            "expected an object",
        ),
        _archive("infinite number", with_decay(np.array([0.02, np.inf, 0.04])), f"{_DECAY}[1]", "got Infinity"),
        _archive("NaN array", with_decay(np.array([0.02, 0.03, np.nan])), f"{_DECAY}[2]", "got NaN"),
        _archive("negative number", with_decay(np.array([0.02, -1.0, 0.04])), f"{_DECAY}[1]", "got -1.0"),
        _archive("two axes", with_decay(np.full((3, 1), 0.02)), _DECAY, "one number per user"),
        _archive("text array", with_decay(np.array(["a", "b", "c"])), _DECAY, "one number per user"),
        _archive("complex array", with_decay(np.ones(3) * 1j), _DECAY, "one number per user"),
        _archive("dates", with_decay(np.array(["2024-01-01"] * 3, dtype="M8[D]")), _DECAY, "one number per user"),
        _archive("wrong length", with_decay(np.full(2, 0.02)), _DECAY, "expected 3 numbers, one per user, got 2"),
        _archive("pickled objects", _pickled(), "metadata", "expected a plain array, got damaged or pickled data"),
        _archive(
            "array of no field",
            _with_array("step_allocation."),
            "step_allocation.",
            "expected an array named field or section.field",
        ),
        _archive("array of no section", _with_array(".users"), ".users", "expected an array named field or"),
        _archive(
            "long doubles beyond every float",
            with_decay(np.array([0.02, np.longdouble("1e4000"), 0.04])),
            f"{_DECAY}[1]",
            "got Infinity",
        ),
        _archive(
            "long double beyond every float",
            with_capacity(np.longdouble("1e4000")),
            "step_allocation.edge_step_capacity",
            "got Infinity",
        ),
        _archive("array twice", _twice(metadata), "metadata", "expected the array once, got it twice"),
        _archive("claims a terabyte", _claims_a_terabyte(metadata), "x", "expected a plain array"),
        _archive("unpacks to gigabytes", _bomb(metadata), "x", "expected an array of at most 160000000 bytes"),
    ]


def _changed(label: str, place: str, expected: str, change: Callable[[dict[str, Any]], object]) -> Malformed:
    document = deepcopy(DOCUMENT)
    change(document)
    return Malformed(label, "broken.json", json.dumps(document).encode(), place, expected)


def _set(field: str, value: Any) -> Callable[[dict[str, Any]], None]:
    return lambda document: document["step_allocation"].update({field: value})


def _text(label: str, data: bytes, place: str, expected: str) -> Malformed:
    return Malformed(label, "broken.json", data, place, expected)


def _archive(label: str, data: bytes, place: str, expected: str) -> Malformed:
    return Malformed(label, "broken.npz", data, place, expected)


def _npz(document: dict[str, Any]) -> bytes:
    file = BytesIO()
    npz_format.write(file, document)
    return file.getvalue()


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
