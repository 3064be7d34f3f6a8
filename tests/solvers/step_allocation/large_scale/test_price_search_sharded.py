from __future__ import annotations

import distributed
import pytest
from builders import step_allocation
from engines import pieces

from formulations.step_allocation.evaluation import evaluate
from solvers.core.limits import Limits
from solvers.step_allocation.certificates.check import check
from solvers.step_allocation.large_scale import large_price_search
from solvers.step_allocation.large_scale.sharded import solve_sharded


@pytest.fixture(scope="module")
def client():
    """A scheduler and two worker processes that talk over loopback."""
    with (
        distributed.LocalCluster(
            n_workers=2, threads_per_worker=1, processes=True, dashboard_address=None
        ) as cluster,
        distributed.Client(cluster) as connected,
    ):
        yield connected


@pytest.mark.parametrize("integer", [False, True], ids=["continuous", "integer"])
@pytest.mark.parametrize("identical", [False, True], ids=["spread", "identical"])
def test_two_workers_say_what_one_machine_says(client, integer, identical):
    alike = {"error_decay_per_step": 0.03, "utility_decay_per_step": 0.04} if identical else {}
    limits = {"local_max_steps": 35.0, "edge_max_steps": 60.5} if identical else {}
    data = step_allocation(700, 3, integer_steps=integer, edge_step_capacity=11000.7, **alike, **limits)
    asked = Limits(gap=1e-9)
    alone = large_price_search.solve(data, asked)
    sharded = solve_sharded(client, pieces(data, 200), asked)
    one, two = (evaluate(data, found.solution["a"], found.solution["s"]) for found in (alone, sharded))
    assert two.feasible
    assert two.objective == pytest.approx(one.objective, rel=1e-10)
    assert sharded.bound == pytest.approx(alone.bound, rel=1e-10)
    assert two.objective - sharded.bound <= 1e-9 * abs(two.objective)
    assert sharded.nodes == alone.nodes
    checked = check(data, sharded.certificate, sharded.solution)
    assert two.objective - checked.bound <= 1e-9 * abs(two.objective)


def test_more_shards_than_workers_and_nothing_gathered(client):
    data = step_allocation(300, 4)
    found = solve_sharded(client, pieces(data, 10, 150), Limits(), gather=False)
    assert found.solution is None
    assert found.bound == pytest.approx(large_price_search.solve(data, Limits()).bound, rel=1e-8)


def test_what_the_client_remembers_of_its_workers_is_not_read(client, monkeypatch):
    """Dask writes it anew in a thread of its own, without the workers."""
    monkeypatch.setattr(client, "scheduler_info", lambda **_: {"workers": {}})
    data = step_allocation(20, 5)
    assert solve_sharded(client, pieces(data, 10), Limits()).bound == pytest.approx(
        large_price_search.solve(data, Limits()).bound, rel=1e-8
    )


def test_a_scheduler_without_workers_is_refused():
    with (
        distributed.LocalCluster(n_workers=0, processes=False, dashboard_address=":0") as cluster,
        distributed.Client(cluster) as connected,
        pytest.raises(ValueError, match="expected a scheduler with at least one worker, got none"),
    ):
        solve_sharded(connected, pieces(step_allocation(5)), Limits())


def test_shards_of_different_budgets_are_refused(client):
    loads = [pieces(step_allocation(5, edge_step_capacity=budget))[0] for budget in (10.0, 20.0)]
    with pytest.raises(ValueError, match="one budget"):
        solve_sharded(client, loads, Limits())
