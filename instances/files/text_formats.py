"""The public text formats of (generalised) quadratic assignment problems: whitespace-separated numbers.

- GQAP (Lee and Ma [1]_; Cordeau et al. [2]_), ``.txt``: ``n m v``, flow F (n x n), distance D (m x m),
  assignment cost A (n x m), n weights, m capacities.
- QAPLIB (Burkard, Karisch, Rendl), ``.dat``: ``n`` and two n x n matrices A and B; the cost of a permutation p is
  sum_i sum_j A[i, j] B[p_i, p_j], so it is the GQAP with F = A, D = B, v = 1 and n places that hold one item each.
  Behind ``n`` may stand the best value that is known (Taillard), which becomes ``known_value`` in the provenance.

A file of the one format that is called like the other is recognised by how many numbers it has. Numbers may be
separated by commas. What stands behind ``#``, ``%``, ``!`` or ``//`` is a comment, as are lines of words on top.

References
----------
.. [1] C.-G. Lee, Z. Ma, "The generalized quadratic assignment problem", University of Toronto (2004).
.. [2] J.-F. Cordeau, M. Gaudioso, G. Laporte, L. Moccia, "A memetic heuristic for the generalized quadratic
   assignment problem", INFORMS Journal on Computing 18 (2006).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from formulations.errors import InstanceError, sentence
from formulations.fields import FloatArray, show
from formulations.gqap.parameters import MAX_SIZE
from instances.files import json_format

ENDINGS = (".txt", ".dat", ".qap")
"""Endings of the names of files that hold one of the formats."""

KNOWN_VALUE = "known_value"
"""Where the provenance holds the best value that is known of the objective."""

_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?", re.ASCII)
_COMMENT = re.compile(r"(#|%|!|//).*")
_TITLE = re.compile(r"\A(\s*[^\W\d_].*\n)+")
_SIZE = re.compile(r"[1-9]\d{0,8}", re.ASCII)
_LONGEST_NAME = 100


def parse(source: str, data: bytes) -> dict[str, Any]:
    """Read the bytes of such a file into a document like that of a JSON file.

    Raises
    ------
    InstanceError
        If they are neither of the formats.
    """
    words = words_of(source, data)
    provenance: dict[str, Any] = {"file": Path(source).name[-_LONGEST_NAME:]}
    if _is_qaplib(source, words):
        known, words = _known_value(source, words)
        provenance |= known
        fields = _qaplib(source, words)
    else:
        fields = _gqap(source, words)
    return {"schema_version": 1, "name": _name(source), "provenance": provenance, "gqap": fields}


def words_of(source: str, data: bytes) -> list[str]:
    """Return the words of a text of numbers, without its comments and the commas between numbers.

    A file without any number is one of words: they are kept, so that the error names the first.
    """
    text = json_format.decode(source, data, "a text of numbers")
    return _TITLE.sub("", _COMMENT.sub("", text)).replace(",", " ").split() or text.split()


def _is_qaplib(source: str, words: Sequence[str]) -> bool:
    """Return whether the file is QAPLIB's: by its number of words where that decides, else by its name."""
    head = [int(word) for word in words[:2] if _SIZE.fullmatch(word)]
    fits_qaplib = bool(head) and len(words) - _qaplib_count(head[0]) in (0, 1)
    fits_gqap = len(head) == 2 and len(words) == _gqap_count(*head)
    return fits_qaplib if fits_qaplib != fits_gqap else source.lower().endswith((".dat", ".qap"))


def _known_value(source: str, words: list[str]) -> tuple[dict[str, Any], list[str]]:
    """Return the value behind n if there is one, as provenance, and the words without it."""
    if not _SIZE.fullmatch(words[0]) or len(words) != _qaplib_count(int(words[0])) + 1:
        return {}, words
    if not _NUMBER.fullmatch(words[1]) or not np.isfinite(float(words[1])):
        raise _error(source, f"expected the known value, a finite number, as {_place(1)}, got {show(words[1])}")
    value = float(words[1])
    return {KNOWN_VALUE: int(value) if value.is_integer() else value}, [words[0], *words[2:]]


def _qaplib_count(size: int) -> int:
    return 1 + 2 * size * size


def _gqap_count(items: int, places: int) -> int:
    return 3 + items * items + places * places + items * places + items + places


def _qaplib(source: str, words: Sequence[str]) -> dict[str, Any]:
    (size,) = _sizes(source, words, ("n",))
    expected = f"n = {size} and two {size} x {size} matrices"
    numbers = _numbers(source, words, 1, _qaplib_count(size), expected)
    first, second = numbers.reshape(2, size, size)
    return {
        "items": size,
        "places": size,
        "assignment_cost": np.zeros((size, size)),
        "flow": first,
        "distance": second,
        "cost_factor": 1.0,
        "weight": np.ones(size),
        "capacity": np.ones(size),
    }


def _gqap(source: str, words: Sequence[str]) -> dict[str, Any]:
    items, places = _sizes(source, words, ("n", "m"))
    expected = (
        f"n = {items}, m = {places}, v, matrices of {items} x {items}, {places} x {places}, {items} x {places}, "
        f"{items} weights, {places} capacities"
    )
    numbers = _numbers(source, words, 2, _gqap_count(items, places), expected)
    shapes = {
        "flow": (items, items),
        "distance": (places, places),
        "assignment_cost": (items, places),
        "weight": (items,),
        "capacity": (places,),
    }
    ends = np.cumsum([1, *(int(np.prod(shape)) for shape in shapes.values())])
    parts = np.split(numbers, ends[:-1])
    fields = {name: part.reshape(shape) for (name, shape), part in zip(shapes.items(), parts[1:], strict=True)}
    return {"items": items, "places": places, "cost_factor": float(numbers[0]), **fields}


def _sizes(source: str, words: Sequence[str], names: Sequence[str]) -> list[int]:
    """Return the leading sizes of a file."""
    for index, name in enumerate(names):
        got = show(words[index]) if index < len(words) else "the end of the file"
        if index >= len(words) or not _SIZE.fullmatch(words[index]) or int(words[index]) > MAX_SIZE:
            raise _error(
                source, f"expected {name}, a whole number from 1 to {MAX_SIZE}, as {_place(index)}, got {got}"
            )
    return [int(word) for word in words[: len(names)]]


def _numbers(source: str, words: Sequence[str], first: int, count: int, expected: str) -> FloatArray:
    """Return everything behind the sizes, if the file has ``count`` words and all are numbers."""
    for index, word in enumerate(words[first:count], first):
        if not _NUMBER.fullmatch(word):
            raise _error(source, f"expected a number as {_place(index)} ({expected}), got {show(word)}")
    if len(words) != count:
        raise _error(source, f"expected {count} numbers ({expected}), got {len(words)}")
    return np.array([float(word) for word in words[first:]])


def _place(index: int) -> str:
    return f"word {index + 1} of the file"


def _name(source: str) -> str:
    """Return the file's name without its ending, as an instance may be called."""
    printable = "".join(character for character in Path(source).stem if character.isprintable())
    return printable.replace("\\", "")[:_LONGEST_NAME].strip() or "unnamed"


def _error(source: str, explanation: str) -> InstanceError:
    return InstanceError(sentence(source, "", None, explanation))
