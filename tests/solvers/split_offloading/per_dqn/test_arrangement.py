"""Users arranged by their gain for the network that flattens the state: who stands where."""

from __future__ import annotations

import numpy as np
import pytest
from builders import split_offloading

from solvers.split_offloading.per_dqn.decision_process.cases import cases_of, in_order
from solvers.split_offloading.per_dqn.decision_process.draw_cases import MIXED, draw_cases, generator
from solvers.split_offloading.per_dqn.decision_process.mdp import Episodes
from solvers.split_offloading.per_dqn.decision_process.state import DENIED, GRANTED, IN_PROGRESS, PENDING, State
from solvers.split_offloading.per_dqn.network.configuration import CONFIGURATIONS, PAPER, TUNED
from solvers.split_offloading.per_dqn.network.features import LIKELY, inputs_of, scales_of

BY_GAIN = CONFIGURATIONS["tuned-mlp"]
CYCLIC = BY_GAIN.replaced(arrangement="cyclic")


def random_states(steps: int) -> State:
    random = generator(steps, "evaluation")
    episodes = Episodes(draw_cases(MIXED, 60, random), "arrival", "incremental")
    for _ in range(steps):
        episodes.step(random.random(60) < 0.4)
    return State(episodes.cases, episodes.chosen, episodes.steps, episodes.finished)


@pytest.mark.parametrize("steps", [0, 3, 9])
def test_everybody_has_a_place_by_group_and_gain(steps: int) -> None:
    state = random_states(steps)
    scale = scales_of(BY_GAIN, state.cases)
    arranged, plain = inputs_of(BY_GAIN, state, scale), inputs_of(CYCLIC, state, scale)
    np.testing.assert_array_equal(arranged.globe, plain.globe)
    for row in range(60):
        users, indicator = plain.users[row].tolist(), plain.indicator[row].tolist()
        by_group = {
            group: sorted(  # equal gains stay in their order
                (user for user, found in zip(users, indicator, strict=True) if found == group),
                key=lambda user, sign=1.0 if group == GRANTED else -1.0: sign * user[LIKELY],
            )
            for group in (IN_PROGRESS, PENDING, DENIED, GRANTED)
        }
        assert len(by_group[IN_PROGRESS]) == (not state.finished[row])
        expected = [user for group in by_group.values() for user in group]
        np.testing.assert_array_equal(arranged.users[row], np.array(expected, dtype=np.float32))
        groups = np.repeat([IN_PROGRESS, PENDING, DENIED, GRANTED], [len(users) for users in by_group.values()])
        np.testing.assert_array_equal(arranged.indicator[row], groups)


def test_who_asked_first_of_those_pending_makes_no_difference() -> None:
    cases = cases_of([split_offloading(9, 3)])
    other = in_order(cases, np.array([[2, 1, 0, 3, 4, 7, 6, 5, 8]]))
    chosen = np.array([[True, False, True, False, False, False, False, False, False]])

    def inputs(case: object, configuration: object) -> np.ndarray:
        state = State(case, chosen, np.array([4]), np.array([False]))
        return inputs_of(configuration, state, np.array([3.0])).users

    np.testing.assert_array_equal(inputs(cases, BY_GAIN), inputs(other, BY_GAIN))
    assert (inputs(cases, CYCLIC) != inputs(other, CYCLIC)).any()


@pytest.mark.parametrize("steps", [0, 3, 9])
@pytest.mark.parametrize("features", ["raw", "gains"])
def test_without_cyclic_shifting_everybody_stays_in_one_place(steps: int, features: str) -> None:
    cyclic, fixed = (PAPER.replaced(features=features, arrangement=name) for name in ("cyclic", "fixed"))
    state = random_states(steps)
    ones = np.ones(state.steps.size)
    found, shifted = inputs_of(fixed, state, ones), inputs_of(cyclic, state, ones)
    np.testing.assert_array_equal(found.globe, shifted.globe)
    for row, (done, count) in enumerate(zip(state.steps, state.cases.snapshots.user_count, strict=True)):
        for inputs, expected in ((found.users, shifted.users), (found.indicator, shifted.indicator)):
            np.testing.assert_array_equal(inputs[row, :count], np.roll(expected[row, :count], done, axis=0))
            np.testing.assert_array_equal(inputs[row, count:], expected[row, count:])
        in_progress = np.flatnonzero(found.indicator[row] == IN_PROGRESS)
        assert in_progress.tolist() == ([] if state.finished[row] else [done])


def test_no_arrangement_by_gain_without_gains() -> None:
    with pytest.raises(ValueError, match="expected the features gains with arrangement by-gain"):
        PAPER.replaced(arrangement="by-gain")
    assert TUNED.replaced(arrangement="by-gain").arrangement == "by-gain"
