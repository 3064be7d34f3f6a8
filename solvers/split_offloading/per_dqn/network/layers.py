"""The two networks in torch, for training; :mod:`.inference` computes the same in NumPy from the same weights."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from solvers.split_offloading.per_dqn.decision_process.state import GRANTED, PENDING
from solvers.split_offloading.per_dqn.network.configuration import Configuration
from solvers.split_offloading.per_dqn.network.features import Inputs, feature_counts
from solvers.split_offloading.per_dqn.network.inference import EMBEDDED, INDICATORS, POOL_DIVISOR


def build(configuration: Configuration, seed: int) -> nn.Module:
    """The network of a configuration with weights drawn from a seed; torch's own random numbers stay untouched."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        return (FlatNetwork if configuration.architecture == "mlp" else SetNetwork)(configuration)


def tensors(inputs: Inputs, device: torch.device) -> tuple[Tensor, Tensor, Tensor]:
    """Inputs as tensors: users, indicators as whole numbers, globe."""
    users, indicator, globe = (torch.from_numpy(array).to(device) for array in inputs)
    return users, indicator.long(), globe


class FlatNetwork(nn.Module):  # type: ignore[misc] # torch is optional, and may be unknown here
    """Paper B's network: embedded indicators, the state of all users flattened, three hidden layers, two outputs.

    It reads states that are padded to the configuration's largest number of users.
    """

    def __init__(self, configuration: Configuration) -> None:
        super().__init__()
        per_user, whole = feature_counts(configuration.features)
        width = configuration.width
        flat = configuration.largest_users * (per_user + EMBEDDED) + whole
        self.embedding = nn.Embedding(INDICATORS, EMBEDDED)
        self.hidden = nn.Sequential(
            nn.Linear(flat, width),
            nn.ReLU(),
            nn.Linear(width, width),
            nn.ReLU(),
            nn.Linear(width, width),
            nn.ReLU(),
        )
        self.output = nn.Linear(width, 2)

    def forward(self, users: Tensor, indicator: Tensor, globe: Tensor) -> Tensor:
        """Q of deny and grant, shape (S, 2), of S states padded to the largest number of users."""
        local = torch.cat([users, self.embedding(indicator)], dim=2).flatten(1)
        q: Tensor = self.output(self.hidden(torch.cat([local, globe], dim=1)))
        return q


class SetNetwork(nn.Module):  # type: ignore[misc]
    """Q as a function of the set of granted users, the set of pending ones, and the user in progress.

    The order within a set does not matter (a DeepSets network), denied users are in none, and any number of users
    can be read. A pending user is read beside the one in progress and beside the sums over those granted, so that
    what the batch would lose by growing can be weighed against it. The outputs are V = Q(s, deny) and the
    advantage of granting.
    """

    def __init__(self, configuration: Configuration) -> None:
        super().__init__()
        per_user, whole = feature_counts(configuration.features)
        width = configuration.width
        self.granted = _two_layers(per_user, width)
        self.pending = _two_layers(3 * per_user + whole, width)
        self.head = _two_layers(2 * width + 2 * per_user + whole, 2 * width)
        self.output = nn.Linear(2 * width, 2)

    def forward(self, users: Tensor, indicator: Tensor, globe: Tensor) -> Tensor:
        """Q of deny and grant, shape (S, 2)."""
        current = users[:, 0]
        row, place = torch.nonzero(indicator == GRANTED, as_tuple=True)
        granted = users[row, place]
        served = pooled(self.granted(granted), row, len(users))
        sums = pooled(granted, row, len(users))
        row, place = torch.nonzero(indicator == PENDING, as_tuple=True)
        pending = users[row, place]
        context = torch.cat([sums, globe], dim=1)[row]
        beside = torch.cat([pending, pending - current[row], context], dim=1)
        waiting = pooled(self.pending(beside), row, len(users))
        value, advantage = self.output(
            self.head(torch.cat([served, waiting, sums, current, globe], dim=1))
        ).unbind(1)
        return torch.stack([value, value + advantage], dim=1)


def pooled(values: Tensor, row: Tensor, rows: int) -> Tensor:
    """Sums of the values of each row over :data:`POOL_DIVISOR`, shape (rows, features)."""
    return values.new_zeros(rows, values.shape[1]).index_add_(0, row, values) / POOL_DIVISOR


def _two_layers(inputs: int, width: int) -> nn.Sequential:
    return nn.Sequential(nn.Linear(inputs, width), nn.ReLU(), nn.Linear(width, width), nn.ReLU())
