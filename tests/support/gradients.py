"""Holds the learner's gradient that is written out against that of torch."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest


def agree(learner: Any, drawn: Any, scale: Any) -> None:
    """Fail unless loss, errors and every gradient are the same, and no gradient is zero."""
    assert learner.written_out
    found = []
    for gradient in (learner._loss, learner._flat_loss):
        value, error = gradient(drawn, scale)
        gradients = [weights.grad.clone() for weights in learner.current.parameters()]
        found.append((value.item(), error.detach().numpy(), gradients))
    assert found[1][0] == pytest.approx(found[0][0], rel=1e-5)
    np.testing.assert_allclose(found[1][1], found[0][1], rtol=1e-4, atol=1e-4)
    for ours, torchs in zip(found[1][2], found[0][2], strict=True):
        size = float(torchs.abs().max())
        assert size > 0.0
        np.testing.assert_allclose(ours.numpy(), torchs.numpy(), rtol=1e-4, atol=1e-5 * size)
