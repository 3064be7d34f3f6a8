"""State of the decision process, as in paper B's section 5.3.1 and Fig. 6."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from formulations.compiled import compiled
from formulations.fields import BoolArray, FloatArray
from solvers.split_offloading.exact.batch_scan_many import Snapshots
from solvers.split_offloading.per_dqn.decision_process.cases import Cases

PENDING, IN_PROGRESS, GRANTED, DENIED = range(4)
"""Values of the indicator o_i."""

LOCAL_FEATURES = 3
"""Static elements of a local sub-state."""

GLOBE_FEATURES = 6
"""Elements of the globe sub-state."""


class State(NamedTuple):
    """Where S episodes stand.

    Attributes
    ----------
    cases : Cases
        Their cases, the users in the order of handling.
    chosen : BoolArray
        Who has been granted at each server, in the same order, shape (S m, I).
    steps : NDArray of int64
        How many users have been handled, shape (S,).
    finished : BoolArray
        Whether the episode has ended, which denies whoever is pending, shape (S,).
    """

    cases: Cases
    chosen: BoolArray
    steps: NDArray[np.int64]
    finished: BoolArray

    def open(self) -> BoolArray:
        """Whether each server may be given one more user, shape (S, m)."""
        return self.cases.by_server(self.chosen.sum(axis=1) < self.cases.snapshots.max_batch)


class Observation(NamedTuple):
    """States of S episodes with up to I users each, one for each server: it sees who has been granted there.

    The users are shifted cyclically so that the one in progress stands first: s_(t,t), s_(t,t+1), ..., s_(t,I),
    s_(t,1), ..., s_(t,t-1). Padding comes last and reads as a denied user of three zeros, who takes part in
    nothing; it is in none of the totals. At the end of an episode nobody is in progress or pending.

    Attributes
    ----------
    local : NDArray of float32
        [alpha_i [s], L_i(1) [s], k_i [s]], shape (S m, I, 3). The interval ends at K = 0, so that k_i = -l_i^R.
    indicator : NDArray of int8
        o_i, one of :data:`PENDING`, :data:`IN_PROGRESS`, :data:`GRANTED` and :data:`DENIED`, shape (S m, I); who
        is granted at another server is denied here.
    globe : NDArray of float32
        [B_max [users], k_e / G [s], h_e [s]; users pending (the one in progress with them), granted, denied],
        shape (S m, 6).
    user_count : NDArray of int64
        Users of each row, shape (S m,).
    """

    local: NDArray[np.float32]
    indicator: NDArray[np.int8]
    globe: NDArray[np.float32]
    user_count: NDArray[np.int64]


def observation(cases: Cases, chosen: BoolArray, steps: NDArray[np.int64], finished: BoolArray) -> Observation:
    """States of episodes, see :class:`State`."""
    size, width = chosen.shape
    seen = Observation(
        local=np.zeros((size, width, LOCAL_FEATURES), dtype=np.float32),
        indicator=np.full((size, width), DENIED, dtype=np.int8),
        globe=np.empty((size, GLOBE_FEATURES), dtype=np.float32),
        user_count=cases.snapshots.user_count.copy(),
    )
    _fill(cases.snapshots, cases.wait, chosen, cases.of_rows(steps), cases.of_rows(finished), seen)
    return seen


@compiled
def _fill(
    snapshots: Snapshots,
    wait: FloatArray,
    chosen: BoolArray,
    steps: NDArray[np.int64],
    finished: BoolArray,
    seen: Observation,
) -> None:
    """Write every row of the states; padding is there already."""
    weight, local_seconds, _ = snapshots.users
    for row in range(steps.size):
        count, handled = snapshots.user_count[row], steps[row]
        granted = 0
        for place in range(count):
            user = handled + place
            if user >= count:
                user -= count
            seen.local[row, place, 0] = weight[row, user]
            seen.local[row, place, 1] = local_seconds[row, user]
            seen.local[row, place, 2] = -wait[row, user]
            if chosen[row, user]:
                granted += 1
                seen.indicator[row, place] = GRANTED
            elif not finished[row] and user >= handled:
                seen.indicator[row, place] = IN_PROGRESS if user == handled else PENDING
        pending = 0 if finished[row] else count - handled
        seen.globe[row, 0] = snapshots.max_batch[row]
        seen.globe[row, 1] = snapshots.per_item[row]
        seen.globe[row, 2] = snapshots.base[row]
        seen.globe[row, 3] = pending
        seen.globe[row, 4] = granted
        seen.globe[row, 5] = count - pending - granted
