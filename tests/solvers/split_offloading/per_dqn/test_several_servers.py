"""The decision process with several servers, its features and training, against the problem's own evaluator."""

from __future__ import annotations

from pathlib import Path

import gradients
import numpy as np
import pytest

from formulations.multi_edge_offloading.evaluation import evaluate_solution
from formulations.multi_edge_offloading.gains import gain_table, solution_of
from formulations.multi_edge_offloading.parameters import MultiEdgeOffloading
from instances.generation.multi_edge import generate
from instances.generation.presets import uniform
from solvers.split_offloading.per_dqn.decision_process.cases import Cases, arrays_of, rows_of
from solvers.split_offloading.per_dqn.decision_process.draw_cases import Distribution, place_users
from solvers.split_offloading.per_dqn.decision_process.mdp import Episodes
from solvers.split_offloading.per_dqn.decision_process.rewards import Reward
from solvers.split_offloading.per_dqn.decision_process.several_servers import (
    cases_of_instances,
    draw_servers,
    instances_of_cases,
    place_servers,
)
from solvers.split_offloading.per_dqn.network.configuration import (
    PAIR_CONFIGURATIONS,
    PAPER_PAIR,
    TUNED_PAIR,
    Configuration,
)
from solvers.split_offloading.per_dqn.network.features import inputs_of, lookahead_rewards, scales_of
from solvers.split_offloading.per_dqn.network.inference import q_values, shapes
from solvers.split_offloading.per_dqn.network.policy import action_values, sampled

FEW = Distribution(users=(4, 9), servers=(2, 3), max_batch=(2, 20))


def instances() -> list[MultiEdgeOffloading]:
    sizes = ((7, 3, 20), (9, 2, 2), (4, 1, 1), (6, 3, 0))
    return [
        MultiEdgeOffloading(**generate(seed, users=users, servers=servers, max_batch=most))
        for seed, (users, servers, most) in enumerate(sizes)
    ]


def allowed(episodes: Episodes, actions: np.ndarray) -> np.ndarray:
    """The same actions, but deny where a server is full or not there."""
    can = np.concatenate([np.ones((actions.size, 1), dtype=bool), episodes.state().open()], axis=1)
    return np.where(can[np.arange(actions.size), actions], actions, 0)


def played(cases: Cases, reward: Reward, seed: int) -> tuple[Episodes, np.ndarray]:
    """Random episodes, and the sum of the rewards that their steps returned."""
    episodes, random = Episodes(cases, "quarter-gain", reward), np.random.default_rng(seed)
    total = np.zeros(cases.size)
    while not episodes.finished.all():
        total += episodes.step(allowed(episodes, random.integers(0, 1 + cases.servers, cases.size)))[0]
    return episodes, total


@pytest.mark.parametrize("reward", ["published", "incremental"])
def test_returns_are_the_evaluators_objective_and_gain(reward: Reward) -> None:
    scenarios = instances()
    cases = cases_of_instances(scenarios)
    for seed in range(5):
        episodes, total = played(cases, reward, seed)
        granted = cases.by_server(episodes.granted())
        for number, data in enumerate(scenarios):
            there = granted[number, :, : data.users]
            assert there.sum(axis=0).max() <= 1
            assert not granted[number, :, data.users :].any()
            server = np.where(there.any(axis=0), there.argmax(axis=0), -1)
            evaluated = evaluate_solution(data, solution_of(data, server))
            assert evaluated.feasible
            expected = evaluated.objective if reward == "published" else evaluated.metrics["gain_over_all_local"]
            if data.max_batch.max() > 0:  # else the episode ends before its first step
                assert total[number] == pytest.approx(expected, abs=1e-9)
            assert episodes.objective()[number] == pytest.approx(evaluated.objective, abs=1e-9)
        np.testing.assert_allclose(episodes.rewards().sum(axis=1), total, atol=1e-9)


def test_one_server_is_the_process_of_paper_b() -> None:
    cases = cases_of_instances([instances()[2]])
    episodes, _ = played(cases, "incremental", 0)
    assert cases.servers == 1
    assert episodes.granted().shape == (1, 4)
    assert episodes.finished[0]


def test_instances_of_cases_are_the_same_problems() -> None:
    for data, again in zip(instances()[:3], instances_of_cases(cases_of_instances(instances()[:3])), strict=True):
        assert again.users == data.users
        one, two = gain_table(data), gain_table(again)
        np.testing.assert_array_equal(one.users, two.users)
        np.testing.assert_allclose(one.values, two.values, rtol=1e-9)


def test_the_same_uniform_numbers_give_the_generators_instances() -> None:
    seeds, users, servers = range(4), 7, 3
    scenario = Distribution().scenario
    asks = place_users(
        scenario,
        (scenario.gpus,),
        np.zeros(4, dtype=np.int64),
        np.full(4, users),
        np.full(4, 20),
        np.stack([[uniform(f"split_offloading.{name}", users, seed) for seed in seeds]
                  for name in ("device", "accuracy_weight", "wait_seconds")]),
    )  # fmt: skip
    edges = [[uniform(f"multi_edge.{name}", servers, seed) for seed in seeds] for name in ("device", "gpus")]
    where = [
        np.concatenate([np.stack([uniform(f"multi_edge.{what}.{axis}", count, seed) for axis in "xy"], axis=1)
                        for what, count in (("user", users), ("server", servers))])
        for seed in seeds
    ]  # fmt: skip
    drawn = place_servers(Distribution(), asks, np.array([2, 3, 3, 2]), np.array(edges), np.array(where))
    made = cases_of_instances(
        [
            MultiEdgeOffloading(**generate(seed, users=users, servers=there))
            for seed, there in zip(seeds, (2, 3, 3, 2), strict=True)
        ]
    )
    is_there = drawn.snapshots.max_batch > 0
    np.testing.assert_array_equal(is_there, made.snapshots.max_batch > 0)
    for name, expected in arrays_of(made).items():
        found = arrays_of(drawn)[name]
        if name.startswith("outlook") or name == "max_batch":  # of at most I users, as an instance says
            continue
        one, two = (array.reshape(-1, *array.shape[2:])[is_there] for array in (found, expected))
        np.testing.assert_allclose(one, two, rtol=5.1e-6, atol=1e-9, err_msg=name)


@pytest.mark.parametrize("configuration", PAIR_CONFIGURATIONS.values(), ids=lambda known: known.name)
def test_more_padding_changes_no_decision(configuration: Configuration) -> None:
    scenarios = instances()[:3]
    together = cases_of_instances([*scenarios, MultiEdgeOffloading(**generate(9, users=15, servers=5))])
    random = np.random.default_rng(0)
    weights = {name: random.normal(size=shape).astype(np.float32) for name, shape in shapes(configuration).items()}
    for number, data in enumerate(scenarios):
        alone = Episodes(cases_of_instances([data]), configuration.order, configuration.reward)
        wide = Episodes(rows_of(together, np.array([number])), configuration.order, configuration.reward)
        for _ in range(data.users):
            if alone.finished.all():
                break
            values = []
            for episodes in (alone, wide):
                state, scale = episodes.state(), scales_of(configuration, episodes.cases)
                inputs = inputs_of(configuration, state, scale)
                q = action_values(configuration, q_values(configuration, weights, inputs), state, scale)
                values.append(q[0])
            np.testing.assert_allclose(values[1][: 1 + data.servers], values[0], rtol=1e-4, atol=1e-4)
            action = allowed(alone, random.integers(0, 1 + data.servers, 1))
            alone.step(action)
            wide.step(action)


def test_the_features_are_the_gains_of_now_and_later() -> None:
    data = instances()[0]
    cases = cases_of_instances([data])
    episodes = Episodes(cases, "quarter-gain", "incremental")
    for action in (1, 2, 1, 0):
        episodes.step(np.array([action]))
    scale = scales_of(TUNED_PAIR, episodes.cases)
    inputs = inputs_of(TUNED_PAIR, episodes.state(), scale)
    marginal = lookahead_rewards(episodes.state(), scale)
    np.testing.assert_allclose(inputs.users[:, 0, 2], marginal, rtol=1e-4, atol=1e-5)
    np.testing.assert_allclose(inputs.globe[:, 0] * 10.0, [2.0, 1.0, 0.0], atol=1e-6)
    others = [max(0.0, *np.delete(marginal, j)) for j in range(3)]
    np.testing.assert_allclose(inputs.users[:, 0, 7], others, rtol=1e-4, atol=1e-5)
    user = int(episodes.order[0, 4])
    raw = inputs_of(PAPER_PAIR, episodes.state(), np.ones(1)).users[:, 0]
    np.testing.assert_allclose(raw[:, 0], data.accuracy_weight[user], rtol=1e-6)
    sends = (data.prompt_bits[user] + data.latent_bits[user]) / (
        data.spectral_efficiency[user] * data.bandwidth_hz
    )
    np.testing.assert_allclose(raw[:, 3], sends, rtol=1e-6)


def test_q_is_a_sum_over_servers_and_none_is_granted_where_it_is_full() -> None:
    data = instances()[1]
    episodes = Episodes(cases_of_instances([data]), "arrival", "incremental")
    q = np.array([[1.0, 4.0], [10.0, 30.0]], dtype=np.float32)
    values = action_values(PAPER_PAIR, q, episodes.state(), np.ones(1))
    np.testing.assert_array_equal(values, [[11.0, 14.0, 31.0]])
    for _ in range(2):
        episodes.step(np.array([2]))
    values = action_values(PAPER_PAIR, q, episodes.state(), np.ones(1))
    np.testing.assert_array_equal(values, [[1.0, 4.0, -np.inf]])


def test_actions_are_drawn_by_their_boltzmann_probabilities() -> None:
    q = np.array([[0.0, 1.0, -np.inf, 2.0]])
    chance = (np.arange(100_000) + 0.5) / 100_000
    drawn = sampled(np.repeat(q, chance.size, axis=0), 0.7, chance)
    share = np.exp(q[0] / 0.7)
    np.testing.assert_allclose(np.bincount(drawn, minlength=4) / chance.size, share / share.sum(), atol=2e-5)


torch = pytest.importorskip("torch")

from solvers.split_offloading.per_dqn.network.layers import build, tensors  # noqa: E402
from solvers.split_offloading.per_dqn.replay.memory import after  # noqa: E402
from solvers.split_offloading.per_dqn.training import checkpoint, curve  # noqa: E402
from solvers.split_offloading.per_dqn.training.run import Training  # noqa: E402
from solvers.split_offloading.per_dqn.training.scope import Scope  # noqa: E402

SMALL = Scope("small", distribution=FEW)
QUICK = {"warm_up": 40, "memory": 500, "target_every": 7, "width": 8, "episodes_at_once": 16, "batch": 32}
ALL = {
    "paper": PAPER_PAIR.replaced(**QUICK, training_cases=20),
    "tuned": TUNED_PAIR.replaced(**QUICK),
    "all actions": TUNED_PAIR.replaced(**QUICK, both_actions=True, lookahead=True),
    "sets": TUNED_PAIR.replaced(**QUICK, architecture="sets", features="gains"),
}


@pytest.fixture(autouse=True)
def _few_validation_cases(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(curve, "VALIDATION_CASES", 8)


@pytest.mark.parametrize("configuration", ALL.values(), ids=ALL)
def test_a_training_repeats_with_its_seed_and_taken_up_ends_with_the_same_weights(
    tmp_path: Path, configuration: Configuration
) -> None:
    whole, first, other = (Training(configuration, SMALL, seed, 24) for seed in (4, 4, 5))
    for training in (whole, other):
        while not training.finished:
            training.round()
    while first.learner.steps < 10:
        first.round()
    first.curve.measure(first.learner.steps, first.episodes, first.seconds, first.policy())
    checkpoint.save(first, tmp_path / "checkpoint.npz")
    second = checkpoint.load(tmp_path / "checkpoint.npz", configuration, SMALL, 4)
    while not second.finished:
        second.round()
    for name, array in whole.learner.weights().items():
        np.testing.assert_array_equal(second.learner.weights()[name], array)
    assert any(
        not np.array_equal(array, other.learner.weights()[name]) for name, array in whole.learner.weights().items()
    )


def test_numpy_computes_what_torch_does() -> None:
    cases = draw_servers(FEW, 5, np.random.default_rng(0))
    episodes = Episodes(cases, "quarter-gain")
    for configuration in ALL.values():
        network = build(configuration, 1)
        weights = {name: tensor.numpy() for name, tensor in network.state_dict().items()}
        inputs = inputs_of(configuration, episodes.state(), np.ones(5))
        with torch.no_grad():
            expected = network(*tensors(inputs, torch.device("cpu"))).numpy()
        np.testing.assert_allclose(q_values(configuration, weights, inputs), expected, rtol=1e-4, atol=1e-5)


def test_the_gradient_that_is_written_out_is_that_of_torch() -> None:
    training = Training(ALL["tuned"].replaced(lookahead=False), SMALL, 4, 60)
    while training.learner.steps < 20:
        training.round()
    learner = training.learner
    drawn = training.memory.draw(64, np.random.default_rng(0))
    assert drawn.action.max() > 1
    scale = scales_of(learner.configuration, drawn.cases)
    gradients.agree(learner, drawn, scale)


def test_the_memory_holds_what_was_played_and_targets_know_every_action() -> None:
    training = Training(ALL["all actions"], SMALL, 4, 60)
    while training.learner.steps < 5:
        training.round()
    drawn, learner = training.memory.draw(64, np.random.default_rng(0)), training.learner
    scale = scales_of(learner.configuration, drawn.cases)
    following = after(drawn.state(), drawn.action)
    np.testing.assert_array_equal(following.finished, drawn.finished)
    with torch.no_grad():
        taken = learner.targets(drawn, scale).numpy()
        every = learner.targets_of_all(drawn, scale).numpy()
    np.testing.assert_allclose(every[np.arange(64), drawn.action], taken, rtol=1e-4, atol=1e-4)
