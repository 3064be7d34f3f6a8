"""The decision process against paper B's section 5.3.1, the evaluator of P1, and itself with more padding."""

from __future__ import annotations

from typing import get_args

import numpy as np
import pytest
from builders import split_offloading
from hypothesis import given, settings
from hypothesis import strategies as st

from formulations.split_offloading.accuracy import accuracy_index
from formulations.split_offloading.evaluation import all_local_objective, evaluate
from formulations.split_offloading.gain import gains
from formulations.split_offloading.latency import latency_seconds
from formulations.split_offloading.parameters import SplitOffloading
from solvers.split_offloading.exact.batch_scan import solution_of
from solvers.split_offloading.per_dqn.decision_process.cases import Cases, Order, cases_of, handling_order, rows_of
from solvers.split_offloading.per_dqn.decision_process.draw_cases import MIXED, draw_cases, generator
from solvers.split_offloading.per_dqn.decision_process.mdp import Episodes
from solvers.split_offloading.per_dqn.decision_process.rewards import Reward, set_gains
from solvers.split_offloading.per_dqn.decision_process.state import DENIED, GRANTED, IN_PROGRESS, PENDING

REWARDS = get_args(Reward)


def snapshots() -> list[SplitOffloading]:
    """1 to 12 users, B_max from 0 to one that does not bind, users that transmit different amounts."""
    draw = np.random.default_rng(0)
    return [
        split_offloading(
            users,
            seed,
            max_batch=max_batch,
            gpus=int(draw.choice([1, 2, 4, 8])),
            latent_bits=draw.uniform(1e5, 4.4e6, users),
        )
        for seed, (users, max_batch) in enumerate((u, b) for u in (1, 2, 3, 7, 12) for b in (0, 1, 2, 3, 20))
    ]


def run(episodes: Episodes, actions: np.ndarray) -> np.ndarray:
    """Take the actions, shape (steps, S); return the rewards of the steps, shape (S,) each, added up."""
    total = np.zeros(episodes.finished.size)
    for action in actions:
        total += episodes.step(action)[0]
    return total


def random_actions(cases: Cases, seed: int) -> np.ndarray:
    return np.random.default_rng(seed).integers(0, 2, (cases.width, cases.size))


@pytest.mark.parametrize("order", ["arrival", "gain"])
def test_returns_are_the_evaluators_objective_and_gain(order: Order) -> None:
    scenarios = snapshots()
    cases = cases_of(scenarios)
    for seed in range(4):
        actions = random_actions(cases, seed)
        published, incremental = Episodes(cases, order, "published"), Episodes(cases, order, "incremental")
        returned = run(published, actions)
        gained = run(incremental, actions)
        np.testing.assert_array_equal(published.granted(), incremental.granted())
        for row, data in enumerate(scenarios):
            granted = np.flatnonzero(published.granted()[row])
            solution = solution_of(data, granted)
            objective = evaluate(data, solution["x"], solution["n"]).objective
            for value in (published.objective()[row], incremental.objective()[row]):
                assert value == pytest.approx(objective, rel=1e-12)
            if data.max_batch > 0:
                assert returned[row] == pytest.approx(objective, rel=1e-12)
                assert published.rewards()[row].sum() == pytest.approx(objective, rel=1e-12)
            gain = objective - all_local_objective(data)
            assert gained[row] == pytest.approx(gain, abs=1e-11)
            assert incremental.rewards()[row].sum() == pytest.approx(gain, abs=1e-11)
            assert incremental.gain()[row] == pytest.approx(gain, abs=1e-11)


def test_filled_back_rewards_are_those_of_equation_21() -> None:
    scenarios = snapshots()
    cases = cases_of(scenarios)
    episodes = Episodes(cases, "arrival")
    run(episodes, random_actions(cases, 1))
    rewards = episodes.rewards()
    for row, data in enumerate(scenarios):
        solution = solution_of(data, np.flatnonzero(episodes.granted()[row]))
        accuracy = data.accuracy_weight * accuracy_index(data, solution["n"])
        in_turn = accuracy[np.argsort(-data.wait_seconds, kind="stable")]
        last = episodes.steps[row] - 1
        expected = np.zeros(cases.width)
        if last >= 0:
            expected[:last] = in_turn[:last]
            expected[last] = in_turn[last:].sum() - latency_seconds(data, solution["x"], solution["n"]).sum()
        np.testing.assert_allclose(rewards[row], expected, rtol=1e-12, atol=1e-12)


def test_without_backpropagation_the_last_step_alone_is_rewarded_by_the_objective() -> None:
    scenarios = snapshots()
    cases = cases_of(scenarios)
    episodes = Episodes(cases, "arrival", "at-the-end")
    returned = run(episodes, random_actions(cases, 1))
    rewards = episodes.rewards()
    for row, data in enumerate(scenarios):
        expected = np.zeros(cases.width)
        if data.max_batch > 0:
            solution = solution_of(data, np.flatnonzero(episodes.granted()[row]))
            expected[episodes.steps[row] - 1] = evaluate(data, solution["x"], solution["n"]).objective
        np.testing.assert_allclose(rewards[row], expected, rtol=1e-12)
        assert returned[row] == rewards[row].sum()


def test_every_incremental_reward_is_what_the_decision_adds_with_the_rest_denied() -> None:
    scenarios = [data for data in snapshots() if data.max_batch > 0]
    cases = cases_of(scenarios)
    episodes = Episodes(cases, "gain", "incremental")
    actions = random_actions(cases, 2)
    before = [all_local_objective(data) for data in scenarios]
    for action in actions:
        rewards, _ = episodes.step(action)
        granted = episodes.granted()
        for row, data in enumerate(scenarios):
            solution = solution_of(data, np.flatnonzero(granted[row]))
            objective = evaluate(data, solution["x"], solution["n"]).objective
            assert rewards[row] == pytest.approx(objective - before[row], abs=1e-11)
            before[row] = objective


def test_states_follow_the_paper_step_by_step() -> None:
    """One episode by hand: 4 users in order of arrival 2, 0, 3, 1, of whom B_max = 2 may be granted."""
    data = split_offloading(4, max_batch=2, wait_seconds=[0.3, 0.0, 0.7, 0.2])
    wider = split_offloading(6)
    episodes = Episodes(cases_of([data, wider]), "arrival")
    local = np.stack([data.accuracy_weight, data.local_seconds_per_step, -data.wait_seconds], axis=1)
    static = [2, data.edge_seconds_per_step_per_item / 4, data.edge_seconds_per_step_base]

    def check(users: list[int], indicator: list[int], totals: list[int]) -> None:
        seen = episodes.observe(np.array([0]))
        np.testing.assert_allclose(seen.local[0], np.r_[local[users], np.zeros((2, 3))].astype(np.float32))
        np.testing.assert_array_equal(seen.indicator[0], [*indicator, DENIED, DENIED])
        np.testing.assert_allclose(seen.globe[0], np.array(static + totals), rtol=1e-7)
        assert seen.user_count[0] == 4

    check([2, 0, 3, 1], [IN_PROGRESS, PENDING, PENDING, PENDING], [4, 0, 0])
    episodes.step(np.array([1, 0]))
    check([0, 3, 1, 2], [IN_PROGRESS, PENDING, PENDING, GRANTED], [3, 1, 0])
    episodes.step(np.array([0, 0]))
    check([3, 1, 2, 0], [IN_PROGRESS, PENDING, GRANTED, DENIED], [2, 1, 1])
    _, finished = episodes.step(np.array([1, 0]))
    assert finished.tolist() == [True, False]
    check([1, 2, 0, 3], [DENIED, GRANTED, DENIED, GRANTED], [0, 2, 2])
    reward, _ = episodes.step(np.array([1, 0]))
    assert reward[0] == 0.0
    check([1, 2, 0, 3], [DENIED, GRANTED, DENIED, GRANTED], [0, 2, 2])
    assert episodes.granted()[0].tolist() == [False, False, True, True, False, False]


def test_an_episode_ends_when_nobody_is_pending_or_the_batch_is_full() -> None:
    cases = cases_of(snapshots())
    count, most = cases.snapshots.user_count, cases.snapshots.max_batch
    for decisions, steps in (
        (np.zeros, np.where(most > 0, count, 0)),
        (np.ones, np.minimum(count, most)),
    ):
        episodes = Episodes(cases)
        run(episodes, decisions((cases.width, cases.size)))
        assert episodes.finished.all()
        np.testing.assert_array_equal(episodes.steps, steps)
        assert (episodes.observe().globe[:, 3] == 0).all()
        assert not np.isin(episodes.observe().indicator, (PENDING, IN_PROGRESS)).any()


@given(st.integers(0, 2**32 - 1), st.integers(1, 30), st.sampled_from(["arrival", "gain"]))
@settings(max_examples=25, deadline=None)
def test_padding_changes_no_reward_and_no_state_of_real_users(seed: int, more: int, order: Order) -> None:
    cases = draw_cases(MIXED, 8, np.random.default_rng(seed))
    users, width = cases.snapshots.users, cases.width
    draw = np.random.default_rng(seed)

    def widened(array: np.ndarray) -> np.ndarray:
        wide = draw.uniform(-9.0, 9.0, (cases.size, width + more))  # what stands in padding is never read
        real = np.arange(width) < cases.snapshots.user_count[:, None]
        wide[:, :width][real] = array[real]
        return wide

    wide = Cases(
        cases.snapshots._replace(users=type(users)(*map(widened, users))),
        widened(cases.wait),
    )
    actions = random_actions(wide, seed)
    for reward in REWARDS:
        narrow_run, wide_run = Episodes(cases, order, reward), Episodes(wide, order, reward)
        for action in actions:
            narrow, padded = narrow_run.observe(), wide_run.observe()
            np.testing.assert_array_equal(narrow.local, padded.local[:, :width])
            np.testing.assert_array_equal(narrow.indicator, padded.indicator[:, :width])
            np.testing.assert_array_equal(narrow.globe, padded.globe)
            assert (padded.indicator[:, width:] == DENIED).all()
            assert (padded.local[:, width:] == 0.0).all()
            np.testing.assert_array_equal(narrow_run.step(action)[0], wide_run.step(action)[0])
        np.testing.assert_array_equal(narrow_run.rewards(), wide_run.rewards()[:, :width])
        np.testing.assert_array_equal(narrow_run.granted(), wide_run.granted()[:, :width])
        assert not wide_run.granted()[:, width:].any()


def test_the_order_by_gain_is_that_of_the_gain_in_half_the_users() -> None:
    scenarios = snapshots()
    order = handling_order(cases_of(scenarios), "gain")
    for row, data in enumerate(scenarios):
        expected = np.argsort(-gains(data, data.users / 2.0), kind="stable")
        np.testing.assert_array_equal(order[row, : data.users], expected)
        np.testing.assert_array_equal(order[row, data.users :], np.arange(data.users, order.shape[1]))


@pytest.mark.parametrize("reward", REWARDS)
def test_an_episode_does_not_depend_on_the_others(reward: Reward) -> None:
    cases = draw_cases(MIXED, 30, generator(0, "training"))
    actions = random_actions(cases, 3)
    together = Episodes(cases, "gain", reward)
    returned = run(together, actions)
    for row in range(cases.size):
        alone = Episodes(rows_of(cases, np.array([row])), "gain", reward)
        assert run(alone, actions[:, [row]])[0] == returned[row]
        np.testing.assert_array_equal(alone.rewards()[0], together.rewards()[row])


def test_gain_of_a_set_is_the_sum_of_its_members_gains() -> None:
    scenarios = snapshots()
    cases = cases_of(scenarios)
    chosen = np.random.default_rng(0).random(cases.wait.shape) < 0.5
    chosen &= np.arange(cases.width) < cases.snapshots.user_count[:, None]
    values = set_gains(cases, chosen)
    for row, data in enumerate(scenarios):
        mine = chosen[row, : data.users]
        assert values[row] == pytest.approx(gains(data, float(mine.sum()))[mine].sum(), abs=1e-12)


@pytest.mark.parametrize("reward", ["published", "at-the-end"])
def test_rewards_of_a_running_episode_that_wait_for_its_end_are_refused(reward: Reward) -> None:
    episodes = Episodes(cases_of([split_offloading(1), split_offloading(5)]), reward=reward)
    episodes.step(np.zeros(2))
    with pytest.raises(ValueError, match="known once an episode has ended, and episode 1 runs"):
        episodes.rewards()
