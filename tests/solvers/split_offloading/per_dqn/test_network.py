"""The networks in NumPy against those in torch, and what a state may and may not change in their answer."""

from __future__ import annotations

import numpy as np
import pytest
from builders import split_offloading

from formulations.fields import BoolArray
from formulations.split_offloading.gain import gains
from solvers.split_offloading.per_dqn.decision_process.cases import Cases, cases_of, in_order
from solvers.split_offloading.per_dqn.decision_process.draw_cases import draw_cases, generator
from solvers.split_offloading.per_dqn.decision_process.mdp import Episodes
from solvers.split_offloading.per_dqn.decision_process.rewards import set_gains
from solvers.split_offloading.per_dqn.decision_process.state import State
from solvers.split_offloading.per_dqn.network.configuration import CONFIGURATIONS, TUNED, Configuration
from solvers.split_offloading.per_dqn.network.features import inputs_of, lookahead_rewards, scales_of
from solvers.split_offloading.per_dqn.network.inference import q_values, shapes
from solvers.split_offloading.per_dqn.training.scope import GENERAL

torch = pytest.importorskip("torch")

from solvers.split_offloading.per_dqn.network.layers import build, tensors  # noqa: E402

ALL = [*CONFIGURATIONS.values(), TUNED.replaced(features="raw"), TUNED.replaced(architecture="mlp", scaled=False)]
NAMES = [f"{c.name} {c.features} {c.architecture}" for c in ALL]


def states(size: int, seed: int) -> State:
    """States somewhere in episodes of random actions."""
    random = generator(seed, "training")
    episodes = Episodes(draw_cases(GENERAL, size, random), "arrival", "incremental")
    for _ in range(int(random.integers(0, 15))):
        episodes.step(random.random(size) < 0.3)
    return State(episodes.cases, episodes.chosen, episodes.steps, episodes.finished)


@pytest.mark.parametrize("configuration", ALL, ids=NAMES)
def test_numpy_equals_torch(configuration: Configuration) -> None:
    network = build(configuration, 5)
    weights = {name: tensor.numpy() for name, tensor in network.state_dict().items()}
    assert {name: array.shape for name, array in weights.items()} == shapes(configuration)
    for seed in range(6):
        state = states(40, seed)
        inputs = inputs_of(configuration, state, scales_of(configuration, state.cases))
        with torch.no_grad():
            expected = network(*tensors(inputs, torch.device("cpu"))).numpy()
        found = q_values(configuration, weights, inputs)
        np.testing.assert_allclose(found, expected, rtol=1e-5, atol=1e-5 * np.abs(expected).max())


def test_torchs_own_random_numbers_stay_untouched() -> None:
    torch.manual_seed(3)
    expected = torch.rand(1)
    torch.manual_seed(3)
    first, second = (build(TUNED, 1).state_dict() for _ in range(2))
    assert torch.equal(torch.rand(1), expected)
    assert all(torch.equal(first[name], second[name]) for name in first)


def test_sets_have_no_order_and_no_denied_users_and_no_padding() -> None:
    network = build(TUNED, 0)
    weights = {name: tensor.numpy() for name, tensor in network.state_dict().items()}
    cases = cases_of([split_offloading(9, 3)])
    chosen = np.array([[True, False, True, False, False, False, False, False, False]])

    def q(cases: Cases, chosen: BoolArray) -> np.ndarray:
        state = State(cases, chosen, np.array([4]), np.array([False]))
        return q_values(TUNED, weights, inputs_of(TUNED, state, np.array([3.0])))

    expected = q(cases, chosen)
    order = np.array([[2, 1, 0, 3, 4, 7, 6, 5, 8]])
    np.testing.assert_allclose(q(in_order(cases, order), chosen), expected, rtol=1e-5, atol=1e-6)
    wide = cases_of([split_offloading(9, 3), split_offloading(14, 1)])
    both = State(
        wide,
        np.concatenate([np.pad(chosen, ((0, 0), (0, 5))), np.zeros((1, 14), dtype=bool)]),
        np.array([4, 0]),
        np.array([False, False]),
    )
    padded = q_values(TUNED, weights, inputs_of(TUNED, both, np.array([3.0, 3.0])))[:1]
    np.testing.assert_allclose(padded, expected, rtol=1e-5, atol=1e-6)
    alpha = cases.snapshots.users.weight.copy()
    alpha[0, 1] *= 3.0  # denied
    users = cases.snapshots.users._replace(weight=alpha)
    other = cases._replace(snapshots=cases.snapshots._replace(users=users))
    np.testing.assert_array_equal(q(other, chosen), expected)


def test_features_are_the_gains_and_the_lookahead_is_the_reward() -> None:
    data = split_offloading(8, 11)
    cases = cases_of([data])
    chosen = np.array([[True, False, True, True, False, False, False, False]])
    state = State(cases, chosen, np.array([4]), np.array([False]))
    scale = scales_of(TUNED, cases)
    assert scale[0] == pytest.approx(np.abs(gains(data, 1.0)).mean())
    inputs = inputs_of(TUNED, state, scale)
    order = np.roll(np.arange(8), -4)
    taking_part = inputs.indicator[0] != 3
    for column, batch, factor in ((0, 3.0, 1.0), (1, 4.0, 1.0), (3, 7.0, 1.0), (4, 2.0, 1.0)):
        expected = factor * gains(data, batch)[order] / scale[0]
        np.testing.assert_allclose(inputs.users[0, taking_part, column], expected[taking_part], rtol=1e-5)
    then = chosen.copy()
    then[0, 4] = True
    reward = set_gains(cases, then) - set_gains(cases, chosen)
    np.testing.assert_allclose(lookahead_rewards(state, scale), reward / scale, rtol=1e-9)


def test_policies_do_not_depend_on_the_unit_of_time() -> None:
    data = split_offloading(12, 2)
    seconds = ("accuracy_weight", "local_seconds_per_step", "edge_seconds_per_step_per_item")
    seconds += ("edge_seconds_per_step_base", "prompt_bits", "latent_bits", "wait_seconds")
    slow = data.model_dump() | {name: 1000.0 * getattr(data, name) for name in seconds}
    for chosen in (np.zeros((1, 12), dtype=bool), np.arange(12)[None] < 3):
        found = []
        for cases in (cases_of([data]), cases_of([type(data).model_validate(slow)])):
            state = State(cases, chosen, np.array([3]), np.array([False]))
            found.append(inputs_of(TUNED, state, scales_of(TUNED, cases)))
        np.testing.assert_allclose(found[0].users, found[1].users, rtol=1e-5, atol=1e-6)
        np.testing.assert_allclose(found[0].globe, found[1].globe, rtol=1e-5, atol=1e-6)


def test_more_users_than_the_flat_network_has_places_for_are_refused() -> None:
    cases = cases_of([split_offloading(41)])
    state = State(cases, np.zeros((1, 41), dtype=bool), np.array([0]), np.array([False]))
    with pytest.raises(ValueError, match="expected at most 40 places, got 41"):
        inputs_of(CONFIGURATIONS["tuned-mlp"], state, np.ones(1))
