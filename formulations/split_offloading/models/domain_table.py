"""What the further constraints leave in every batch, as one table for the explicit models."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from formulations.constraints.split_offloading.base import EDGE, LOCAL
from formulations.fields import BoolArray, FloatArray
from formulations.split_offloading.domain import allowed_splits
from formulations.split_offloading.parameters import SplitOffloading


class DomainTable(NamedTuple):
    """Grants, denials and splits by user and batch b = 0..min(I, B_max), shape (I, B + 1) each."""

    forbidden: BoolArray
    """Whether a user may not be granted in that batch; not said of b = 0, in which nobody is."""
    mandatory: BoolArray
    """Whether a user may not be denied in that batch."""
    lower: FloatArray
    """Lower bound on the local steps of a granted user [steps]; that of (4) where it may not be granted."""
    upper: FloatArray
    """Most of them [steps]."""

    def with_split(self, split: float) -> DomainTable:
        """The same where every granted user has this split: forbidden where it is not allowed."""
        fits = (self.lower <= split) & (split <= self.upper)
        return self._replace(forbidden=self.forbidden | ~fits)


def domain_table(data: SplitOffloading) -> DomainTable:
    """Ask every constraint about every batch; I (B + 1) numbers of each kind."""
    shape = (data.users, data.largest_batch + 1)
    forbidden, mandatory = np.zeros(shape, dtype=np.bool_), np.empty(shape, dtype=np.bool_)
    lower = np.full(shape, float(data.min_local_steps))
    upper = np.full(shape, float(data.total_steps))
    for batch in range(shape[1]):
        mandatory[:, batch] = allowed_splits(data, LOCAL, batch).empty
        if batch == 0:
            continue
        allowed = allowed_splits(data, EDGE, batch)
        forbidden[:, batch] = allowed.empty
        lower[:, batch] = np.where(allowed.empty, lower[:, batch], allowed.lower)
        upper[:, batch] = np.where(allowed.empty, upper[:, batch], allowed.upper)
    return DomainTable(forbidden, mandatory, lower, upper)
