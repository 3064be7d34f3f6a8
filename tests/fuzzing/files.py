"""Fuzzed files by seed and number: the same two give the same bytes on every machine."""

from __future__ import annotations

import json
from dataclasses import dataclass
from io import BytesIO
from random import Random
from typing import Any

import numpy as np
from fuzzing.documents import SECTIONS, Document, drawn
from fuzzing.mutations import ON_DOCUMENTS, damaged

from instances.files import npz_format

PROBLEMS = {"step_allocation": 0.4, "split_offloading": 0.3, "gqap": 0.2, "multi_edge_offloading": 0.1}
"""How often each problem is posed."""

SHARES = {
    "as drawn": 0.05,
    "extreme": 0.25,
    "scaled": 0.15,
    "constraints": 0.1,
    "extreme constraints": 0.1,
    "junk": 0.15,
    "junk constraints": 0.05,
    "damaged": 0.15,
}
"""How often each thing is done."""

NUMBER_TYPES = ("f8", ">f8", "f4", "f2", "i8", "u1", "?", "c16", "S8", "U8", "M8[D]", "O")
"""Types that an array of an archive is given now and then."""


@dataclass(frozen=True)
class FuzzedFile:
    """A file that may be no instance.

    Attributes
    ----------
    label : str
        Problem, ending and what was done, as counts are kept.
    name : str
        What the file is called.
    data : bytes
        Its content.
    """

    label: str
    name: str
    data: bytes


def fuzzed(seed: int, number: int) -> FuzzedFile:
    """The file of a seed and a number."""
    draw = Random(f"{seed}/{number}")
    problem = draw.choices(list(PROBLEMS), list(PROBLEMS.values()))[0]
    done = draw.choices(list(SHARES), list(SHARES.values()))[0]
    document = drawn(draw, problem)
    for change in ON_DOCUMENTS.get(done, ()):
        change(draw, document)
    endings = ("json", "json", "npz", *(("txt", "dat") if problem == "gqap" else ()))
    ending = draw.choice(endings)
    data = encoded(draw, document, ending)
    if data is None:
        ending, data = "json", _json(document)
    if done == "damaged":
        data = damaged(draw, data)
    return FuzzedFile(f"{problem} {ending} {done}", f"fuzzed.{ending}", data)


def encoded(draw: Random, document: Document, ending: str) -> bytes | None:
    """The bytes of a document, None where the format cannot say it at all."""
    if ending == "json":
        return _json(document)
    try:
        return _npz(draw, document) if ending == "npz" else _text(draw, document["gqap"], ending)
    except (KeyError, TypeError, ValueError, OverflowError, AttributeError, MemoryError):
        return None


def _json(document: Document) -> bytes:
    return json.dumps(document).encode("utf-8", "surrogatepass")


def _npz(draw: Random, document: Document) -> bytes:
    """An archive; now and then an array of it has another type, another shape or another order."""
    sections = {name: document[name] for name in SECTIONS if isinstance(document.get(name), dict)}
    arrays = {
        name: {key: _array(draw, value) for key, value in fields.items()} for name, fields in sections.items()
    }
    file = BytesIO()
    npz_format.write(file, document | arrays)
    return file.getvalue()


def _array(draw: Random, value: Any) -> Any:
    if not isinstance(value, int | float | list) or isinstance(value, bool) or draw.random() < 0.9:
        return value
    with np.errstate(all="ignore"):
        array = np.asarray(value, dtype=np.float64).astype(draw.choice(NUMBER_TYPES))
    match draw.randrange(4):
        case 0:
            return array.reshape(*array.shape, 1)
        case 1:
            return np.asfortranarray(array)
        case 2 if array.ndim:
            return np.repeat(array, 2, axis=0)
    return array


def _text(draw: Random, section: Document, ending: str) -> bytes:
    """One of the two public text formats; QAPLIB's has as many places as items."""
    second = section["flow"] if ending == "dat" and section["places"] != section["items"] else section["distance"]
    parts = [section["flow"], second]
    head = [section["items"]]
    if ending == "txt":
        head += [section["places"], section["cost_factor"]]
        parts += [section["assignment_cost"], section["weight"], section["capacity"]]
    numbers = [*head, *(number for part in parts for number in _flat(part))]
    separator = draw.choice((" ", "\n", "\t", "  \r\n"))
    return separator.join(str(number) for number in numbers).encode("utf-8", "surrogatepass")


def _flat(value: Any) -> list[Any]:
    return [number for item in value for number in _flat(item)] if isinstance(value, list) else [value]
