"""Scope of a network: any snapshot, those of one number of GPUs, or one fixed case (paper B, section 6.1.2)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from typing import Any, TypeAlias

import numpy as np

from formulations.split_offloading.parameters import SplitOffloading
from solvers.split_offloading.per_dqn.decision_process.cases import Cases, cases_of, rows_of
from solvers.split_offloading.per_dqn.decision_process.draw_cases import Distribution, draw_cases, generator
from solvers.split_offloading.per_dqn.decision_process.several_servers import draw_servers

Draw: TypeAlias = Callable[[int, np.random.Generator], Cases]
"""Draws a number of cases."""

TRAINED_MAX_BATCH = (1, 2, 3, 4, 5, 6, 8, 10, 12, 20, 20, 20, 20)
"""Values of B_max in training: the published 20, which never binds, and smaller ones, of which most bind."""

_POOL_SEED = 1_000_000
"""Added to the seed of a training for the cases that it makes once."""

GENERAL = Distribution(users=(2, 40), gpus=(1, 2, 4, 8), max_batch=TRAINED_MAX_BATCH)
"""Snapshots of the general scope."""

SERVERS = Distribution(users=(20, 100), servers=(2, 5))
"""Snapshots with several edge servers."""


@dataclass(frozen=True)
class Scope:
    """Where the snapshots of a training come from.

    Attributes
    ----------
    name : str
        ``general``, ``gpus 8``, ``case n30``, ``servers``, ...
    distribution : Distribution or None
        What they are drawn from; None for one fixed case.
    case : SplitOffloading or None
        The fixed case.
    """

    name: str
    distribution: Distribution | None = None
    case: SplitOffloading | None = None

    def draw(self, size: int, random: np.random.Generator) -> Cases:
        """Draw cases; of a fixed one, repeat it."""
        if self.distribution is not None:
            draw = draw_cases if self.distribution.servers is None else draw_servers
            return draw(self.distribution, size, random)
        assert self.case is not None
        return rows_of(cases_of([self.case]), np.zeros(size, dtype=np.int64))

    @property
    def width(self) -> int:
        """Places of its cases."""
        if self.distribution is not None:
            return self.distribution.users[1]
        assert self.case is not None
        return self.case.users

    @property
    def servers(self) -> int:
        """Servers of its cases, some of which may take nobody."""
        if self.distribution is None or self.distribution.servers is None:
            return 1
        return self.distribution.servers[1]

    def describe(self) -> dict[str, Any]:
        """What the snapshots are drawn from, as plain data."""
        return {} if self.distribution is None else asdict(self.distribution)


def general(most_users: int = GENERAL.users[1], max_batch: int | None = None) -> Scope:
    """Any number of users up to a limit, of GPUs, and of B_max, or a single B_max."""
    least, usual = GENERAL.users
    name = "general" if most_users == usual else f"general {most_users}"
    return _limited(Scope(name, distribution=replace(GENERAL, users=(least, most_users))), max_batch)


def several_servers(most_users: int = SERVERS.users[1]) -> Scope:
    """Any number of users up to a limit, and of edge servers."""
    least, usual = SERVERS.users
    name = "servers" if most_users == usual else f"servers {most_users}"
    return Scope(name, distribution=replace(SERVERS, users=(min(least, most_users), most_users)))


def for_gpus(gpus: int, max_batch: int | None = None) -> Scope:
    """One number of GPUs."""
    return _limited(Scope(f"gpus {gpus}", distribution=replace(GENERAL, gpus=(gpus,))), max_batch)


def _limited(scope: Scope, max_batch: int | None) -> Scope:
    if max_batch is None:
        return scope
    assert scope.distribution is not None
    return Scope(f"{scope.name} B{max_batch}", distribution=replace(scope.distribution, max_batch=(max_batch,)))


def fixed_cases(scope: Scope, size: int, seed: int) -> Cases:
    """Cases that a training with a seed makes once, and draws its episodes from."""
    return scope.draw(size, generator(seed + _POOL_SEED, "training"))


def for_case(name: str, data: SplitOffloading) -> Scope:
    """One fixed case."""
    return Scope(f"case {name}", case=data)
