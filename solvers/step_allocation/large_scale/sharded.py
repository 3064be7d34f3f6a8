"""The price search with its users on several machines: prices travel to them, and two sums back.

Every worker of a dask.distributed cluster holds a share of the users, ready to answer prices; the search itself is
that of one machine (:func:`.large_price_search.search`). Beside prices and sums, the few users that the root's
price leaves undecided travel once, and the decisions at the end if they are asked for.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from time import perf_counter
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from formulations.evaluation import Evaluation
from formulations.fields import FloatArray
from formulations.step_allocation.best_response import PlaceCosts
from formulations.step_allocation.cost_scale import constant_cost, ideal_cost, search_unit
from formulations.step_allocation.evaluation import evaluate
from formulations.step_allocation.parameters import StepAllocation
from solvers.core.limits import Limits
from solvers.core.result import Outcome, Unsupported
from solvers.step_allocation.lagrangian.closing import Closing
from solvers.step_allocation.lagrangian.dual_function import IntArray
from solvers.step_allocation.large_scale.large_price_search import (
    CLOSED_SHARE_OF_GAP,
    certificate,
    load_kernels,
    outcome,
    search,
)
from solvers.step_allocation.large_scale.population import InMemoryPopulation, Recovered, Undecided
from solvers.step_allocation.large_scale.root_search import Problem
from solvers.step_allocation.large_scale.user_blocks import Response, Threads

if TYPE_CHECKING:
    from distributed import Client

Load = Callable[[], StepAllocation]
"""Makes a worker's share of the users, on the worker; its budget is not read."""


class Facts(NamedTuple):
    """What the search has to know of a shard before it begins."""

    users: int
    integer: bool
    budget: float
    """S_e, the whole edge's [steps]."""
    unit: float
    """Unit of cost that suits these users [-]."""
    constant: float
    """What no decision changes of their cost [-]."""


class Shard:
    """The users of one worker, as an actor there.

    Raises
    ------
    Unsupported
        If there are further constraints.
    """

    def __init__(self, load: Load, threads: int) -> None:
        load_kernels()
        self._data = load()
        if self._data.constraints:
            raise Unsupported("the sharded price search knows no further constraints")
        self._threads = Threads(threads)
        self._population: InMemoryPopulation | None = None
        self._sample: InMemoryPopulation | None = None

    def facts(self) -> Facts:
        """What the search has to know before it begins."""
        data = self._data
        return Facts(
            data.users,
            data.integer_steps,
            data.edge_step_budget,
            search_unit(data),
            float(constant_cost(data).sum()),
        )

    def ideal(self) -> float:
        """Cost that nothing can beat [-]."""
        return ideal_cost(self._data)

    def prepare(self, unit: float) -> tuple[float, float, float]:
        """Put the users in blocks; return their local cost, its size, and their highest price."""
        self._population = InMemoryPopulation.of(self._data, unit, self._threads)
        return self._population.base, self._population.size_of_base, self._population.highest

    def take_sample(self, blocks: int) -> int:
        """Take a sample of the users; return its size."""
        assert self._population is not None
        self._sample = self._population.sample(blocks)
        return self._sample.size

    def ask(self, sampled: bool, method: str, *arguments: Any, **options: Any) -> Any:
        """Call a method of the population, or of its sample."""
        return getattr(self._sample if sampled else self._population, method)(*arguments, **options)

    def evaluated(self) -> tuple[Evaluation, float]:
        """Return what the evaluator finds of these users, and the edge steps that they take."""
        offload, steps = self.decisions()
        return evaluate(self._data, offload, steps), float(np.sum(offload * steps))

    def decisions(self) -> tuple[FloatArray, FloatArray]:
        """Return a and s of the users, as last recovered."""
        assert self._population is not None
        return self._population.offloaded, self._population.steps


@dataclass
class ShardedPopulation:
    """A :class:`.population.Population` of several shards; users are numbered shard by shard."""

    shards: Sequence[Any]
    first: IntArray
    base: float
    size_of_base: float
    highest: float
    size: int
    sampled: bool = False

    @classmethod
    def of(cls, shards: Sequence[Any], users: Sequence[int], unit: float) -> ShardedPopulation:
        """The population of some shards, which are told to prepare."""
        bases, sizes, highest = zip(*_results([shard.prepare(unit) for shard in shards]), strict=True)
        first = np.concatenate([[0], np.cumsum(users)[:-1]]).astype(np.int64)
        return cls(shards, first, float(sum(bases)), float(sum(sizes)), float(max(highest)), int(sum(users)))

    def respond(self, price: float, *, choose: bool) -> Response:
        answers = self._ask("respond", price, choose=choose)
        return Response(sum(answer.saving for answer in answers), sum(answer.used for answer in answers))

    def store(self, name: str) -> None:
        self._ask("store", name)

    def restore(self, name: str) -> None:
        self._ask("restore", name)

    def add(self, fewer: str, more: str, left: float) -> float:
        for shard in self.shards:  # one after another, because each takes of what is left
            left = shard.ask(self.sampled, "add", fewer, more, left).result()
        return left

    def recover(self, low: float | None, high: float, share: float, left: float) -> Recovered:
        cost = 0.0
        for shard in self.shards:  # one after another, because whole steps that one leaves are the next one's
            recovered = shard.ask(self.sampled, "recover", low, high, share, left).result()
            cost, left = cost + recovered.cost, recovered.left
        return Recovered(cost, left)

    def decide(self, price: float, bound: float, incumbent: float) -> Undecided:
        parts: list[Undecided] = self._ask("decide", price, bound, incumbent)
        edges = zip(*(part.edge for part in parts), strict=True)
        return Undecided(
            np.concatenate([part.users + begin for part, begin in zip(parts, self.first, strict=True)]),
            PlaceCosts(*(np.concatenate(arrays) for arrays in edges)),
            np.concatenate([part.local_cost for part in parts]),
            np.concatenate([part.steps for part in parts]),
            min(part.excluded for part in parts),
        )

    def offload(self, users: IntArray) -> None:
        self._ask_owners("offload", users)

    def decided_users(self, undecided: IntArray) -> tuple[IntArray, IntArray]:
        parts = self._ask_owners("decided_users", undecided)
        at_edge, local = (
            np.concatenate([part[place] + begin for part, begin in zip(parts, self.first, strict=True)])
            for place in (0, 1)
        )
        return at_edge, local

    def sample(self, blocks: int) -> ShardedPopulation:
        each = max(1, blocks // len(self.shards))
        size = sum(_results([shard.take_sample(each) for shard in self.shards]))
        return replace(self, base=0.0, size=size, sampled=True)

    def _ask(self, method: str, *arguments: Any, **options: Any) -> list[Any]:
        return _results([shard.ask(self.sampled, method, *arguments, **options) for shard in self.shards])

    def _ask_owners(self, method: str, users: IntArray) -> list[Any]:
        """Call a method of every shard with those of the users that are its own, as it numbers them."""
        owner = np.searchsorted(self.first, users, side="right") - 1
        own = [np.sort(users[owner == shard] - begin) for shard, begin in enumerate(self.first)]
        return _results(
            [shard.ask(self.sampled, method, mine) for shard, mine in zip(self.shards, own, strict=True)]
        )


def _results(futures: Sequence[Any]) -> list[Any]:
    return [future.result() for future in futures]


def solve_sharded(client: Client, loads: Sequence[Load], limits: Limits, *, gather: bool = True) -> Outcome:
    """Solve P1 of users that several workers hold, to a proven optimum.

    The clock starts when they hold them: kernels and users are loaded before.

    Parameters
    ----------
    client : distributed.Client
        The cluster. Shards are spread over its workers in turn.
    loads : sequence of callables
        One per shard: what makes its users, called on the worker. Each says the whole edge's budget, and all the
        same kind of steps.
    limits : Limits
        As :func:`.price_search.solve` reads them; ``threads`` are those of a shard.
    gather : bool
        Whether the decisions are brought here, shard after shard, and who is decided, for the certificate.

    Returns
    -------
    Outcome
        As that of :func:`.price_search.solve`, with users numbered shard by shard. Without ``gather`` it has
        neither solution nor certificate.

    Raises
    ------
    ValueError
        If the shards differ in the budget or in the kind of steps, or no worker has joined the scheduler.
    Unsupported
        If there are further constraints.
    OSError
        If a worker is lost during the search, and its users with it.
    """
    return solve_shards(client, loads, limits, gather=gather)[0]


def solve_shards(
    client: Client, loads: Sequence[Load], limits: Limits, *, gather: bool
) -> tuple[Outcome, Sequence[Any], float]:
    """Return the outcome of :func:`solve_sharded`, the shards as last settled, and the edge's budget [steps]."""
    # The scheduler is asked: what a client remembers in ``scheduler_info`` has no worker at times.
    workers = sorted(client.nthreads())
    if not workers:
        raise ValueError("client: expected a scheduler with at least one worker, got none")
    placed = [
        client.submit(
            Shard,
            load,
            limits.threads,
            actor=True,
            workers=[workers[number % len(workers)]],
            allow_other_workers=True,
            pure=False,
        )
        for number, load in enumerate(loads)
    ]
    shards = _results(placed)
    started = perf_counter()
    facts: list[Facts] = _results([shard.facts() for shard in shards])
    if len({(fact.budget, fact.integer) for fact in facts}) != 1:
        raise ValueError("expected shards with one budget, that of the whole edge, and one kind of steps")
    unit = max(fact.unit for fact in facts)
    population = ShardedPopulation.of(shards, [fact.users for fact in facts], unit)
    built = perf_counter()
    problem = Problem(population, facts[0].budget, started + limits.time_limit)
    closing = Closing.within(
        limits, CLOSED_SHARE_OF_GAP, population.size, lambda: sum(_results([s.ideal() for s in shards])) / unit
    )
    found = search(problem, facts[0].integer, closing, unit)
    solution, proof = None, None
    if gather:
        decisions = zip(*_results([shard.decisions() for shard in shards]), strict=True)
        solution = dict(zip("as", (np.concatenate(parts) for parts in decisions), strict=True))
        proof = certificate(found, population, np.arange(population.size), unit)
    constant = np.array([fact.constant for fact in facts])
    return outcome(found, solution, proof, unit, constant, started, built), shards, facts[0].budget


def evaluation_of(shards: Sequence[Any], budget: float) -> Evaluation:
    """Return the evaluation of all users together, each shard having evaluated its own."""
    parts = _results([shard.evaluated() for shard in shards])
    evaluations = [evaluation for evaluation, _ in parts]
    used = sum(steps for _, steps in parts)
    violations = {name: max(each.violations[name] for each in evaluations) for name in evaluations[0].violations}
    tolerances = {name: max(each.tolerances[name] for each in evaluations) for name in evaluations[0].tolerances}
    return Evaluation(
        objective=sum(each.objective for each in evaluations),
        metrics={
            name: sum(each.metrics[name] for each in evaluations)
            for name in ("offloaded", "time_seconds", "energy_joules")
        },
        violations=violations | {"edge_budget": max(0.0, used - budget)},
        tolerances=tolerances,
        magnitude=sum(each.magnitude or 0.0 for each in evaluations),
        rounding=sum(each.rounding for each in evaluations),
    )
