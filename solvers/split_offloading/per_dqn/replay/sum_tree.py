"""A binary tree of sums: draws numbers in proportion to their values, many at once, in O(log n) each."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from formulations.compiled import compiled
from formulations.fields import FloatArray


class SumTree:
    """Values >= 0 of the numbers 0 to ``capacity`` - 1, all 0 at first.

    Every inner node is the sum of its two children, computed anew whenever one of them changes, so no error
    accumulates.
    """

    def __init__(self, capacity: int) -> None:
        self.capacity = capacity
        self._leaves = 1 << max(0, capacity - 1).bit_length()
        self._sums = np.zeros(2 * self._leaves)

    @property
    def total(self) -> float:
        """Sum of all values."""
        return float(self._sums[1])

    def values(self, numbers: NDArray[np.int64]) -> FloatArray:
        """Values of some numbers, of their shape."""
        return np.asarray(self._sums[numbers + self._leaves])

    def update(self, numbers: NDArray[np.int64], values: FloatArray) -> None:
        """Give some numbers new values; of a number that stands there twice, the last counts."""
        _update(self._sums, numbers, np.asarray(values, dtype=np.float64))

    def find(self, height: FloatArray) -> NDArray[np.int64]:
        """Numbers at which the running sum of the values passes given heights in [0, total).

        A number of value 0 is never found, also where rounding takes a height to the total.
        """
        found = np.empty(height.size, dtype=np.int64)
        _find(self._sums, np.asarray(height, dtype=np.float64), found)
        return found


@compiled
def _update(sums: FloatArray, numbers: NDArray[np.int64], values: FloatArray) -> None:
    leaves = sums.size // 2
    for entry in range(numbers.size):
        node = numbers[entry] + leaves
        sums[node] = values[entry]
        while node > 1:
            node >>= 1
            sums[node] = sums[2 * node] + sums[2 * node + 1]


@compiled
def _find(sums: FloatArray, height: FloatArray, found: NDArray[np.int64]) -> None:
    leaves = sums.size // 2
    for entry in range(height.size):
        node, left_over = 1, height[entry]
        while node < leaves:
            node *= 2
            left = sums[node]
            if left_over >= left and sums[node + 1] > 0.0:
                left_over -= left
                node += 1
        found[entry] = node - leaves
