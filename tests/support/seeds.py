"""Seeds of which the ordinary suite takes the first few, and the long one the others."""

from __future__ import annotations

from typing import Any

import pytest


def seeds(few: int, count: int) -> list[Any]:
    """Values for ``parametrize``: 0 to ``count - 1``, those from ``few`` on marked as long."""
    return [*range(few), *(pytest.param(seed, marks=pytest.mark.long) for seed in range(few, count))]
