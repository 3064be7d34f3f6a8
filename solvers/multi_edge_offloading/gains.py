"""The gains as methods read them: an instance whose gains rise with the batch is refused."""

from __future__ import annotations

from formulations.multi_edge_offloading import gains
from formulations.multi_edge_offloading.parameters import MultiEdgeOffloading
from solvers.core.result import Unsupported


def gain_table(data: MultiEdgeOffloading) -> gains.GainTable:
    """Every gain that an optimum may need.

    Raises
    ------
    Unsupported
        If a further constraint leaves somebody more in a larger batch; it is named.
    """
    try:
        return gains.gain_table(data)
    except gains.NotFalling as refused:
        raise Unsupported(str(refused)) from None
