"""A binary tree of sums: draws numbers in proportion to their values, many at once, in O(log n) each."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from formulations.fields import FloatArray


class SumTree:
    """Values >= 0 of the numbers 0 to ``capacity`` - 1, all 0 at first.

    Every inner node is the sum of its two children, computed anew whenever one of them changes, so no error
    accumulates.
    """

    def __init__(self, capacity: int) -> None:
        self.capacity = capacity
        self._leaves = 1 << max(0, capacity - 1).bit_length()
        self._levels = self._leaves.bit_length() - 1
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
        node = numbers + self._leaves
        self._sums[node] = values
        for _ in range(self._levels):
            node >>= 1
            self._sums[node] = self._sums[2 * node] + self._sums[2 * node + 1]

    def find(self, height: FloatArray) -> NDArray[np.int64]:
        """Numbers at which the running sum of the values passes given heights in [0, total).

        A number of value 0 is never found, also where rounding takes a height to the total.
        """
        node = np.ones(height.shape, dtype=np.int64)
        left_over = np.array(height, dtype=np.float64)
        for _ in range(self._levels):
            node *= 2
            left = self._sums[node]
            right = (left_over >= left) & (self._sums[node + 1] > 0.0)
            left_over -= np.where(right, left, 0.0)
            node += right
        return node - self._leaves
