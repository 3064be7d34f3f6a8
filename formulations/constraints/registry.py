"""Every type of constraint by problem and name: the package's own, and those that other packages bring."""

from __future__ import annotations

from functools import cache
from importlib import import_module
from importlib.metadata import entry_points

from formulations.constraints.base import Constraint

ENTRY_POINT_GROUP = "diffload.constraints"
"""Entry points of this group name a subclass of :class:`Constraint`, or a list of them, in another package."""

_STEP_ALLOCATION = "formulations.constraints.step_allocation"
_SPLIT_OFFLOADING = "formulations.constraints.split_offloading"

OWN = (f"{_STEP_ALLOCATION}.error_ceiling:ErrorCeiling",)
"""The package's own types: ``package.module:class``."""


@cache
def constraint_types() -> dict[tuple[str, str], type[Constraint]]:
    """Every type by problem and name."""
    found: list[type[Constraint]] = []
    for path in OWN:
        module, _, name = path.partition(":")
        found.append(getattr(import_module(module), name))
    for entry in entry_points(group=ENTRY_POINT_GROUP):
        loaded = entry.load()
        found.extend([loaded] if isinstance(loaded, type) else loaded)
    return {(_label(kind, "on"), _label(kind, "type")): kind for kind in found}


def _label(kind: type[Constraint], field: str) -> str:
    """The one value that a type allows for ``on`` or ``type``."""
    return str(kind.model_fields[field].annotation.__args__[0])  # type: ignore[union-attr]
