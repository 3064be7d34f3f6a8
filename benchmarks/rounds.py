"""Our call, ``diffload.solve()`` and their peers round by round, so that a drift of the pace hits all alike."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial
from typing import Any, NamedTuple

from benchmarks.side_by_side import Peer, Seconds, Solve, combined, finished, seconds
from solvers.core.limits import Limits
from solvers.core.result import Outcome, Unsupported

NO_TIME = 1e-9
"""Time limit under which a method builds its model and has no time left to solve it [s]."""

ROUNDS = 7
"""Rounds in which every work has its turn; medians over them count."""

OUR_ROUNDS = 3
"""Rounds in which ours is called at least, however long it takes."""

TURN = 0.1
"""Time from which a call is read by itself [s]; of shorter ones, all those of so long a time but the first.

The first call after others is slow, since they have used the caches, and a single short one is too little to read.
"""

LONG = 2.0
"""Time after which a peer, or ours after its least rounds, is not called again [s]."""


class Turns(NamedTuple):
    """Our call, ``diffload.solve()`` and all peers, measured in the same rounds.

    Attributes
    ----------
    own, user : Seconds
        Our call on loaded data, and ``diffload.solve()``.
    outcome : Outcome
        What our call returned.
    peers : mapping
        By name; the reason where a peer does not take the data.
    """

    own: Seconds
    user: Seconds
    outcome: Outcome
    peers: Mapping[str, Peer | Unsupported]


class _Readings:
    """Readings of one work, one a round, until it has taken long."""

    def __init__(self, work: Callable[[], object], least: int) -> None:
        self.work, self.least = work, least
        self.read: list[Seconds] = []

    @property
    def done(self) -> bool:
        taken = sum(each.clock for each in self.read)
        return len(self.read) >= (self.least if taken >= LONG else ROUNDS)

    def turn(self) -> None:
        if not self.done:
            first = seconds(self.work)
            self.read.append(first if first.clock >= TURN else seconds(self.work, TURN))


class _PeerReadings(_Readings):
    """The same of a peer, which is not called again after it was cut off, with its building beside it."""

    def __init__(self, solve: Solve, data: Any, limits: Limits) -> None:
        super().__init__(self._solve, 1)
        self.task, self.found = partial(solve, data, limits, 0), Outcome(None)
        build = partial(solve, data, replace(limits, time_limit=NO_TIME), 0)
        build()
        self.building = _Readings(build, OUR_ROUNDS)

    def _solve(self) -> None:
        self.found = self.task()

    @property
    def done(self) -> bool:
        return super().done or not finished(self.found)

    def turn(self) -> None:
        self.building.turn()
        super().turn()

    def peer(self) -> Peer:
        whole = combined(self.read)
        return Peer(whole, whole.less(combined(self.building.read)), self.found)


def in_turn(
    own: Callable[[], Outcome],
    user: Callable[[], object],
    peers: Mapping[str, Solve],
    data: Any,
    limits: Limits,
) -> Turns:
    """Measure all of them round by round, so that a drift of the machine's pace hits all alike.

    Times are medians over the rounds, and in each of them means over the calls of :data:`TURN`. Building is the
    peer's call with no time left to solve. What takes long is called in fewer rounds. What only the first call in
    a process does, such as imports, does not count.

    Parameters
    ----------
    own, user : callable
        Our call on loaded data, and ``diffload.solve()``.
    peers : mapping
        Solvers of the same data by name.
    data, limits
        What they get.
    """
    outcome = own()
    user()
    ours = [_Readings(own, OUR_ROUNDS), _Readings(user, OUR_ROUNDS)]
    against: dict[str, _PeerReadings | Unsupported] = {}
    for name, solve in peers.items():
        try:
            against[name] = _PeerReadings(solve, data, limits)
        except Unsupported as reason:
            against[name] = reason
    works = [*ours, *(each for each in against.values() if isinstance(each, _PeerReadings))]
    for _ in range(ROUNDS):
        for each in works:
            each.turn()
    found = {name: each.peer() if isinstance(each, _PeerReadings) else each for name, each in against.items()}
    return Turns(combined(ours[0].read), combined(ours[1].read), outcome, found)
