"""The site that the tests of its pages read."""

from __future__ import annotations

import os
from pathlib import Path

import pytest


@pytest.fixture(scope="session")
def site() -> Path:
    folder = os.environ.get("DIFFLOAD_SITE", "")
    if not folder:
        pytest.skip("DIFFLOAD_SITE is not set: expected the folder of the built site")
    return Path(folder)
