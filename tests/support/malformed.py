"""Files that are no instances, each to be refused in one sentence naming file, field, index and expectation."""

from __future__ import annotations

from malformed_archives import wrong_archives
from malformed_documents import wrong_shape, wrong_text
from malformed_file import Malformed
from malformed_values import wrong_values


def malformed_instances() -> list[Malformed]:
    """Every malformed file."""
    return [*wrong_values(), *wrong_shape(), *wrong_text(), *wrong_archives()]
