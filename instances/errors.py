"""The error that unusable input raises; see :mod:`formulations.errors`."""

from formulations.errors import (
    InstanceError,
    dotted,
    field_error,
    known_fields,
    one_line,
    require,
    sentence,
    suggestion,
)

__all__ = [
    "InstanceError",
    "dotted",
    "field_error",
    "known_fields",
    "one_line",
    "require",
    "sentence",
    "suggestion",
]
