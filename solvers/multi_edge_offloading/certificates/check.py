"""Recomputes the bound that a certificate of several servers proves, without the solver and its kernels.

Gains are found by trying every split, and a server's profit by sorting, or by a table over models that compete.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from formulations.fields import FloatArray
from formulations.multi_edge_offloading.evaluation import evaluate_solution
from formulations.multi_edge_offloading.latency import transmission_seconds_alone
from formulations.multi_edge_offloading.parameters import MultiEdgeOffloading
from formulations.split_offloading.accuracy import accuracy_index
from formulations.split_offloading.evaluation import all_local_worth
from solvers.core.certificate import Checked, refuse_others
from solvers.core.rounding import lost_in_rounding

VERSION = 1
"""Version of the layout that is read."""

CELLS_AT_ONCE = 4_000_000
"""Pairs of a user and a split whose worth is computed at once."""


class Branch(NamedTuple):
    """What is left at a node: levels of each server, and models that it holds or does not hold."""

    lower: tuple[float, ...]
    upper: tuple[float, ...]
    held: frozenset[tuple[int, int]]
    excluded: frozenset[tuple[int, int]]


def check(
    data: MultiEdgeOffloading,
    certificate: Mapping[str, Any],
    solution: Mapping[str, Any] | None,
    instance_hash: str | None = None,
) -> Checked:
    """Recompute objective and bound from a certificate.

    Parameters
    ----------
    data : MultiEdgeOffloading
        The instance.
    certificate : Mapping
        ``version`` and ``tree`` as ``price-decomposition`` writes them, ``instance_hash`` where it was validated.
    solution : Mapping or None
        Arrays of the solution.
    instance_hash : str, optional
        SHA-256 of the instance that the certificate has to be of.

    Raises
    ------
    ValueError
        If it is of another layout or instance, its tree is broken, or the solution is not feasible.
    """
    refuse_others(certificate, VERSION, instance_hash)
    if data.constraints:
        raise ValueError("expected an instance without further constraints, which these certificates do not cover")
    gains = [list(_gains(data, j)) for j in range(data.servers)]
    infinite = (np.inf,) * data.servers
    root = Branch((0.0,) * data.servers, infinite, frozenset(), frozenset())
    proven = [
        _leaf_bound(data, gains, branch, prices) for branch, prices in _leaves(data, certificate["tree"], root)
    ]
    worth = all_local_worth(data)
    most = max(proven)
    bound = float(worth.sum()) + most + lost_in_rounding(worth, most)
    if solution is None:
        return Checked(-np.inf, bound, len(proven), 1.0, 0.0)
    evaluated = evaluate_solution(data, {name: np.asarray(values) for name, values in solution.items()})
    if not evaluated.feasible:
        family, violation = evaluated.worst_violation
        raise ValueError(f"the solution violates '{family}' by {violation:.3g}")
    return Checked(evaluated.objective, bound, len(proven), evaluated.magnitude or 1.0, evaluated.rounding)


def _leaves(data: MultiEdgeOffloading, node: Any, branch: Branch) -> Iterator[tuple[Branch, FloatArray]]:
    """Every leaf with what is left there, and its prices."""
    stack = [(node, branch)]
    while stack:
        node, branch = stack.pop()
        if "children" not in node:
            prices = np.asarray(node["prices"], dtype=np.float64)
            if prices.shape != (data.users,) or not np.isfinite(prices).all() or (prices < 0.0).any():
                raise ValueError(f"expected {data.users} finite prices >= 0 at a leaf")
            yield branch, prices
            continue
        server = _index(node["server"], data.servers, "server")
        below = _below(data, node, branch, server)
        if len(below) != len(node["children"]):
            raise ValueError(f"expected {len(below)} children of a branch, got {len(node['children'])}")
        stack += zip(node["children"], below, strict=True)


def _below(data: MultiEdgeOffloading, node: Mapping[str, Any], branch: Branch, server: int) -> list[Branch]:
    """What is left at the children of a node; together, all that is left at the node."""
    if "model" in node:
        pair = (server, _index(node["model"], data.models, "model"))
        return [branch._replace(held=branch.held | {pair}), branch._replace(excluded=branch.excluded | {pair})]
    cuts = [float(_index(cut, 2**53, "cut")) for cut in node["cuts"]]
    if sorted(set(cuts)) != cuts or not cuts:
        raise ValueError(f"expected cuts in ascending order, got {cuts}")
    ends = [-1.0, *cuts, np.inf]
    return [
        branch._replace(
            lower=_with(branch.lower, server, max(branch.lower[server], ends[k] + 1.0)),
            upper=_with(branch.upper, server, min(branch.upper[server], ends[k + 1])),
        )
        for k in range(len(ends) - 1)
    ]


def _with(values: tuple[float, ...], place: int, value: float) -> tuple[float, ...]:
    return (*values[:place], value, *values[place + 1 :])


def _index(value: Any, count: int, what: str) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value < count:
        raise ValueError(f"expected a {what} from 0 to {count - 1}, got {value!r}")
    return value


def _gains(data: MultiEdgeOffloading, server: int) -> Iterator[FloatArray]:
    """Gains g_ij(b) of all users at one server for b = 1, 2, ..., as long as b of them gain something [s].

    No larger level is needed (lemma "Levels that are not needed" of docs/theory/multi_edge_offloading.md).
    """
    for batch in range(1, int(data.largest_batch[server]) + 1):
        gains = _best_gain(data, server, batch)
        if np.count_nonzero(gains > 0.0) < batch:
            return
        yield gains


def _best_gain(data: MultiEdgeOffloading, server: int, batch: int) -> FloatArray:
    """g_ij(b) of all users, the largest over every split [s], shape (I,)."""
    splits = np.arange(data.min_local_steps, data.total_steps + 1, dtype=np.float64)
    lost = accuracy_index(data, np.array([float(data.total_steps)])) - accuracy_index(data, splits)
    per_step = data.edge_seconds_per_step_per_item[server] * batch / data.gpus[server]
    saved = data.local_seconds_per_step - per_step - data.edge_seconds_per_step_base[server]
    best = np.empty(data.users)
    some = max(1, CELLS_AT_ONCE // splits.size)
    for begin in range(0, data.users, some):
        part = slice(begin, begin + some)
        worth = saved[part, None] * (data.total_steps - splits) - data.accuracy_weight[part, None] * lost
        best[part] = worth.max(axis=1)
    return np.asarray(best - transmission_seconds_alone(data, server) * batch)


def _leaf_bound(
    data: MultiEdgeOffloading, gains: list[list[FloatArray]], branch: Branch, prices: FloatArray
) -> float:
    """Bound of the prices plus what every server earns at them [s]; minus infinity where nothing is left."""
    total = float(prices.sum())
    for j in range(data.servers):
        if branch.lower[j] > branch.upper[j] or _held(branch, j) > data.model_slots[j]:
            return -np.inf
        levels = range(max(int(branch.lower[j]), 1), len(gains[j]) + 1)
        profits = [_profit(data, branch, j, b, gains[j][b - 1] - prices) for b in levels if b <= branch.upper[j]]
        total += max([0.0, *profits])
    return total


def _held(branch: Branch, server: int) -> int:
    return sum(1 for pair in branch.held if pair[0] == server)


def _profit(data: MultiEdgeOffloading, branch: Branch, server: int, batch: int, excess: FloatArray) -> float:
    """Most that a server earns with at most so many users, whose models fit [s]."""
    model = data.model_of_user.astype(np.int64)
    open_models = [k for k in range(data.models) if (server, k) not in branch.excluded]
    if len(open_models) <= data.model_slots[server]:
        mine = np.isin(model, open_models)
        return float(np.sort(np.maximum(excess[mine], 0.0))[-batch:].sum())
    free = int(data.model_slots[server]) - _held(branch, server)
    return _with_models(branch, server, batch, excess, model, open_models, free)


def _with_models(
    branch: Branch,
    server: int,
    batch: int,
    excess: FloatArray,
    model: NDArray[np.int64],
    open_models: list[int],
    free: int,
) -> float:
    """The same where models compete for slots: best sums by free models taken and users, a model at a time."""
    best = np.full((free + 1, batch + 1), -np.inf)
    best[0, 0] = 0.0
    for k in open_models:
        sums = np.cumsum(np.sort(np.maximum(excess[model == k], 0.0))[::-1][:batch])
        cost = 0 if (server, k) in branch.held else 1
        before = best.copy()
        for count, total in enumerate(sums.tolist(), 1):
            if count <= batch and free + 1 > cost:
                moved = before[: free + 1 - cost, : batch + 1 - count] + total
                best[cost:, count:] = np.maximum(best[cost:, count:], moved)
    return float(best.max())
