"""Gradient of the paper's network written out: recording the operations costs torch half as much again.

Nothing here is specific to a loss: it starts from the derivative of the loss by the two outputs.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn

from solvers.split_offloading.per_dqn.network.inference import EMBEDDED, INDICATORS
from solvers.split_offloading.per_dqn.network.layers import FlatNetwork


class Pass:
    """A forward pass, from whose numbers :meth:`backward` finds the gradient of every weight.

    Parameters
    ----------
    network : FlatNetwork
        Whose weights are read, and whose gradients are written.
    users, indicator, globe : Tensor
        What it reads of S states, see ``features.Inputs``.
    """

    def __init__(self, network: FlatNetwork, users: Tensor, indicator: Tensor, globe: Tensor) -> None:
        self.network = network
        self.indicator = indicator
        self.per_user = users.shape[2] + EMBEDDED
        self.layers = [layer for layer in network.hidden if isinstance(layer, nn.Linear)] + [network.output]
        embedded = network.embedding.weight[indicator]
        self.values = [torch.cat([torch.cat([users, embedded], dim=2).flatten(1), globe], dim=1)]
        for layer in self.layers:
            values = torch.addmm(layer.bias, self.values[-1], layer.weight.t())
            self.values.append(values if layer is network.output else values.clamp_min_(0.0))
        self.q = self.values[-1]

    def backward(self, by_q: Tensor) -> None:
        """Write the gradient of every weight, given the derivative of the loss by Q, shape (S, 2)."""
        behind = by_q
        for layer, values in zip(reversed(self.layers), reversed(self.values[:-1]), strict=True):
            layer.weight.grad = torch.mm(behind.t(), values)
            layer.bias.grad = behind.sum(dim=0)
            if layer is not self.layers[0]:
                behind = torch.mm(behind, layer.weight)
                torch.ops.aten.threshold_backward(behind, values, 0.0, grad_input=behind)
        flattened = self.layers[0].weight[:, : self.indicator.shape[1] * self.per_user]
        embedding = flattened.reshape(len(flattened), -1, self.per_user)[:, :, -EMBEDDED:].flatten(1)
        by_embedded = torch.mm(behind, embedding).reshape(-1, EMBEDDED)
        gradient = by_embedded.new_zeros(INDICATORS, EMBEDDED)
        self.network.embedding.weight.grad = gradient.index_add_(0, self.indicator.flatten(), by_embedded)
