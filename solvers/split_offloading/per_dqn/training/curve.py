"""The learning curve (paper B, Fig. 8): returns of the training's episodes, and gaps on cases beside them."""

from __future__ import annotations

from collections import deque
from typing import NamedTuple

import numpy as np

from formulations.fields import FloatArray
from instances.storage.layouts import rows_of
from solvers.split_offloading.per_dqn.decision_process.cases import Cases
from solvers.split_offloading.per_dqn.decision_process.draw_cases import generator
from solvers.split_offloading.per_dqn.decision_process.rewards import set_gains
from solvers.split_offloading.per_dqn.network.configuration import Configuration
from solvers.split_offloading.per_dqn.network.policy import Policy
from solvers.split_offloading.per_dqn.training.optimum import optimal_gains
from solvers.split_offloading.per_dqn.training.scope import Scope

WINDOW = 1000
"""Episodes of the moving average, as in Fig. 8."""

VALIDATION_CASES = 256
VALIDATION_SEED = 2_000_000

SOLVED = 1e-9
"""Gap, as a share of the case's optimal gain or of 1 s where that is more, up to which a case counts as solved."""


class Quality(NamedTuple):
    """How good decisions are on cases whose optimum is known.

    Attributes
    ----------
    gap_per_user : float
        Mean over the cases of (optimum - objective) / users [s].
    gap_per_user_95 : float
        95th percentile of the same [s].
    captured_share : float
        Sum of the gains over all-local, as a share of the optimal gains.
    solved_share : float
        Share of the cases that are solved to optimality.
    """

    gap_per_user: float
    gap_per_user_95: float
    captured_share: float
    solved_share: float


class Row(NamedTuple):
    """One row of the curve."""

    step: int
    episodes: int
    seconds: float
    mean_return: float
    """Objective of the last :data:`WINDOW` episodes of the training, with their exploration [s]."""
    loss: float
    gap_per_user: float
    gap_per_user_95: float
    captured_share: float
    solved_share: float


ROWS = rows_of(Row)
"""Layout of the file of the curve."""


class Curve:
    """The curve of one training."""

    def __init__(self, scope: Scope, configuration: Configuration) -> None:
        size = VALIDATION_CASES if scope.distribution is not None else 1
        self._cases = scope.draw(size, generator(VALIDATION_SEED, "training"))
        self._optimal = optimal_gains(self._cases)
        self.rows: list[Row] = []
        self.returns: deque[float] = deque(maxlen=WINDOW)
        self.losses: deque[float] = deque(maxlen=WINDOW)

    def played(self, objectives: FloatArray) -> None:
        """Episodes that the training has played."""
        self.returns.extend(objectives.tolist())

    def learned(self, loss: float) -> None:
        """The loss of a gradient step."""
        self.losses.append(loss)

    def measure(self, step: int, episodes: int, seconds: float, policy: Policy) -> Row:
        """Append a row with the quality of the policy on the validation cases."""
        quality = quality_of(self._cases, self._optimal, set_gains(self._cases, policy.decide(self._cases)))
        mean_return, loss = (float(np.mean(kept)) if kept else np.nan for kept in (self.returns, self.losses))
        row = Row(step, episodes, round(seconds, 3), mean_return, loss, *quality)
        self.rows.append(row)
        return row


def quality_of(cases: Cases, optimal: FloatArray, gain: FloatArray) -> Quality:
    """Quality of decisions from their gains over all-local and the optimal ones [s], shape (S,) each."""
    lost = optimal - gain
    lost = np.where(lost <= SOLVED * np.maximum(optimal, 1.0), 0.0, lost)  # what is left of it is rounding
    per_user = lost / np.maximum(cases.user_count, 1)
    total = float(optimal.sum())
    return Quality(
        gap_per_user=float(per_user.mean()),
        gap_per_user_95=float(np.quantile(per_user, 0.95)),
        captured_share=float(gain.sum()) / total if total > 0.0 else 1.0,
        solved_share=float((lost == 0.0).mean()),
    )
