"""The gymnasium environment against gymnasium's own checker and the vectorised process."""

from __future__ import annotations

import subprocess
import sys
from typing import get_args

import gymnasium
import numpy as np
import pytest
from builders import split_offloading
from gymnasium.utils.env_checker import check_env

from solvers.split_offloading.per_dqn.decision_process.cases import Order, cases_of, rows_of
from solvers.split_offloading.per_dqn.decision_process.draw_cases import MIXED, draw_cases, generator
from solvers.split_offloading.per_dqn.decision_process.environment import NAME
from solvers.split_offloading.per_dqn.decision_process.mdp import Episodes
from solvers.split_offloading.per_dqn.decision_process.rewards import Reward

ALL_REWARDS = pytest.mark.parametrize("reward", get_args(Reward))


@pytest.mark.filterwarnings("ignore:.*A Box observation space (min|max)imum value is -?infinity")
@pytest.mark.parametrize("order", ["arrival", "gain"])
@ALL_REWARDS
def test_passes_gymnasiums_own_check(order: Order, reward: Reward) -> None:
    check_env(gymnasium.make(NAME, order=order, reward=reward).unwrapped)


@pytest.mark.parametrize("order", ["arrival", "gain"])
@ALL_REWARDS
def test_vectorised_episodes_take_the_same_course(order: Order, reward: Reward) -> None:
    cases = draw_cases(MIXED, 25, generator(5, "training"))
    turn = iter(range(cases.size))
    environment = gymnasium.make(
        NAME, draw=lambda _: rows_of(cases, np.array([next(turn)])), order=order, reward=reward
    )
    together = Episodes(cases, order, reward)
    actions = np.random.default_rng(0).integers(0, 2, (cases.width, cases.size))
    episode = []
    for action in actions:
        before = together.observe()
        episode.append((before, *together.step(action), together.observe()))
    for row in range(cases.size):
        seen, info = environment.reset()
        users = int(cases.snapshots.user_count[row])
        assert info["users"] == users
        returned = []
        for step, (before, reward_now, finished, after) in enumerate(episode):
            for name in seen:
                np.testing.assert_array_equal(seen[name], getattr(before, name)[row])
            assert info["action_mask"].tolist() == [1, 1]
            seen, value, ended, truncated, info = environment.step(actions[step, row])
            returned.append(value)
            assert (value, ended, truncated) == (reward_now[row], finished[row], False)
            for name in seen:
                np.testing.assert_array_equal(seen[name], getattr(after, name)[row])
            if ended:
                break
            assert "rewards" not in info
        assert ended
        assert info["action_mask"].tolist() == [0, 0]
        assert info["steps"] == step + 1
        np.testing.assert_array_equal(info["rewards"], together.rewards()[row])
        np.testing.assert_array_equal(info["granted"], together.granted()[row])
        assert not info["rewards"][step + 1 :].any()
        assert not info["granted"][users:].any()
        assert info["objective"] == together.objective()[row]
        assert sum(returned) == pytest.approx(info["rewards"].sum(), rel=1e-12, abs=1e-11)
        if reward != "incremental":
            assert returned[:-1] == [0.0] * step
            assert returned[-1] == info["objective"]


@pytest.mark.parametrize("mode", ["sync", "async"])
@ALL_REWARDS
def test_vectorised_by_gymnasium_itself_over_many_episodes(mode: str, reward: Reward) -> None:
    together = gymnasium.make_vec(NAME, num_envs=3, vectorization_mode=mode, order="gain", reward=reward)
    try:
        together.action_space.seed(0)
        together.reset(seed=7)
        ended = 0
        for _ in range(60):
            _, _, finished, _, info = together.step(together.action_space.sample())
            ended += int(finished.sum())
            if finished.any():
                assert info["granted"].shape == info["rewards"].shape == (3, 20)
                users = info["users"][finished]
                assert all(
                    not row[count:].any() for row, count in zip(info["granted"][finished], users, strict=True)
                )
        assert ended > 5
    finally:
        together.close()


def test_the_name_with_its_module_needs_no_import() -> None:
    module = "solvers.split_offloading.per_dqn.decision_process.environment"
    program = f"import gymnasium; print(gymnasium.make('{module}:{NAME}').reset(seed=0)[1]['users'])"
    ran = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert 1 <= int(ran.stdout) <= 20


def test_equal_seeds_give_equal_snapshots() -> None:
    first, second = (gymnasium.make(NAME) for _ in range(2))
    for environment in (first, second):
        environment.action_space.seed(0)
    one, two = first.reset(seed=3)[0], second.reset(seed=3)[0]
    other = second.reset(seed=4)[0]
    assert all((one[name] == two[name]).all() for name in one)
    assert not all((one[name] == other[name]).all() for name in one)


def test_nobody_can_be_granted_where_the_edge_takes_no_batch() -> None:
    data = split_offloading(3, max_batch=0)
    environment = gymnasium.make(NAME, draw=lambda _: cases_of([data]), width=3)
    _, info = environment.reset()
    assert info["action_mask"].tolist() == [1, 0]
    _, value, ended, _, info = environment.step(0)
    assert ended
    assert value == info["objective"]
    assert not info["granted"].any()


def test_misuse_is_refused_in_a_sentence() -> None:
    environment = gymnasium.make(NAME).unwrapped
    with pytest.raises(gymnasium.error.ResetNeeded, match="expected reset"):
        environment.step(0)
    environment.reset(seed=0)
    with pytest.raises(ValueError, match=r"action: expected 0 \(deny\) or 1 \(grant\), got 2"):
        environment.step(2)
    wide = gymnasium.make(NAME, width=7).unwrapped
    with pytest.raises(ValueError, match="draw: expected one case of width 7, got 1 of width 20"):
        wide.reset(seed=0)
    with pytest.raises(ValueError, match="order: expected one of arrival, gain, quarter-gain, got 'gains'"):
        gymnasium.make(NAME, order="gains")
    with pytest.raises(
        ValueError, match="reward: expected one of published, at-the-end, incremental, got 'markov'"
    ):
        gymnasium.make(NAME, reward="markov")


def test_nothing_but_the_environment_needs_gymnasium() -> None:

    program = (
        "import sys; from solvers.split_offloading.per_dqn.decision_process import draw_cases, mdp; "
        "from solvers.split_offloading.per_dqn.replay import memory; print(*sys.modules)"
    )
    loaded = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout
    assert not {"gymnasium", "torch"} & set(loaded.split())
