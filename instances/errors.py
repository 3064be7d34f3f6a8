"""The one error that unusable input raises, and how its sentence is made; see :mod:`formulations.errors`."""

from formulations.errors import (
    InstanceError,
    dotted,
    field_error,
    known_fields,
    one_line,
    sentence,
    suggestion,
)

__all__ = ["InstanceError", "dotted", "field_error", "known_fields", "one_line", "sentence", "suggestion"]
