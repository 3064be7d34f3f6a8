"""Every engine of the price search, each called by itself whatever the size of the instance would select."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise
from types import SimpleNamespace
from typing import Any

import numpy as np

from formulations.step_allocation.parameters import StepAllocation
from solvers.core.limits import Limits
from solvers.core.result import Outcome
from solvers.step_allocation import price_search
from solvers.step_allocation.coupled import search as row_search
from solvers.step_allocation.lagrangian.many import solve_many, stack
from solvers.step_allocation.large_scale import large_price_search
from solvers.step_allocation.large_scale.sharded import Load, solve_sharded

Solve = Callable[[StepAllocation, Limits], Outcome]


def in_a_batch(data: StepAllocation, limits: Limits) -> Outcome:
    """As the second of two snapshots that are padded to different numbers of users."""
    wider = data.replaced({**repeated(data), "edge_step_capacity": 1.5 * data.edge_step_capacity})
    found = solve_many(stack([wider, data]), limits)
    here = slice(data.users)
    return Outcome(
        solution={"a": found.offload[1, here], "s": found.steps[1, here]},
        bound=float(found.bound[1]),
        nodes=int(found.nodes[1]),
        duals={"delta": float(found.price[1])},
    )


def repeated(data: StepAllocation) -> dict[str, Any]:
    """Fields of the same users with the first one listed once more."""
    per_user = {name: value for name, value in dict(data).items() if isinstance(value, np.ndarray)}
    return {name: np.append(value, value[0]) for name, value in per_user.items()} | {"users": data.users + 1}


def in_shards(data: StepAllocation, limits: Limits) -> Outcome:
    """In two shards of this process, or in one where there is a single user."""
    return solve_sharded(InProcessClient(), pieces(data, *([data.users // 2] if data.users > 1 else [])), limits)


def pieces(data: StepAllocation, *cuts: int) -> list[Load]:
    """Loads of the users between the cuts; closures, because workers cannot import test modules."""
    fields = dict(data)

    def piece(first: int, last: int) -> Load:
        own = {
            name: value[first:last] if isinstance(value, np.ndarray) else value for name, value in fields.items()
        }
        return lambda: StepAllocation.model_validate(own | {"users": last - first})

    ends = [0, *cuts, data.users]
    return [piece(first, last) for first, last in pairwise(ends)]


class InProcessClient:
    """What the sharded search asks of a cluster, answered at once by this process."""

    def nthreads(self) -> dict[str, int]:
        return {"here": 1}

    def submit(self, kind: Callable[..., Any], *arguments: Any, **options: Any) -> Any:
        return _done(_Actor(kind(*arguments)))


class _Actor:
    def __init__(self, held: Any) -> None:
        self._held = held

    def __getattr__(self, name: str) -> Callable[..., Any]:
        method = getattr(self._held, name)
        return lambda *arguments, **options: _done(method(*arguments, **options))


def _done(value: Any) -> Any:
    return SimpleNamespace(result=lambda: value)


ENGINES: dict[str, Solve] = {
    "compiled": price_search.solve_small,
    "blocks": large_price_search.solve,
    "batch": in_a_batch,
    "rows": row_search.solve,
    "shards": in_shards,
}
"""By name; all of them take an instance without further constraints."""

TAKE_INTERVALS: dict[str, Solve] = {name: ENGINES[name] for name in ("compiled", "blocks", "rows")}
"""Those that also take constraints which separate by user."""

WRITE_CERTIFICATES: dict[str, Solve] = {name: ENGINES[name] for name in ("compiled", "blocks", "rows", "shards")}
"""Those whose certificate is checked without rows that couple users."""
