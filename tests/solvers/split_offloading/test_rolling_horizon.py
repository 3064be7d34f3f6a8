"""The simulated edge against the formula of the shrinking batch, and what a busy edge changes."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from formulations.errors import InstanceError
from formulations.multi_edge_offloading.latency import latency_seconds as multi_edge_latency
from formulations.multi_edge_offloading.snapshots import server_snapshot
from formulations.split_offloading.latency import latency_seconds
from formulations.split_offloading.shrinking_batch import latency_seconds as shrinking_latency_seconds
from instances.calibration.devices import read_devices
from instances.generation.multi_edge import Plane
from instances.generation.split_scenario import SplitScenario
from reports.simulation import rolling_horizon
from solvers.core import registry
from solvers.core.limits import Limits
from solvers.split_offloading.rolling_horizon.horizon import Horizon
from solvers.split_offloading.rolling_horizon.simulate import Undecided, decide, simulate

LONG = SplitScenario(slots=20, slot_seconds=6.0)
SHORT = SplitScenario(slots=20, slot_seconds=0.1)


def decisions(horizon: Horizon, name: str):
    """Snapshot and decision of every interval with requests, without the simulation."""
    method = registry.method(name, "split_offloading")
    for number, data in horizon.snapshots(read_devices()):
        if data is not None:
            server, split, _ = decide(method, number, data, Limits(), horizon.seed)
            yield number, data, (server >= 0).astype(np.float64), split


@pytest.mark.parametrize("when_busy", ["ignore", "queue"])
@pytest.mark.parametrize("name", ["batch-scan", "all-offload-fixed-split"])
def test_free_edge_takes_as_long_as_the_shrinking_batch(when_busy: str, name: str) -> None:
    horizon = Horizon(LONG, intervals=4, users_per_interval=8.0, when_busy=when_busy, seed=3)
    requests = simulate(horizon, name).requests
    for number, data, granted, split in decisions(horizon, name):
        rows = requests[requests["interval"] == number]
        np.testing.assert_allclose(
            rows["latency_seconds"], shrinking_latency_seconds(data, granted, split), rtol=1e-9
        )
        np.testing.assert_allclose(rows["model_seconds"], latency_seconds(data, granted, split), rtol=1e-12)
        assert (rows["latency_seconds"] <= rows["model_seconds"] * (1 + 1e-12)).all()


def test_every_method_sees_the_same_requests() -> None:
    horizon = Horizon(SHORT, intervals=6, users_per_interval=5.0, seed=1)
    first, second = (simulate(horizon, name).requests for name in ("batch-scan", "all-local"))
    np.testing.assert_array_equal(first["sent_seconds"], second["sent_seconds"])
    np.testing.assert_array_equal(first["weight"], second["weight"])
    assert not second["granted"].any()
    np.testing.assert_array_equal(second["latency_seconds"], second["model_seconds"])


def test_batches_queue_behind_one_another() -> None:
    horizon = Horizon(SHORT, intervals=10, users_per_interval=8.0, seed=2)
    queued = simulate(horizon, "batch-scan")
    requests = queued.requests[queued.requests["granted"]]
    busy = requests["queue_seconds"] > horizon.interval_seconds
    assert busy.any()
    assert (requests["latency_seconds"][busy] > requests["model_seconds"][busy]).any()
    starts = requests["interval"] * horizon.interval_seconds + requests["queue_seconds"]
    assert (np.diff(starts[np.argsort(requests["interval"], kind="stable")]) >= -1e-9).all()
    free = simulate(Horizon(SHORT, intervals=10, users_per_interval=8.0, seed=2, when_busy="ignore"), "batch-scan")
    assert free.requests["latency_seconds"].mean() < queued.requests["latency_seconds"].mean()
    assert queued.busy_seconds <= queued.end_seconds


def test_a_busy_edge_can_deny_everybody() -> None:
    horizon = Horizon(SHORT, intervals=10, users_per_interval=8.0, seed=2, when_busy="deny")
    requests = simulate(horizon, "batch-scan").requests
    granted = [
        number
        for number in np.unique(requests["interval"])
        if requests[requests["interval"] == number]["granted"].any()
    ]
    assert 1 < len(granted) < 10
    assert (requests["queue_seconds"] < horizon.interval_seconds).all()


def test_gpus_change_what_is_decided_and_how_long_it_takes() -> None:
    many = Horizon(LONG, intervals=4, users_per_interval=8.0, seed=3)
    halved = Horizon(LONG, intervals=4, users_per_interval=8.0, seed=3, gpus=((0.0, 8), (240.5, 1)))
    assert [halved.gpus_at(time) for time in (0.0, 240.0, 241.0)] == [8, 8, 1]
    before, after = simulate(many, "batch-scan").requests, simulate(halved, "batch-scan").requests
    first = before["interval"] == 1
    np.testing.assert_array_equal(before[first], after[first])
    second = (before["interval"] == 2) & before["granted"]  # decided with 8 GPUs, run with 1 from half a second on
    np.testing.assert_array_equal(before["split"][second], after["split"][second])
    offloaded = second & (before["split"] < 200)
    assert offloaded.any()
    assert (after["latency_seconds"][offloaded] > before["latency_seconds"][offloaded]).all()
    late = before["interval"] >= 3
    assert after["granted"][late].sum() < before["granted"][late].sum()


def test_same_seed_same_simulation() -> None:
    first, second = (simulate(Horizon(SHORT, intervals=5, seed=9), "genetic").requests for _ in range(2))
    np.testing.assert_array_equal(first, second)


def test_intervals_without_requests_are_passed_over() -> None:
    simulated = simulate(Horizon(SHORT, intervals=20, users_per_interval=0.3, seed=0), "batch-scan")
    assert 0 < simulated.decision_seconds.size < 20
    assert np.isfinite(simulated.requests["latency_seconds"]).all()


def test_a_method_that_decides_nothing_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(KeyError, match="unknown method"):
        simulate(Horizon(SHORT, intervals=1), "no-such-method")
    with pytest.raises(Undecided, match="interval 1"):
        simulate(Horizon(SHORT, intervals=1, seed=1), "scip-minlp", Limits(time_limit=1e-9))


@pytest.mark.parametrize(
    ("changes", "named"),
    [
        ({"intervals": 0}, "intervals"),
        ({"users_per_interval": float("nan")}, "users_per_interval"),
        ({"when_busy": "wait"}, "when_busy"),
        ({"gpus": ((10.0, 8), (5.0, 4))}, "gpus"),
        ({"gpus": ((0.0, 0),)}, "gpus"),
    ],
)
def test_bad_arguments_are_named(changes: dict, named: str) -> None:
    with pytest.raises(InstanceError, match=f"^{named}: expected "):
        Horizon(**changes)


def test_command_prints_one_row_for_each_method(tmp_path, capsys) -> None:
    arguments = ["--methods", "greedy,all-local", "--intervals", "3", "--gpus", "0:8,60:4", "--out", str(tmp_path)]
    assert rolling_horizon.main(arguments) == 0
    printed = capsys.readouterr().out
    assert "requests in 3 intervals of 60 s" in printed
    assert [line.split()[0] for line in printed.splitlines() if line[:6] in ("greedy", "all-lo")] == [
        "greedy",
        "all-local",
    ]
    rows = (tmp_path / "requests_greedy.csv").read_text().splitlines()
    assert rows[0].startswith("interval,sent_seconds,granted")
    assert len(rows) - 1 == int(printed.partition(" requests")[0].split()[-1])


@pytest.mark.parametrize(
    "arguments",
    [
        ["--gpus", "x"],
        ["--gpus", "0:8,0:4"],
        ["--gpus", "60:8,0:4"],
        ["--methods", "nobody"],
        ["--when-busy", "wait"],
        ["--slots", "0"],
        ["--seed", "-1"],
        ["--time-limit", "nan"],
        ["--max-batch", "-1"],
    ],
)
def test_command_refuses_in_one_sentence(arguments: list[str], capsys) -> None:
    assert rolling_horizon.main(arguments) == 2
    assert capsys.readouterr().err.count("\n") == 1


SEVERAL = Plane(servers=3, max_batch=6)


def test_each_of_several_free_servers_takes_as_long_as_its_shrinking_batch() -> None:
    horizon = Horizon(LONG, intervals=4, users_per_interval=15.0, plane=SEVERAL, seed=3)
    requests = simulate(horizon, "price-decomposition").requests
    method = registry.method("price-decomposition", "multi_edge_offloading")
    used, gpus = set(), set()
    for number, data in horizon.snapshots(read_devices()):
        server, split, _ = decide(method, number, data, Limits(), horizon.seed)
        rows = requests[requests["interval"] == number]
        np.testing.assert_array_equal(rows["server"], server)
        np.testing.assert_allclose(rows["model_seconds"], multi_edge_latency(data, server, split), rtol=1e-12)
        gpus.add(tuple(data.gpus.tolist()))
        for j in np.unique(server[server >= 0]).tolist():
            here = server == j
            expected = shrinking_latency_seconds(server_snapshot(data, j), here.astype(np.float64), split)
            hertz = data.spectral_efficiency[:, j] * data.bandwidth_hz[j]
            prompt = (here.sum() * data.prompt_bits / hertz)[here]
            expected = expected[here] + prompt.max() - prompt  # a batch starts once the slowest prompt is there
            np.testing.assert_allclose(rows["latency_seconds"][here], expected, rtol=1e-9)
            used.add(j)
    assert used == {0, 1, 2}
    assert len(gpus) == 1  # users come and go, servers stay


def test_of_several_servers_only_busy_ones_are_closed() -> None:
    """With 2 s between decisions a batch is still running at the next one, but not at every server."""
    horizon = Horizon(SHORT, intervals=12, users_per_interval=12.0, plane=SEVERAL, when_busy="deny", seed=2)
    requests = simulate(horizon, "price-decomposition").requests
    taken = requests[requests["granted"]]
    assert (taken["queue_seconds"] < horizon.interval_seconds).all()
    by_server = [set(taken["interval"][taken["server"] == j].tolist()) for j in range(3)]
    assert all(0 < len(intervals) < 12 for intervals in by_server)
    assert len({frozenset(intervals) for intervals in by_server}) > 1
    queued = simulate(replace(horizon, when_busy="queue"), "price-decomposition").requests
    assert queued["granted"].sum() > taken.size
    assert queued["queue_seconds"].max() > horizon.interval_seconds


def test_several_servers_have_gpus_of_their_own() -> None:
    with pytest.raises(InstanceError, match="gpus: expected none with several servers"):
        Horizon(LONG, plane=SEVERAL, gpus=((0.0, 8),))
