"""The personalised accuracy index F(n) as a Pyomo expression (paper B, section 3.4.2)."""

from __future__ import annotations

from typing import Any

import pyomo.environ as pyo

from formulations.split_offloading.parameters import SplitOffloading


def accuracy_index(data: SplitOffloading, split: Any) -> Any:
    """F(n) = 1 / (1 + exp(-a_F (n - b_F))) [-] of a variable or expression n [steps]."""
    return 1 / (1 + pyo.exp(-data.pai_slope * (split - data.pai_threshold)))
