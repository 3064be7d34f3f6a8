"""The memory keeps transitions as they happened, and draws them as often as it should."""

from __future__ import annotations

from typing import get_args

import numpy as np
import pytest

from solvers.split_offloading.per_dqn.decision_process.case_table import CaseTable
from solvers.split_offloading.per_dqn.decision_process.cases import arrays_of
from solvers.split_offloading.per_dqn.decision_process.draw_cases import MIXED, draw_cases, generator
from solvers.split_offloading.per_dqn.decision_process.mdp import Episodes
from solvers.split_offloading.per_dqn.decision_process.rewards import Reward
from solvers.split_offloading.per_dqn.decision_process.state import Observation
from solvers.split_offloading.per_dqn.replay.memory import Replay
from solvers.split_offloading.per_dqn.replay.priorities import Priorities, PrioritySetting

CURVE = draw_cases(MIXED, 1, generator(0, "training")).snapshots.curve


def played(size: int, seed: int, reward: Reward = "incremental") -> tuple[Episodes, list[tuple]]:
    """Random episodes, and their transitions (state, action, reward, next state, finished) in order."""
    random = generator(seed, "training")
    episodes = Episodes(draw_cases(MIXED, size, random), "gain", reward)
    seen: dict[tuple[int, int], list] = {}
    while not episodes.finished.all():
        before, steps = episodes.observe(), episodes.steps.copy()
        running = np.flatnonzero(~episodes.finished)
        actions = random.integers(0, 2, size)
        _, finished = episodes.step(actions)
        after = episodes.observe()
        for row in running:
            seen[row, steps[row]] = [one(before, row), actions[row], one(after, row), finished[row]]
    rewards = episodes.rewards()
    ordered = sorted(seen)
    return episodes, [(*seen[key][:2], np.float32(rewards[key]), *seen[key][2:]) for key in ordered]


def one(seen: Observation, row: int) -> Observation:
    return Observation(*(array[row] for array in seen))


def assert_equal(batch: Observation, row: int, expected: Observation) -> None:
    for array, value in zip(one(batch, row), expected, strict=True):
        np.testing.assert_array_equal(array, value)


@pytest.mark.parametrize("reward", get_args(Reward))
def test_transitions_come_back_as_they_happened(reward: Reward) -> None:
    replay = Replay(MIXED.users[1], CURVE, capacity=400)
    random = np.random.default_rng(0)
    happened: list[tuple] = []
    for seed in range(12):
        episodes, transitions = played(15, seed, reward)
        replay.add(episodes)
        happened += transitions
        assert len(replay) == min(len(happened), 400)
        batch = replay.draw(64, random)
        states, next_states = batch.states(), batch.next_states()
        newest = len(happened) - 1
        for row, slot in enumerate(batch.slots):
            state, action, value, next_state, finished = happened[newest - (newest - slot) % 400]
            assert_equal(states, row, state)
            assert_equal(next_states, row, next_state)
            got = (batch.action[row], batch.reward[row], batch.finished[row])
            assert got == (action, value, finished)
    assert len(happened) > 1000  # the ring went round


def test_a_memory_that_was_kept_goes_on_as_if_nothing_had_happened() -> None:
    whole = Replay(MIXED.users[1], CURVE, capacity=500)
    for seed in range(6):
        whole.add(played(20, seed)[0])
        batch = whole.draw(32, np.random.default_rng(seed))
        whole.update(batch.slots, np.random.default_rng(seed).standard_normal(32) * 7.0)
    resumed = Replay(MIXED.users[1], CURVE, capacity=500)
    resumed.restore({name: array.copy() for name, array in whole.arrays().items()})
    for seed in range(6, 12):
        batches = []
        for replay in (whole, resumed):
            random = np.random.default_rng(seed)
            replay.add(played(20, seed)[0])
            batches.append(replay.draw(64, random))
            replay.update(batches[-1].slots, random.standard_normal(64))
        for name in ("slots", "chosen", "steps", "action", "reward", "finished", "weight"):
            np.testing.assert_array_equal(getattr(batches[0], name), getattr(batches[1], name))
        for name, array in arrays_of(batches[0].cases).items():
            np.testing.assert_array_equal(array, arrays_of(batches[1].cases)[name])


def test_an_empty_memory_can_be_kept_too() -> None:
    replay = Replay(MIXED.users[1], CURVE, capacity=10)
    replay.restore(Replay(MIXED.users[1], CURVE, capacity=10).arrays())
    assert len(replay) == 0
    with pytest.raises(ValueError, match="expected transitions in the memory, got none"):
        replay.draw(4, np.random.default_rng(0))


def test_episodes_that_run_or_do_not_fit_are_refused() -> None:
    replay = Replay(MIXED.users[1], CURVE, capacity=10)
    running = Episodes(draw_cases(MIXED, 2, generator(0, "training")), reward="incremental")
    with pytest.raises(ValueError, match="expected finished episodes, got episode 0 that runs"):
        replay.add(running)
    with pytest.raises(ValueError, match="expected at most 10 transitions at once, got"):
        replay.add(played(20, 0)[0])
    with pytest.raises(ValueError, match="expected cases of width 5"):
        Replay(5, CURVE).add(played(2, 0)[0])


def test_the_table_of_cases_grows_only_with_what_is_kept() -> None:
    cases = draw_cases(MIXED, 90, generator(0, "training"))
    table = CaseTable(cases.width, cases.snapshots.curve)
    draw = np.random.default_rng(0)
    for _ in range(50):
        numbers = table.add(cases)
        table.forget_before(table.next - 200)
        again = draw.integers(max(table.first, numbers[0] - 90), table.next, 40)
        for name, array in arrays_of(table.take(again)).items():
            np.testing.assert_array_equal(array, arrays_of(cases)[name][again % 90])
    assert table.next - table.first == 200
    assert table.arrays()["wait"].shape[0] == 200
    assert table._rows <= 4 * 90


def filled(setting: PrioritySetting, errors: np.ndarray, terminal: np.ndarray) -> Priorities:
    priorities = Priorities(errors.size, setting)
    priorities.enter(np.arange(errors.size), terminal)
    priorities.update(np.arange(errors.size), errors)
    return priorities


def chi_square(priorities: Priorities, expected: np.ndarray, batches: int, size: int) -> float:
    """Chi-square over the numbers of draws, in standard deviations above its mean; not positive if it fits."""
    random = np.random.default_rng(0)
    counts = np.zeros(expected.size)
    for _ in range(batches):
        np.add.at(counts, priorities.draw(size, random)[0], 1.0)
    assert counts.sum() == batches * size
    wanted = expected * batches * size
    freedom = expected.size - 1
    return float((((counts - wanted) ** 2 / wanted).sum() - freedom) / np.sqrt(2.0 * freedom))


ERRORS = np.random.default_rng(1).normal(0.0, 5.0, 200)
TERMINAL = np.arange(200) % 9 == 0


def raw(setting: PrioritySetting) -> np.ndarray:
    return (np.abs(ERRORS) + setting.offset) ** setting.exponent


@pytest.mark.parametrize("setting", [PrioritySetting(), PrioritySetting(exponent=0.0)], ids=["paper", "uniform"])
def test_a_batch_has_16_terminal_and_112_preceding_transitions_by_priority(setting: PrioritySetting) -> None:
    priorities = filled(setting, ERRORS, TERMINAL)
    slots, _ = priorities.draw(128, np.random.default_rng(0))
    assert not TERMINAL[slots[:112]].any()
    assert TERMINAL[slots[112:]].all()
    expected = np.where(TERMINAL, raw(setting) / raw(setting)[TERMINAL].sum() / 8.0, 0.0)
    expected += np.where(TERMINAL, 0.0, raw(setting) / raw(setting)[~TERMINAL].sum() * 7.0 / 8.0)
    # Drawing from equal sections spreads a batch more evenly than chance, so chi-square only falls by it.
    assert chi_square(priorities, expected, 1500, 128) < 3.0
    # The test has something to find: another exponent does not fit.
    wrong = np.where(TERMINAL, 1.0 / TERMINAL.sum() / 8.0, 7.0 / 8.0 / (~TERMINAL).sum())
    if setting.exponent > 0.0:
        assert chi_square(priorities, wrong, 1500, 128) > 100.0


def test_without_a_share_of_their_own_terminal_transitions_are_drawn_as_all_others() -> None:
    setting = PrioritySetting(terminal_share=None)
    priorities = filled(setting, ERRORS, TERMINAL)
    assert chi_square(priorities, raw(setting) / raw(setting).sum(), 1500, 128) < 3.0


@pytest.mark.parametrize("share", [1 / 8, None])
def test_importance_weights_undo_the_priorities_within_a_kind(share: float | None) -> None:
    setting = PrioritySetting(importance=1.0, terminal_share=share)
    priorities = filled(setting, ERRORS, TERMINAL)
    slots, weight = priorities.draw(128, np.random.default_rng(0))
    probability = raw(setting) / raw(setting).sum()
    number = np.full(200, 200)
    if share is not None:
        for kind in (TERMINAL, ~TERMINAL):
            probability[kind] = raw(setting)[kind] / raw(setting)[kind].sum()
            number[kind] = kind.sum()
    expected = 1.0 / (number * probability)[slots]
    np.testing.assert_allclose(weight, expected / expected.max(), rtol=1e-12)
    mild = filled(PrioritySetting(terminal_share=share), ERRORS, TERMINAL)
    np.testing.assert_allclose(mild.draw(128, np.random.default_rng(0))[1], weight**0.3, rtol=1e-12)


def test_new_transitions_get_the_largest_priority_so_far_and_replace_old_ones() -> None:
    priorities = filled(PrioritySetting(), ERRORS, TERMINAL)
    priorities.enter(np.array([3, 9]), np.array([True, False]))  # 3 was preceding, 9 terminal
    random = np.random.default_rng(0)
    slots = np.concatenate([priorities.draw(128, random)[0].reshape(8, 16) for _ in range(50)])
    assert (slots[-1:] >= 0).all()
    kinds = TERMINAL.copy()
    kinds[[3, 9]] = True, False
    assert priorities._counts.tolist() == [int((~kinds).sum()), int(kinds.sum()), 0]
    largest = np.abs(ERRORS).max() + 0.1
    tree = priorities.arrays()["priority"]
    np.testing.assert_allclose(tree[[3, 9]], largest**0.7, rtol=1e-12)


@pytest.mark.parametrize("terminal", [True, False])
def test_a_memory_of_one_kind_alone_gives_whole_batches(terminal: bool) -> None:
    priorities = Priorities(10, PrioritySetting())
    priorities.enter(np.arange(4), np.full(4, terminal))
    slots, weight = priorities.draw(128, np.random.default_rng(0))
    assert slots.size == 128
    assert set(slots.tolist()) == {0, 1, 2, 3}
    assert (weight == 1.0).all()
