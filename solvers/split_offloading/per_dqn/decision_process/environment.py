"""The decision process as a gymnasium environment, ``diffload/SplitOffloading-v0``.

The name with this module before it needs no import of ours; gymnasium from version 1.0 on reads no entry points.

>>> import gymnasium
>>> name = "solvers.split_offloading.per_dqn.decision_process.environment:diffload/SplitOffloading-v0"
>>> environment = gymnasium.make(name, order="gain")
>>> seen, info = environment.reset(seed=0)
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, SupportsFloat, get_args

import gymnasium
import numpy as np
from gymnasium import spaces

from solvers.split_offloading.per_dqn.decision_process.cases import Cases, Order
from solvers.split_offloading.per_dqn.decision_process.draw_cases import MIXED, draw_cases
from solvers.split_offloading.per_dqn.decision_process.mdp import DENY, GRANT, Episodes
from solvers.split_offloading.per_dqn.decision_process.rewards import Reward
from solvers.split_offloading.per_dqn.decision_process.state import DENIED, GLOBE_FEATURES, LOCAL_FEATURES

NAME = "diffload/SplitOffloading-v0"
"""Under which the environment is registered."""

Draw = Callable[[np.random.Generator], Cases]
"""Draws the snapshot of an episode, as the only one of its cases."""

Seen = dict[str, Any]


def draw_mixed(random: np.random.Generator) -> Cases:
    """One snapshot of :data:`~solvers.split_offloading.per_dqn.decision_process.draw_cases.MIXED`."""
    return draw_cases(MIXED, 1, random)


class SplitOffloadingEnv(gymnasium.Env[Seen, np.int64]):
    """One snapshot an episode, one request a step: action 1 grants it, 0 denies it.

    An observation is one row of :class:`~solvers.split_offloading.per_dqn.decision_process.state.Observation`:
    ``local`` (I, 3), ``indicator`` (I,), ``globe`` (6,). ``info`` holds

    - ``action_mask``, int8 of shape (2,): which actions are allowed. A request may be granted and denied as long
      as the episode runs; with B_max = 0 there is one step, which can only deny everybody.
    - ``users``: I of the snapshot, of which the other places are padding.
    - once the episode has ended, ``steps``; ``rewards``, float64 of shape (width,): the reward of every step, (21)
      filled back or the incremental one, 0 after the last; ``granted``, bool of shape (width,): x_i in the order
      of the snapshot, False beyond its users; ``objective`` [s].

    Every array of ``info`` has the same shape in every episode, as ``gymnasium.make_vec`` asks for.

    Parameters
    ----------
    draw : callable
        Makes the snapshot of an episode from the environment's seeded random numbers, with ``width`` places.
    width : int
        Places of an observation.
    order : {"arrival", "gain", "quarter-gain"}
        Who is handled first.
    reward : {"published", "at-the-end", "incremental"}
        What ``step`` returns: the incremental reward at once; with the others, of which nothing is known before, 0
        until the end and then the objective, the sum of ``rewards``.

    Raises
    ------
    ValueError
        If there is no such order or reward.
    """

    metadata: dict[str, Any] = {"render_modes": []}  # noqa: RUF012 - gymnasium's own declaration

    def __init__(
        self,
        draw: Draw = draw_mixed,
        width: int = MIXED.users[1],
        order: Order = "arrival",
        reward: Reward = "published",
    ) -> None:
        for name, value, known in (("order", order, get_args(Order)), ("reward", reward, get_args(Reward))):
            if value not in known:
                raise ValueError(f"{name}: expected one of {', '.join(known)}, got {value!r}")
        self._draw = draw
        self._width = width
        self._order: Order = order
        self._reward: Reward = reward
        self._episode: Episodes | None = None
        self.observation_space = spaces.Dict(
            {
                "local": spaces.Box(-np.inf, np.inf, (width, LOCAL_FEATURES), np.float32),
                "indicator": spaces.Box(0, DENIED, (width,), np.int8),
                "globe": spaces.Box(-np.inf, np.inf, (GLOBE_FEATURES,), np.float32),
            }
        )
        self.action_space = spaces.Discrete(2)

    def reset(
        self, *, seed: int | None = None, options: dict[str, Any] | None = None
    ) -> tuple[Seen, dict[str, Any]]:
        """Start an episode on a new snapshot.

        Raises
        ------
        ValueError
            If more or less than one case is drawn, or one of another width.
        """
        super().reset(seed=seed)
        cases = self._draw(self.np_random)
        if (cases.size, cases.width) != (1, self._width):
            expected = f"one case of width {self._width}"
            raise ValueError(f"draw: expected {expected}, got {cases.size} of width {cases.width}")
        self._episode = Episodes(cases, self._order, self._reward)
        return self._seen(self._episode), self._info(self._episode, ended=False)

    def step(self, action: np.int64 | int) -> tuple[Seen, SupportsFloat, bool, bool, dict[str, Any]]:
        """Grant (1) or deny (0) the request in progress.

        Raises
        ------
        gymnasium.error.ResetNeeded
            If no episode runs.
        ValueError
            If the action is neither 0 nor 1.
        """
        episode = self._episode
        if episode is None:
            raise gymnasium.error.ResetNeeded("expected reset() before the first step and after the last one")
        if not self.action_space.contains(action):
            raise ValueError(f"action: expected {DENY} (deny) or {GRANT} (grant), got {action}")
        closed = bool(episode.finished[0])  # B_max = 0
        reward, finished = episode.step(np.array([action]))
        value = float(reward[0])
        if closed and self._reward != "incremental":
            value = float(episode.objective()[0])
        if finished[0]:
            self._episode = None
        return self._seen(episode), value, bool(finished[0]), False, self._info(episode, ended=bool(finished[0]))

    def _seen(self, episode: Episodes) -> Seen:
        row = episode.observe()
        return {"local": row.local[0], "indicator": row.indicator[0], "globe": row.globe[0]}

    def _info(self, episode: Episodes, *, ended: bool) -> dict[str, Any]:
        users = int(episode.cases.snapshots.user_count[0])
        info = {
            "action_mask": np.array([not ended, not episode.finished[0]], dtype=np.int8),
            "users": users,
        }
        if ended:
            info["steps"] = int(episode.steps[0])
            info["rewards"] = episode.rewards()[0]
            info["granted"] = episode.granted()[0]
            info["objective"] = float(episode.objective()[0])
        return info


gymnasium.register(id=NAME, entry_point=f"{__name__}:SplitOffloadingEnv")
