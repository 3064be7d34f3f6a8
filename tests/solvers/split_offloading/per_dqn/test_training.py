"""Training: the loss (23), what is known of both actions, and a training that is interrupted and taken up."""

from __future__ import annotations

import json
from pathlib import Path

import gradients
import numpy as np
import pytest
from builders import split_offloading

from formulations.errors import InstanceError
from solvers.split_offloading.exact.batch_scan_many import scan_many
from solvers.split_offloading.per_dqn.decision_process.draw_cases import Distribution
from solvers.split_offloading.per_dqn.decision_process.rewards import set_gains
from solvers.split_offloading.per_dqn.network.configuration import PAPER, TUNED, Configuration
from solvers.split_offloading.per_dqn.network.features import inputs_of, lookahead_rewards, scales_of
from solvers.split_offloading.per_dqn.network.inference import q_values
from solvers.split_offloading.per_dqn.replay.memory import after
from solvers.split_offloading.per_dqn.training.scope import Scope, for_case

torch = pytest.importorskip("torch")

from solvers.split_offloading.per_dqn.training import checkpoint  # noqa: E402
from solvers.split_offloading.per_dqn.training.learner import learning_rate  # noqa: E402
from solvers.split_offloading.per_dqn.training.run import Training  # noqa: E402

SMALL = Scope("small", distribution=Distribution(users=(3, 6), gpus=(4, 8), max_batch=(2, 20)))
QUICK = {"warm_up": 40, "memory": 500, "target_every": 7, "largest_users": 6, "width": 8}
ALL = [
    PAPER.replaced(**QUICK, training_cases=20),
    TUNED.replaced(**QUICK, batch=32, episodes_at_once=16),
    TUNED.replaced(**QUICK, batch=32, episodes_at_once=16, both_actions=True, lookahead=True),
    TUNED.replaced(**QUICK, architecture="mlp", episodes_at_once=16, priority_exponent=0.7, terminal_share=0.125),
]
IDS = ["paper", "tuned", "both actions", "mlp with priorities"]


def trained(configuration: Configuration, rounds: int) -> Training:
    training = Training(configuration, SMALL, 4, 60)
    while training.learner.steps == 0 or training.episodes < rounds * configuration.episodes_at_once:
        training.round()
    return training


def test_the_loss_is_that_of_the_action_taken_with_the_targets_maximum() -> None:
    training = trained(ALL[0], 20)
    learner = training.learner
    drawn = training.memory.draw(64, np.random.default_rng(0))
    assert set(drawn.action.tolist()) == {0, 1}
    ones = np.ones(64)
    current = learner.weights()
    target = {name: tensor.numpy().copy() for name, tensor in learner.target.state_dict().items()}
    assert any(not np.array_equal(current[name], target[name]) for name in current)
    configuration = learner.configuration
    value = q_values(configuration, current, inputs_of(configuration, drawn.state(), ones))
    following = after(drawn.state(), drawn.action)
    np.testing.assert_array_equal(following.finished, drawn.finished)
    best = q_values(configuration, target, inputs_of(configuration, following, ones)).max(axis=1)
    y = drawn.reward + np.where(drawn.finished, 0.0, best)
    error = value[np.arange(64), drawn.action] - y
    learned = learner.learn(drawn, 0.0)
    scale = np.abs(y).max()
    np.testing.assert_allclose(learned.error, error, rtol=1e-4, atol=1e-5 * scale)
    assert learned.loss == pytest.approx(float((drawn.weight * error**2).mean()), rel=1e-3)


@pytest.mark.parametrize(
    ("exploration", "epsilon", "share"),
    [
        ("random-or-boltzmann", 1.0, 0.5),
        ("random-or-boltzmann", 0.0, 1.0 / (1.0 + np.e)),
        ("random-or-boltzmann", 0.4, 0.4 * 0.5 + 0.6 / (1.0 + np.e)),
        ("boltzmann-or-greedy", 1.0, 1.0 / (1.0 + np.e)),
        ("boltzmann-or-greedy", 0.0, 0.0),
        ("boltzmann-or-greedy", 0.4, 0.4 / (1.0 + np.e)),
    ],
)
def test_the_worse_action_is_explored_as_often_as_each_reading_says(
    exploration: str, epsilon: float, share: float
) -> None:
    ends = {"epsilon": (epsilon, epsilon), "temperature": (2.0, 2.0)}
    training = Training(ALL[0].replaced(exploration=exploration, **ends), SMALL, 4, 60)
    worse_by_one_temperature = np.tile([1.0, -1.0], (20_000, 1))
    taken = training._explore(worse_by_one_temperature, np.arange(20_000))
    assert float(taken.mean()) == pytest.approx(share, abs=4.0 * 0.5 / np.sqrt(20_000))


def test_targets_of_both_actions_agree_with_those_of_the_action_taken() -> None:
    training = trained(ALL[2], 20)
    learner = training.learner
    drawn = training.memory.draw(64, np.random.default_rng(0))
    scale = scales_of(learner.configuration, drawn.cases)
    with torch.no_grad():
        taken = learner.targets(drawn, scale).numpy()
        both = learner.targets_of_all(drawn, scale).numpy()
    np.testing.assert_allclose(both[np.arange(64), drawn.action], taken, rtol=1e-4, atol=1e-5)
    granting = after(drawn.state(), np.ones(64, dtype=np.int64))
    known = set_gains(granting.cases, granting.chosen) - set_gains(drawn.cases, drawn.chosen)
    np.testing.assert_allclose(lookahead_rewards(drawn.state(), scale) * scale, known, rtol=1e-9, atol=1e-9)


def test_the_learning_rate_falls_from_the_first_to_almost_nothing() -> None:
    assert learning_rate(PAPER, 0.7) == 1e-4
    rates = [learning_rate(TUNED, done) for done in (0.0, 0.5, 1.0)]
    assert rates == pytest.approx([1e-3, 5.005e-4, 1e-6])


@pytest.mark.parametrize("configuration", ALL, ids=IDS)
def test_a_training_taken_up_ends_with_the_same_weights(tmp_path: Path, configuration: Configuration) -> None:
    whole, first = (Training(configuration, SMALL, 4, 24) for _ in range(2))
    while not whole.finished:
        whole.round()
    while first.learner.steps < 10:
        first.round()
    first.curve.measure(first.learner.steps, first.episodes, first.seconds, first.policy())
    checkpoint.save(first, tmp_path / "checkpoint.npz")
    second = checkpoint.load(tmp_path / "checkpoint.npz", configuration, SMALL, 4)
    assert second.curve.rows == first.curve.rows
    while not second.finished:
        second.round()
    assert (second.episodes, second.learner.steps) == (whole.episodes, whole.learner.steps)
    assert list(second.curve.returns) == list(whole.curve.returns)
    for name, array in whole.learner.weights().items():
        np.testing.assert_array_equal(second.learner.weights()[name], array)


def test_a_checkpoint_from_before_a_field_of_the_configuration_is_taken_up(tmp_path: Path) -> None:
    path = tmp_path / "checkpoint.npz"
    checkpoint.save(trained(ALL[0], 1), path)
    with np.load(path) as file:
        arrays = dict(file)
    document = json.loads(str(arrays.pop("document")))
    del document["configuration"]["exploration"]
    np.savez(path, document=np.array(json.dumps(document)), **arrays)
    assert checkpoint.load(path, ALL[0], SMALL, 4).learner.steps == document["steps"]
    with pytest.raises(InstanceError, match="configuration: expected"):
        checkpoint.load(path, ALL[0].replaced(exploration="boltzmann-or-greedy"), SMALL, 4)


def test_the_checkpoint_of_another_training_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "checkpoint.npz"
    checkpoint.save(trained(ALL[1], 1), path)
    with pytest.raises(InstanceError, match="seed: expected the checkpoint of the same training"):
        checkpoint.load(path, ALL[1], SMALL, 5)
    with pytest.raises(InstanceError, match="configuration: expected"):
        checkpoint.load(path, ALL[2], SMALL, 4)
    with pytest.raises(InstanceError, match="scope: expected"):
        checkpoint.load(path, ALL[1], for_case("x", split_offloading()), 4)
    path.write_bytes(path.read_bytes()[:2000])
    with pytest.raises(InstanceError, match="expected a checkpoint of this command"):
        checkpoint.load(path, ALL[1], SMALL, 4)


def test_one_fixed_case_is_learned_to_its_optimum() -> None:
    data = split_offloading(6, 8, max_batch=3)
    quick = TUNED.replaced(width=16, batch=64, warm_up=64, episodes_at_once=16, transitions_per_step=16)
    training = Training(quick, for_case("fixed", data), 0, 150)
    while not training.finished:
        training.round()
    cases = training.scope.draw(1, np.random.default_rng(0))
    gain = set_gains(cases, training.policy().decide(cases))
    assert gain[0] == pytest.approx(scan_many(cases.snapshots).gain[0], rel=1e-9)


@pytest.mark.parametrize("loss", ["squared", "huber"])
@pytest.mark.parametrize("features", ["raw", "gains"])
def test_the_gradient_that_is_written_out_is_that_of_torch(loss: str, features: str) -> None:
    learner = trained(ALL[0].replaced(loss=loss, features=features, double=features == "gains"), 20).learner
    drawn = trained(ALL[0], 20).memory.draw(64, np.random.default_rng(0))
    scale = scales_of(learner.configuration, drawn.cases)
    gradients.agree(learner, drawn, scale)
