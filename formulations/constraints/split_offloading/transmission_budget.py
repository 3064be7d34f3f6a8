"""Transmission budget: what all granted users send and receive may not exceed a limit."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from formulations.constraints.split_offloading.base import TOLERANCE, Row, SplitConstraint
from formulations.fields import FloatArray, Positive
from formulations.split_offloading.parameters import SplitOffloading


class TransmissionBudget(SplitConstraint):
    """sum_i x_i (s_i^p + s_i^m) <= most_bits over the users that it is about."""

    type: Literal["transmission_budget"]
    """Which constraint it is."""
    most_bits: Positive
    """Most bits of prompts and intermediate latents [bit]."""

    title = "transmission budget"
    unit = "bit"
    limit = "most_bits"

    def rows(self, data: SplitOffloading) -> tuple[Row, ...]:
        """sum_i (s_i^p + s_i^m) x_i <= most_bits."""
        return (Row(self._bits(data), self.most_bits),)

    def violation(self, data: SplitOffloading, solution: Mapping[str, NDArray[Any]]) -> FloatArray:
        """Bits above the budget [bit]."""
        return np.asarray(solution["x"] @ self._bits(data) - self.most_bits)

    def tolerance(self, data: SplitOffloading) -> float:
        return TOLERANCE * self.most_bits

    def _bits(self, data: SplitOffloading) -> FloatArray:
        """s_i^p + s_i^m [bit] of the users that it is about, 0 of the others; shape (I,)."""
        return np.asarray((data.prompt_bits + data.latent_bits) * self.named(data.users))
