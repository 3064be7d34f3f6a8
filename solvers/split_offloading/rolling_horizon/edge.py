"""The edge server as a process in time: batches one after another, each shrinking as its users leave it."""

from __future__ import annotations

from collections.abc import Callable, Generator
from typing import Any

import numpy as np
import simpy

from formulations.fields import FloatArray
from formulations.split_offloading.latency import transmission_seconds
from formulations.split_offloading.parameters import SplitOffloading

Events = Generator[simpy.Event, Any, None]


class Edge:
    """GPUs that run one batch at a time, or as many as there are where ``alone`` is false.

    Attributes
    ----------
    busy_seconds : float
        Time during which some batch was running [s].
    """

    def __init__(self, clock: simpy.Environment, gpus_at: Callable[[float], int], *, alone: bool) -> None:
        self._clock = clock
        self._gpus_at = gpus_at
        self._server = simpy.Resource(clock, capacity=1) if alone else None
        self._running = 0
        self._since = 0.0
        self.busy_seconds = 0.0

    @property
    def busy(self) -> bool:
        """Whether a batch runs or waits for its turn."""
        return self._running > 0

    def run(
        self, data: SplitOffloading, granted: FloatArray, split: FloatArray, done: Callable[..., None]
    ) -> Events:
        """Run the granted users' steps; ``done(user, started, finished)`` is called when each has its latent back.

        Prompt and latent share the bandwidth among all granted users of the interval, as in paper B (7) and (8);
        the prompt's part is sent before the first step and the latent's part after the user's last one.
        """
        self._enter()
        users = np.flatnonzero(granted > 0.5)
        offloaded = np.round(data.total_steps - split[users]).astype(np.int64)
        sending = transmission_seconds(data, float(users.size))[users]
        prompt = sending * _prompt_share(data)[users]
        request = self._server.request() if self._server is not None else None
        if request is not None:
            yield request
        yield self._clock.timeout(float(prompt.max()))
        started, step = self._clock.now, 0
        for until in np.unique(offloaded):
            batch = int(np.count_nonzero(offloaded >= until))
            while step < until:
                yield self._clock.timeout(self._step_seconds(data, batch))
                step += 1
            for place in np.flatnonzero(offloaded == until):
                done(int(users[place]), started, self._clock.now + float(sending[place] - prompt[place]))
        if request is not None and self._server is not None:
            self._server.release(request)
        self._leave()

    def _step_seconds(self, data: SplitOffloading, batch: int) -> float:
        """L_e(b, G) = k_e b / G + h_e with the users still in the batch and the GPUs of this moment [s]."""
        per_item = data.edge_seconds_per_step_per_item / self._gpus_at(self._clock.now)
        return per_item * batch + data.edge_seconds_per_step_base

    def _enter(self) -> None:
        if self._running == 0:
            self._since = self._clock.now
        self._running += 1

    def _leave(self) -> None:
        self._running -= 1
        if self._running == 0:
            self.busy_seconds += self._clock.now - self._since


def _prompt_share(data: SplitOffloading) -> FloatArray:
    """Share of a user's transmission that is its prompt [-]; 0 where it sends nothing."""
    both = data.prompt_bits + data.latent_bits
    return np.divide(data.prompt_bits, both, out=np.zeros(data.users), where=both > 0.0)
