"""Table of the cases that a replay memory refers to: first in, first out."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from formulations.split_offloading.split_point import SplitRange
from solvers.split_offloading.per_dqn.decision_process.cases import Cases, arrays_of, from_arrays


class CaseTable:
    """A ring of cases of one width, F and range of splits, which is enlarged when it is full.

    Cases are numbered 0, 1, 2, ... as they come in; the case of a number stands in row ``number % rows``.

    Parameters
    ----------
    width : int
        Places of a row.
    curve : SplitRange
        F and the range of splits.
    servers : int
        m of every case.
    """

    def __init__(self, width: int, curve: SplitRange, servers: int = 1) -> None:
        self.width = width
        self.curve = curve
        self.servers = servers
        self.first = 0
        """Number of the oldest case that is kept."""
        self.next = 0
        """Number of the next case to come."""
        self._rows = 0
        self._arrays: dict[str, NDArray[Any]] = {}

    def add(self, cases: Cases) -> NDArray[np.int64]:
        """Append cases; return their numbers.

        Raises
        ------
        ValueError
            If their width, servers, F or range of splits is another one.
        """
        got, expected = (
            f"width {known.width}, {known.servers} servers and {curve}"
            for known, curve in ((cases, cases.snapshots.curve), (self, self.curve))
        )
        if got != expected:
            raise ValueError(f"expected cases of {expected}, got {got}")
        numbers = np.arange(self.next, self.next + cases.size)
        needed = self.next + cases.size - self.first
        if needed > self._rows:
            self._enlarge(max(2 * self._rows, needed), arrays_of(cases))
        self._write(numbers, arrays_of(cases))
        self.next += cases.size
        return numbers

    def forget_before(self, number: int) -> None:
        """Let the rows of all cases before this one be used again."""
        self.first = max(self.first, number)

    def take(self, numbers: NDArray[np.int64]) -> Cases:
        """Cases by their numbers, none of them forgotten, any of them also several times."""
        rows = numbers % self._rows
        return from_arrays({name: array[rows] for name, array in self._arrays.items()}, self.curve)

    def arrays(self) -> dict[str, NDArray[Any]]:
        """The cases that are kept, the oldest first, and its number."""
        numbers = np.arange(self.first, self.next)
        return arrays_of(self.take(numbers)) | {"first": np.array(self.first)} if self._rows else {}

    def restore(self, arrays: Mapping[str, NDArray[Any]]) -> None:
        """Take up what :meth:`arrays` of a table with the same parameters returned, in place of what is here."""
        if arrays:
            self.first = self.next = int(arrays["first"])
            self._rows = 0
            self.add(from_arrays(arrays, self.curve))

    def _enlarge(self, rows: int, like: Mapping[str, NDArray[Any]]) -> None:
        numbers = np.arange(self.first, self.next)
        stored = (
            {name: array[numbers % self._rows] for name, array in self._arrays.items()} if numbers.size else {}
        )
        self._rows = rows
        self._arrays = {name: np.zeros((rows, *array.shape[1:]), array.dtype) for name, array in like.items()}
        self._write(numbers, stored)

    def _write(self, numbers: NDArray[np.int64], arrays: Mapping[str, NDArray[Any]]) -> None:
        for name, array in arrays.items():
            self._arrays[name][numbers % self._rows] = array
