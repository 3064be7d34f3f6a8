"""Reads QAPLIB's solution files, ``.sln``: ``n``, the cost, and the place of each item, counted from 1.

Some public files list the item at each place instead, which is the inverse permutation; the cost tells which.
"""

from __future__ import annotations

import os
import re

import numpy as np
from numpy.typing import NDArray

from formulations.errors import InstanceError, sentence
from formulations.fields import show
from formulations.gqap.evaluation import evaluate
from formulations.gqap.parameters import GQAP
from instances.files.documents import read_bytes
from instances.files.text_formats import words_of

_WHOLE = re.compile(r"[+-]?\d{1,18}(\.0*)?", re.ASCII)


def load_solution(path: str | os.PathLike[str], data: GQAP) -> NDArray[np.int64]:
    r"""The assignment that a solution file holds for a problem, checked: its size, places, cost and capacities.

    Returns
    -------
    NDArray
        p_i, place of each item counted from 0, shape (n,).

    Raises
    ------
    InstanceError
        If the file is none, is for another size, or does not have the cost that it states.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> from instances import load
    >>> folder = Path(tempfile.mkdtemp())
    >>> _ = (folder / "two.dat").write_text("2  0 1 1 0  0 3 3 0")
    >>> _ = (folder / "two.sln").write_text("2 6\n 2 1")
    >>> load_solution(folder / "two.sln", load(folder / "two.dat").section("gqap"))
    array([1, 0])
    """
    source = os.fsdecode(path)
    words = words_of(source, read_bytes(source))
    if len(words) != data.items + 2:
        raise _error(source, f"expected n, the cost and {data.items} places, got {len(words)} numbers")
    for index, word in enumerate(words):
        if not _WHOLE.fullmatch(word):
            raise _error(source, f"expected a whole number as word {index + 1} of the file, got {show(word)}")
    size, stated, *listed = (int(float(word)) for word in words)
    if size != data.items:
        raise _error(source, f"expected n = {data.items} as the instance has items, got {size}")
    for index, number in enumerate(listed):
        if not 1 <= number <= data.places:
            raise _error(source, f"expected a place from 1 to {data.places} for item {index + 1}, got {number}")
    place = np.array(listed, dtype=np.int64) - 1
    readings = [place]
    if data.items == data.places and len(set(listed)) == data.items:
        readings.append(np.argsort(place).astype(np.int64))
    evaluated = [evaluate(data, reading) for reading in readings]
    for reading, found in zip(readings, evaluated, strict=True):
        if found.feasible and found.objective == stated:
            return reading
    if not evaluated[0].feasible:
        raise _error(source, "expected loads within the capacities, got more at a place")
    raise _error(source, f"expected the stated cost {stated}, got {evaluated[0].objective:.15g} for the instance")


def _error(source: str, explanation: str) -> InstanceError:
    return InstanceError(sentence(source, "", None, explanation))
