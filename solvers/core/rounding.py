"""Bounds the rounding error of a sum from which a bound is made.

Where the terms of a bound dwarf the bound itself, they cancel, and what is left may be wrong by their rounding: a
bound that is to be proven gives it away.
"""

from __future__ import annotations

import numpy as np

from formulations.fields import FloatArray

SHARE = 2.0**-50
"""Share of the terms' sizes that rounding may change their sum by."""


def with_constant(bound: float, constant: FloatArray) -> float:
    """A bound with summands added that no decision changes, less what rounding may make of their sum."""
    return bound + float(constant.sum()) - lost_in_rounding(constant)


def lost_in_rounding(*terms: FloatArray | float) -> float:
    """Most that the sum of some numbers and arrays of numbers may be wrong by; 0 where one is infinite."""
    size = sum(float(np.abs(term).sum()) if isinstance(term, np.ndarray) else abs(term) for term in terms)
    return SHARE * size if np.isfinite(size) else 0.0
