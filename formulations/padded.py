"""Arrays of many snapshots side by side, checked and converted before compiled code reads them.

A snapshot is a row. Rows of fewer users than the widest are padded: what is in a row behind its count is not read,
and may be anything.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from formulations.fields import BoolArray, FloatArray, Range, show


def counts(name: str, values: ArrayLike, rows: int, least: int, most: int | None = None) -> NDArray[np.int64]:
    """One whole number a snapshot, in an array of its own of shape (rows,).

    Whole numbers of any type and byte order are taken, floats among them.

    Parameters
    ----------
    name : str
        What an error calls them.
    values : array-like
        What was given.
    rows : int
        Snapshots.
    least, most : int
        Smallest and largest allowed; ``most`` is the largest that fits by default.

    Raises
    ------
    ValueError
        Naming the first that is no such number, or the shape.
    """
    given = _numbers(name, values, (rows,))
    largest = np.iinfo(np.int64).max if most is None else most
    # Whole numbers are compared as they are, for a float cannot tell the largest apart.
    inside = (given >= least) & (given <= largest)
    if given.dtype.kind == "f":
        inside &= np.trunc(given) == given
        inside &= given < 2.0**63
    if not inside.all():
        index = int(np.argmin(inside))
        range_of = f">= {least}" if most is None else f"from {least} to {most}"
        _refuse(f"{name}[{index}]", f"a whole number {range_of}", given[index])
    return given.astype(np.int64)


def numbers(name: str, values: ArrayLike, rows: int, allowed: Range) -> FloatArray:
    """One number a snapshot, in a ``float64`` array of shape (rows,), which is only read.

    Raises
    ------
    ValueError
        Naming the first that is outside the range, or the shape.
    """
    found = _as_float(_numbers(name, values, (rows,)))
    outside = allowed.first_outside(found)
    if outside is not None:
        _refuse(f"{name}[{outside}]", allowed.expectation, found[outside])
    return found


def padded(
    name: str, values: ArrayLike, user_count: NDArray[np.int64], width: int, allowed: Range, filler: float = 0.0
) -> FloatArray:
    """One number a user of each snapshot, in a ``float64`` array of shape (snapshots, width), which is only read.

    Parameters
    ----------
    name : str
        What an error calls them.
    values : array-like
        What was given, padded.
    user_count : NDArray of int64
        Users of each snapshot, from :func:`counts`.
    width : int
        Length of a row.
    allowed : Range
        Range of every number that is read.
    filler : float
        What stands in the padding afterwards.

    Raises
    ------
    ValueError
        Naming the first number that is read and outside the range, or the shape.
    """
    found = _as_float(_numbers(name, values, (user_count.size, width)))
    read = np.arange(width) < user_count[:, None]
    filled = found if read.all() else np.where(read, found, filler)
    if allowed.first_outside(filled.ravel()) is not None:  # of what is read, unless it is the filler alone
        outside = allowed.first_outside(found[read])
        if outside is not None:
            row, user = np.argwhere(read)[outside]
            _refuse(f"{name}[{row}, {user}]", allowed.expectation, found[row, user])
    return filled


def refuse_where(wrong: BoolArray, name: str, values: FloatArray, expected: str) -> None:
    """Refuse the first number that is wrong, if there is one.

    Raises
    ------
    ValueError
        Naming it with its place.
    """
    if wrong.any():
        place = tuple(np.argwhere(wrong)[0].tolist())
        _refuse(f"{name}[{', '.join(map(str, place))}]", expected, values[place])


def _numbers(name: str, values: ArrayLike, shape: tuple[int, ...]) -> NDArray[Any]:
    array = np.asarray(values)
    if array.shape != shape:
        raise ValueError(f"{name}: expected shape {shape}, got {array.shape}")
    if array.dtype.kind not in "fiu":
        raise ValueError(f"{name}: expected an array of numbers, got one of {array.dtype}")
    if np.ma.isMaskedArray(values) and np.ma.getmaskarray(values).any():
        raise ValueError(f"{name}: expected a number everywhere, got a masked one")
    return array


def _as_float(array: NDArray[Any]) -> FloatArray:
    with np.errstate(over="ignore"):  # a long double beyond float64 is refused as the infinity it becomes
        return np.require(array, np.float64, "C")


def _refuse(place: str, expected: str, got: object) -> None:
    raise ValueError(f"{place}: expected {expected}, got {show(got)}")
