"""What else can be asked: checks of certificates, shadow prices, simulations, trainings, users elsewhere."""

from __future__ import annotations

import os
import re
from argparse import Namespace
from collections.abc import Callable, Sequence
from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING

from diffload.display import attach
from formulations.errors import path_given
from formulations.problem import Sense, load
from formulations.runtime.version import versions
from instances import InstanceError
from instances.from_data import as_instance
from solvers.comparison.several import Source
from solvers.core import registry
from solvers.core.limits import (
    LARGEST_SEED,
    MOST_THREADS,
    Limits,
    limits_of,
    name_of,
    positive,
    seed_of,
    whole_number,
)
from solvers.core.result import Result, Status
from solvers.core.solve import posed_problem, with_own_gap

if TYPE_CHECKING:
    from distributed import Client

    from formulations.step_allocation.parameters import StepAllocation
    from solvers.core.certificate import Checked
    from solvers.split_offloading.rolling_horizon.simulate import Simulated
    from solvers.step_allocation.shadow_prices import Sensitivity


def check_certificate(instance: Source, result: Result) -> Checked:
    """Recompute what a result's certificate proves, without the solver and without the evaluator.

    Parameters
    ----------
    instance : Instance, path, name or mapping
        The scenario.
    result : Result
        With a certificate, as those of ``price-search`` and of the search over several servers.

    Returns
    -------
    Checked
        With the objective, the bound that is proven, and the number of leaves of the tree.

    Raises
    ------
    ValueError
        If there is no certificate, or it does not hold for this instance.

    Examples
    --------
    >>> import diffload
    >>> result = diffload.solve("n10")
    >>> checked = diffload.check_certificate("n10", result)
    >>> checked.objective - checked.bound < 1e-9
    True
    """
    if not isinstance(result, Result):
        raise TypeError(f"result: expected a Result, got {type(result).__name__}")
    known = registry.problem(result.problem)
    if not known.certificates or result.certificate is None:
        raise ValueError(f"result: expected one with a certificate, got one of '{result.solver}' without")
    instance = as_instance(instance)
    data = instance.section(posed_problem(instance, result.problem))
    checked: Checked = load(known.certificates)(data, result.certificate, result.solution, instance.sha256)
    attach()
    return checked


def sensitivity(
    instance: Source,
    *,
    time_limit: float | None = None,
    gap: float | None = None,
    threads: int | None = None,
    limits: Limits | None = None,
) -> Sensitivity:
    """Find what one more unit of each limit is worth at the certified optimum of step allocation.

    Parameters
    ----------
    instance : Instance, path, name or mapping
        The scenario.
    time_limit, gap, threads, limits : optional
        Of each solve, as :func:`solve` takes them.

    Returns
    -------
    Sensitivity
        The prices of limits that users share, and of limits of single users, each with its unit.

    Raises
    ------
    ValueError
        If the instance does not pose step allocation, or no solution was found.

    Examples
    --------
    >>> import diffload
    >>> budget = diffload.sensitivity("n10").shared[0]
    >>> budget.title, budget.unit, round(budget.one_more, 5)
    ('edge budget', 'step', 0.00302)
    """
    from solvers.step_allocation.shadow_prices import analyse

    allowed = limits_of(limits, time_limit=time_limit, gap=gap, threads=threads)
    instance = as_instance(instance)
    data = instance.section(posed_problem(instance, "step_allocation"))
    found = analyse(data, allowed)
    if found is None:
        raise ValueError(f"instance '{instance.name}': expected a scenario with a solution, found none")
    attach()
    return found


def simulate(
    method: str | None = None,
    *,
    intervals: int = 60,
    users_per_interval: float = 20.0,
    when_busy: str = "queue",
    gpus: int = 8,
    servers: int = 1,
    seed: int = 0,
    time_limit: float | None = None,
    gap: float | None = None,
    threads: int | None = None,
    limits: Limits | None = None,
) -> Simulated:
    """Simulate the periodic mechanism of split offloading: requests gather, are decided together, and run.

    Parameters
    ----------
    method : str, optional
        A method of split offloading, which decides each interval; with several servers, one of
        ``multi_edge_offloading``. By default the exact one: ``batch-scan``, or ``price-decomposition``.
    intervals : int
        Number of intervals in which requests arrive, of 60 s each.
    users_per_interval : float
        Mean number of requests in an interval.
    when_busy : str
        ``queue``: a batch waits for the one before it. ``deny``: nobody is granted meanwhile. ``ignore``: the GPUs
        are always free, as in the paper's model.
    gpus : int
        GPUs of the edge server; several servers have GPUs of their own.
    servers : int
        Edge servers; several stand among the users, with their own channels to each.
    seed : int
        Seed of arrivals and users.
    time_limit, gap, threads, limits : optional
        Of each decision, as :func:`solve` takes them.

    Returns
    -------
    Simulated
        Every request with its latency; ``to_frame()`` is a table of them.

    Raises
    ------
    ValueError
        If an argument cannot be used.

    Examples
    --------
    >>> import diffload
    >>> simulated = diffload.simulate(intervals=3, users_per_interval=5)
    >>> "latency_seconds" in simulated.to_frame()
    True
    """
    from formulations.multi_edge_offloading.parameters import MAX_SERVERS
    from instances.generation.multi_edge import Plane
    from instances.generation.split_scenario import SplitScenario
    from solvers.split_offloading.rolling_horizon.horizon import Horizon
    from solvers.split_offloading.rolling_horizon.simulate import simulate as run

    attach()
    allowed = limits_of(limits, time_limit=time_limit, gap=gap, threads=threads)
    scenario = SplitScenario(gpus=whole_number("gpus", gpus, 1, 1_000_000), slots=20, slot_seconds=3.0)
    plane = Plane(servers=servers) if whole_number("servers", servers, 1, MAX_SERVERS) > 1 else None
    usual = "batch-scan" if plane is None else "price-decomposition"
    horizon = Horizon(
        scenario=scenario,
        intervals=whole_number("intervals", intervals, 1, 10_000_000),
        users_per_interval=positive("users_per_interval", users_per_interval, "a mean number of users", 1e6),
        when_busy=when_busy,
        plane=plane,
        seed=seed_of(seed),
    )
    return run(horizon, name_of("method", method or usual, "the name of a method"), allowed)


def train(
    scope: str = "general",
    *,
    out: str | os.PathLike[str],
    problem: str = "split_offloading",
    minutes: float | None = None,
    steps: int | None = None,
    instance: str | os.PathLike[str] | None = None,
    gpus: int | None = None,
    max_batch: int | None = None,
    configuration: str = "tuned",
    seed: int = 0,
    threads: int = 1,
    device: str = "cpu",
) -> Path:
    """Train the learned policy of split offloading, with one edge server or several; needs torch.

    The extra ``train`` brings torch.

    Parameters
    ----------
    scope : str
        ``general`` for any snapshot, ``gpus`` for one number of GPUs, ``case`` for one instance.
    out : path
        Folder for network, learning curve and checkpoint; with a checkpoint there, the training goes on.
    problem : str
        ``split_offloading``, or ``multi_edge_offloading`` for several edge servers, of scope ``general`` alone.
    minutes : float, optional
        About how long; 10 by default.
    steps : int, optional
        Gradient steps, in place of a time.
    instance : path or name, optional
        Of scope ``case``.
    gpus : int, optional
        Of scope ``gpus``.
    max_batch : int, optional
        The only B_max of scopes ``general`` and ``gpus``; several by default, of which most bind.
    configuration : str
        ``tuned``, ``paper`` for the published one, or with one server ``paper-mostly-greedy`` or ``tuned-mlp``.
    seed : int
        Seed of weights, cases and exploration.
    threads : int
        Threads of torch.
    device : str
        Where torch computes: ``cpu`` or ``cuda``.

    Returns
    -------
    Path
        File of the trained network.

    Raises
    ------
    InstanceError
        If torch is missing, or an argument cannot be used.

    Examples
    --------
    >>> import diffload
    >>> diffload.train("general", minutes=10, out="trained")  # doctest: +SKIP
    PosixPath('trained/general.safetensors')
    >>> diffload.train("one GPU", out="trained")
    Traceback (most recent call last):
    ...
    formulations.errors.InstanceError: scope: expected one of general, gpus, case, got 'one GPU'
    """
    from solvers.split_offloading.per_dqn.network.configuration import CONFIGURATIONS
    from solvers.split_offloading.per_dqn.train import SEVERAL, trained

    for name, value, known in (
        ("problem", problem, ("split_offloading", SEVERAL)),
        ("scope", scope, ("general", "gpus", "case")),
        ("configuration", configuration, tuple(CONFIGURATIONS)),
    ):
        if value not in known:
            raise InstanceError(f"{name}: expected one of {', '.join(known)}, got {value!r}")
    if steps is not None and minutes is not None:
        raise TypeError("steps: expected either steps or minutes, got both")
    if instance is not None:
        path_given("instance", instance)
    options = Namespace(
        scope=scope,
        gpus=None if gpus is None else whole_number("gpus", gpus, 1, LARGEST_SEED),
        max_batch=None if max_batch is None else whole_number("max_batch", max_batch, 1, LARGEST_SEED),
        most_users=None,
        problem=problem,
        instance=instance,
        configuration=configuration,
        seed=seed_of(seed),
        minutes=None if minutes is None else positive("minutes", minutes, "minutes", 1e5),
        steps=None if steps is None else whole_number("steps", steps, 1, LARGEST_SEED),
        device=name_of("device", device, "the name of a device of torch"),
        threads=whole_number("threads", threads, 1, MOST_THREADS),
        out=Path(path_given("out", out)),
    )
    try:
        path, _ = trained(options)
    except InstanceError as fault:  # in the words of the command, which has an option for each argument
        raise InstanceError(re.sub(r"--([a-z])", r"\1", str(fault))) from None
    if path is None:
        raise KeyboardInterrupt
    return path


def solve_sharded(
    client: Client,
    loads: Sequence[Callable[[], StepAllocation]],
    *,
    time_limit: float | None = None,
    gap: float | None = None,
    threads: int | None = None,
    limits: Limits | None = None,
    gather: bool = True,
) -> Result:
    """Solve step allocation to a proven optimum with its users on several machines, each checking its own.

    Parameters
    ----------
    client : distributed.Client
        A cluster of dask; the extra ``sweep`` brings it.
    loads : sequence of callables
        One per shard: makes its users on the worker. Each says the whole edge's budget.
    time_limit, gap, threads, limits : optional
        As :func:`solve` takes them; ``threads`` are those of a shard.
    gather : bool
        Whether the decisions are brought here; without it the result has neither solution nor certificate.

    Returns
    -------
    Result
        With users numbered shard by shard.

    Raises
    ------
    ValueError
        If the shards differ in the budget or in the kind of steps, or no worker has joined the scheduler.

    Examples
    --------
    >>> import diffload
    >>> from distributed import Client
    >>> load = lambda: diffload.load("n10").section("step_allocation")
    >>> with Client(processes=False, n_workers=1, dashboard_address=None) as client:
    ...     result = diffload.solve_sharded(client, [load])
    >>> result.status.value, round(result.objective, 4)
    ('optimal', -2.5477)
    """
    from solvers.core.validation import with_evaluation
    from solvers.step_allocation.large_scale.sharded import evaluation_of, solve_shards

    allowed = limits_of(limits, time_limit=time_limit, gap=gap, threads=threads)
    if not hasattr(client, "nthreads"):
        raise TypeError(f"client: expected a distributed.Client, got {type(client).__name__}")
    if not isinstance(loads, Sequence) or not all(map(callable, loads)):
        raise TypeError("loads: expected a sequence of functions that each make the users of a shard")
    if not loads:
        raise ValueError("loads: expected at least one, got none")
    began = perf_counter()
    outcome, shards, budget = solve_shards(client, loads, allowed, gather=gather)
    evaluation = evaluation_of(shards, budget)
    known = registry.method("price-search", "step_allocation")
    result = Result(
        instance=f"{len(loads)} shards",
        instance_hash="",
        problem="step_allocation",
        solver=known.name,
        formulation=known.formulation,
        status=Status.UNKNOWN,
        seed=0,
        limits=allowed,
        reason=outcome.reason,
        bound=outcome.bound,
        seconds=perf_counter() - began,
        build_seconds=outcome.build_seconds,
        solve_seconds=outcome.solve_seconds,
        nodes=outcome.nodes,
        solution=outcome.solution,
        duals=outcome.duals,
        certificate=outcome.certificate,
        versions=versions(),
    )
    return with_own_gap(with_evaluation(result, evaluation, Sense.MINIMISE))
