"""Presets of step allocation: every published constant of paper A, and ranges for what it leaves open.

The paper does not publish C1, C2, S0, S1, c1..c3 and S_e. With its constants the edge draws 10^4 W against the
device's 33.75 W. So with c3 of the order of c1 nobody would offload. The weights c1 = 1 per s, c2 = 1 and
c3 = 1e-4 per J make time, error and energy of a user comparable: about 0.07, 0.1 and 0.07 at the edge. With the
ranges below every user prefers the edge while it is free. So the budget decides who offloads.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from zlib import crc32

import numpy as np

from formulations.fields import FloatArray


def uniform(name: str, users: int, seed: int) -> FloatArray:
    """Return one number per user in [0, 1) from the stream of the field ``name``, shape (users,).

    Every field has a stream of its own, so that the first users of a large instance are those of a small one and
    no field changes when another one is set by hand.
    """
    source = np.random.PCG64(np.random.SeedSequence(seed, spawn_key=(crc32(name.encode()),)))
    # Raw bits are the one stream that NumPy promises not to change between versions.
    return np.asarray((source.random_raw(users) >> np.uint64(11)) * 2.0**-53)


@dataclass(frozen=True)
class Span:
    """Range that a per-user field is drawn from, uniformly, and rounded so that files stay readable.

    Attributes
    ----------
    low, high : float
        Ends of the range, in the unit of the field.
    decimals : int
        Decimals kept; negative to round to tens, hundreds and so on.
    """

    low: float
    high: float
    decimals: int

    def draw(self, name: str, users: int, seed: int, spread: float) -> FloatArray:
        """Return one number per user; ``spread`` = 1 fills the range, 0 puts everybody at its middle.

        See :func:`uniform` for the stream of the field.
        """
        middle, width = (self.low + self.high) / 2.0, self.high - self.low
        return np.asarray(np.round(middle + spread * (uniform(name, users, seed) - 0.5) * width, self.decimals))


@dataclass(frozen=True)
class Preset:
    """What an instance is made of unless the caller says otherwise.

    Attributes
    ----------
    summary : str
        One line for ``--help``.
    fields : Mapping[str, float or Span]
        Every field of step allocation except ``users``, ``integer_steps`` and ``edge_step_capacity``.
    users : int
        N.
    tightness : float
        S_e as a share of the edge steps used while the budget is free.
    local_max_steps : tuple of float
        Values of S0, the same for all users, for which the preset makes one instance each; empty for one instance.
    hides_subset_sum : bool
        Whether the users are those of :mod:`instances.generation.subset_sum`, and ``fields`` is empty.
    """

    summary: str
    fields: Mapping[str, float | Span]
    users: int = 30
    tightness: float = 0.6
    local_max_steps: tuple[float, ...] = ()
    hides_subset_sum: bool = False


PAPER = Preset(
    summary="constants of paper A; c3 = 1e-4 per J, S0 in 30..50, S1 in 50..80, C1 and C2 in 0.02..0.05",
    fields={
        "local_seconds_per_step": 1 / 500,
        "edge_seconds_per_step": 1 / 1000,
        "local_cpu_hz": 1.5e9,
        "edge_cpu_hz": 10e9,
        "local_power_coefficient": 1e-26,
        "edge_power_coefficient": 1e-26,
        "forward_error": 1.0,
        "error_decay_per_step": Span(0.02, 0.05, decimals=5),
        "utility_decay_per_step": Span(0.02, 0.05, decimals=5),
        "local_max_steps": Span(30.0, 50.0, decimals=2),
        "edge_max_steps": Span(50.0, 80.0, decimals=2),
        "time_weight_per_second": 1.0,
        "error_weight": 1.0,
        "energy_weight_per_joule": 1e-4,
        "cost_weight": 0.5,
        "utility_weight": 0.5,
    },
)

FIG2 = replace(
    PAPER,
    summary="Fig. 2 of paper A: w1 = 0.3, w2 = 0.7, one instance for each S0 in 20, 30, 40",
    fields={**PAPER.fields, "cost_weight": 0.3, "utility_weight": 0.7, "local_max_steps": 30.0},
    local_max_steps=(20.0, 30.0, 40.0),
)

CONTENDED = replace(
    PAPER,
    summary="hard: devices of different speed, c3 = 1e-3 per J, S0 in 10..40, S1 in 60..120",
    fields={
        **PAPER.fields,
        "local_seconds_per_step": Span(0.001, 0.004, decimals=6),
        "local_cpu_hz": Span(1.0e9, 2.5e9, decimals=-6),
        "local_max_steps": Span(10.0, 40.0, decimals=2),
        "edge_max_steps": Span(60.0, 120.0, decimals=2),
        "energy_weight_per_joule": 1e-3,
    },
)

SUBSET_SUM = Preset(
    summary="NP-hard by construction: S_e edge steps save S_e if some of N even weights add up to it",
    fields={},
    users=24,
    tightness=0.5,
    hides_subset_sum=True,
)

PRESETS = {"paper": PAPER, "fig2": FIG2, "contended": CONTENDED, "subset-sum": SUBSET_SUM}
"""Presets by name."""
