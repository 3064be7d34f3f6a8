"""Trains the network: loss (23) of one batch of transitions, one step of Adam, and the target network.

The target network is that of DQN [1]_, the choice of the action by the current network that of double DQN [2]_,
and the optimiser is Adam [3]_.

References
----------
.. [1] V. Mnih et al., "Human-level control through deep reinforcement learning", Nature 518 (2015), 529-533.
.. [2] H. van Hasselt, A. Guez, D. Silver, "Deep reinforcement learning with double Q-learning", AAAI 2016.
.. [3] D. P. Kingma, J. Ba, "Adam: A method for stochastic optimization", ICLR 2015.
"""

from __future__ import annotations

import copy
import math
from typing import NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from formulations.fields import FloatArray
from solvers.split_offloading.per_dqn.decision_process.state import State
from solvers.split_offloading.per_dqn.network.configuration import Configuration
from solvers.split_offloading.per_dqn.network.features import (
    Inputs,
    inputs_of,
    lookahead_rewards,
    scales_of,
)
from solvers.split_offloading.per_dqn.network.inference import Weights
from solvers.split_offloading.per_dqn.network.layers import build, tensors
from solvers.split_offloading.per_dqn.replay.memory import Transitions, after
from solvers.split_offloading.per_dqn.training.flat_gradient import Pass

LAST_LEARNING_RATE = 1e-3
"""At the end of the cosine schedule, as a share of the first one."""


class Learned(NamedTuple):
    """What a gradient step found: the loss, and the temporal-difference error of each transition."""

    loss: float
    error: FloatArray


class Read(NamedTuple):
    """What is read of n states: inputs of the network, which servers have room, rewards known, shape (n m, 2)."""

    inputs: tuple[Tensor, Tensor, Tensor]
    can: Tensor
    known: Tensor | None


class Learner:
    """Current network, target network and optimiser.

    Parameters
    ----------
    configuration : Configuration
        How to learn.
    seed : int
        Of the first weights.
    device : str
        Where torch computes: ``cpu``, ``cuda``, ...
    """

    def __init__(self, configuration: Configuration, seed: int, device: str = "cpu") -> None:
        self.configuration = configuration
        self.device = torch.device(device)
        self.current = build(configuration, seed).to(self.device)
        self.target = copy.deepcopy(self.current).requires_grad_(False)
        # Fused: one pass over all weights in place of a dozen operations for each array.
        self.optimizer = torch.optim.Adam(self.current.parameters(), lr=configuration.learning_rate, fused=True)
        self.steps = 0
        self.written_out = (
            configuration.architecture == "mlp" and not configuration.both_actions and not configuration.lookahead
        )
        """Whether gradients are those of :mod:`.flat_gradient`."""

    def network(self, inputs: Inputs) -> NDArray[np.float32]:
        """Q of deny and grant by the current network, shape (S, 2)."""
        with torch.no_grad():
            q: NDArray[np.float32] = self.current(*tensors(inputs, self.device)).cpu().numpy()
        return q

    def learn(self, transitions: Transitions, done: float) -> Learned:
        """Take one gradient step.

        Parameters
        ----------
        transitions : Transitions
            A batch of the memory.
        done : float
            Share of the training that is done, for the schedule of the learning rate.
        """
        configuration = self.configuration
        for group in self.optimizer.param_groups:
            group["lr"] = learning_rate(configuration, done)
        scale = scales_of(configuration, transitions.cases)
        loss, error = (self._flat_loss if self.written_out else self._loss)(transitions, scale)
        self.optimizer.step()
        self.steps += 1
        if self.steps % configuration.target_every == 0:
            self.target.load_state_dict(self.current.state_dict())
        return Learned(loss.item(), error.detach().cpu().numpy().astype(np.float64))

    def _loss(self, transitions: Transitions, scale: FloatArray) -> tuple[Tensor, Tensor]:
        """Loss and errors of a batch; the gradient is left with the weights."""
        configuration = self.configuration
        q = self.q_of(self.current, self.read(transitions.state(), scale))
        taken = torch.from_numpy(transitions.action).to(self.device)[:, None]
        if configuration.both_actions:
            with torch.no_grad():
                targets = self.targets_of_all(transitions, scale)
            errors = torch.where(q.isfinite(), q - targets, 0.0)
            error = errors.gather(1, taken)[:, 0]
            beyond = torch.where(q[:, 1:].isfinite(), errors[:, 1:] - errors[:, :1], 0.0)
            each = self.penalty(errors[:, 0]) + self.penalty(beyond).sum(dim=1)
        else:
            with torch.no_grad():
                targets = self.targets(transitions, scale)
            error = q.gather(1, taken)[:, 0] - targets
            each = self.penalty(error)
        loss = (self._float(transitions.weight) * each).mean()
        self.optimizer.zero_grad()
        loss.backward()
        return loss, error

    @torch.no_grad()  # type: ignore[untyped-decorator]
    def _flat_loss(self, transitions: Transitions, scale: FloatArray) -> tuple[Tensor, Tensor]:
        """The same of the paper's network where only the action taken is taught, without torch's own gradient."""
        read = self.read(transitions.state(), scale)
        forward = Pass(self.current, *read.inputs)
        q = of_actions(forward.q, read.can)
        taken = torch.from_numpy(transitions.action).to(self.device)[:, None]
        error = q.gather(1, taken)[:, 0] - self.targets(transitions, scale)
        weight = self._float(transitions.weight)
        slope = error.clamp(-1.0, 1.0) if self.configuration.loss == "huber" else 2.0 * error
        by_q = torch.zeros_like(q).scatter_(1, taken, (weight * slope / len(error))[:, None])
        forward.backward(by_servers(by_q, read.can))
        return (weight * self.penalty(error)).mean(), error

    def targets(self, transitions: Transitions, scale: FloatArray) -> Tensor:
        """y_t = r_t + max_a Q(s_(t+1), a; theta_t), gamma = 1, shape (n,); r_t alone at the end of an episode.

        With ``double`` the current network chooses a, as in double DQN.
        """
        following = after(transitions.state(), transitions.action)
        return self._float(transitions.reward / scale) + self.values(following, scale)

    def targets_of_all(self, transitions: Transitions, scale: FloatArray) -> Tensor:
        """y_t of every action, whichever of them was taken, shape (n, 1 + m); of no use where a server is full."""
        state = transitions.state()
        known = self._float(state.cases.by_server(lookahead_rewards(state, scale)))
        values = [
            self.values(after(state, np.full_like(transitions.action, action)), scale)
            for action in range(1 + state.cases.servers)
        ]
        return torch.stack([values[0], *(known[:, j] + value for j, value in enumerate(values[1:]))], dim=1)

    def penalty(self, error: Tensor) -> Tensor:
        """Squared error of (23), or Huber's, of each transition."""
        if self.configuration.loss == "huber":
            return nn.functional.huber_loss(error, torch.zeros_like(error), reduction="none")
        return error.square()

    def values(self, state: State, scale: FloatArray) -> Tensor:
        """max_a Q(s, a; theta_t), 0 at the end of an episode, shape (n,)."""
        read = self.read(state, scale)
        q = self.q_of(self.target, read)
        chooser = self.q_of(self.current, read) if self.configuration.double else q
        best = q.gather(1, chooser.argmax(dim=1, keepdim=True))[:, 0]
        return self._float(~state.finished) * best

    def read(self, state: State, scale: FloatArray) -> Read:
        """What a network reads of states, and what else Q needs."""
        inputs = tensors(inputs_of(self.configuration, state, scale), self.device)
        can = torch.from_numpy(state.open()).to(self.device)
        if not self.configuration.lookahead:
            return Read(inputs, can, None)
        granting = self._float(lookahead_rewards(state, scale))
        return Read(inputs, can, torch.stack([torch.zeros_like(granting), granting], dim=1))

    def q_of(self, network: nn.Module, read: Read) -> Tensor:
        """Q of all actions in units of the scale, shape (n, 1 + m)."""
        q: Tensor = network(*read.inputs)
        return of_actions(q if read.known is None else q + read.known, read.can)

    def weights(self) -> Weights:
        """Weights of the current network in NumPy, by name."""
        return {name: tensor.cpu().numpy().copy() for name, tensor in self.current.state_dict().items()}

    def _float(self, values: NDArray[np.generic]) -> Tensor:
        return torch.from_numpy(values.astype(np.float32)).to(self.device)


def of_actions(q: Tensor, can: Tensor) -> Tensor:
    """Q of all actions, shape (n, 1 + m), from that of each server: see ``policy.action_values``."""
    if can.shape[1] == 1:
        return q
    deny, grant = q.reshape(*can.shape, 2).unbind(2)
    deny = torch.where(can, deny, 0.0)
    denied = deny.sum(dim=1, keepdim=True)
    return torch.cat([denied, torch.where(can, denied - deny + grant, -torch.inf)], dim=1)


def by_servers(by_q: Tensor, can: Tensor) -> Tensor:
    """Derivative of the loss by what the network says of each server, shape (n m, 2), from that by Q."""
    if can.shape[1] == 1:
        return by_q
    granting = by_q[:, 1:]
    denying = by_q.sum(dim=1, keepdim=True) - granting
    return torch.where(can[:, :, None], torch.stack([denying, granting], dim=2), 0.0).reshape(-1, 2)


def learning_rate(configuration: Configuration, done: float) -> float:
    """Learning rate when a share of the training is done."""
    if configuration.schedule == "constant":
        return configuration.learning_rate
    falling = 0.5 * (1.0 + math.cos(math.pi * done))
    return configuration.learning_rate * (LAST_LEARNING_RATE + (1.0 - LAST_LEARNING_RATE) * falling)
