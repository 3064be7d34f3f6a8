"""Random P2 subproblems that several tests share."""

from __future__ import annotations

import numpy as np

from formulations.step_allocation.models.surrogate import Subproblem, cost_shift, mixed_limit, subproblem
from formulations.step_allocation.parameters import StepAllocation

ALL_TAUS = (0.0, 0.1, 1.0, 10.0, 1e5)


def random_subproblem(data: StepAllocation, seed: int, tau: float, margin: float = 0.0) -> Subproblem:
    """P2 at a random iterate; without a margin, a fifth of the a_n is at 0 or 1 and a tenth of the s_n at 0."""
    draw = np.random.default_rng(seed)
    offload, previous = draw.uniform(margin, 1.0 - margin, (2, data.users))
    share = draw.uniform(max(margin, 0.05), 1.0, data.users)
    if margin == 0.0:
        ends = draw.random(data.users) < 0.2
        offload = np.where(ends, np.round(offload), offload)
        share = np.where(draw.random(data.users) < 0.1, 0.0, share)
    steps = share * mixed_limit(data, offload)
    return subproblem(data, cost_shift(data), offload, steps, previous, tau)
