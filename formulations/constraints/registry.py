"""Every type of constraint by problem and name: the package's own, and those that other packages bring."""

from __future__ import annotations

from functools import cache
from importlib import import_module
from typing import Any

from formulations.constraints.base import Constraint
from formulations.runtime.plug_ins import plug_ins

ENTRY_POINT_GROUP = "diffload.constraints"
"""Entry points of this group name a subclass of :class:`Constraint`, or a list of them, in another package."""

_STEP_ALLOCATION = "formulations.constraints.step_allocation"
_SPLIT_OFFLOADING = "formulations.constraints.split_offloading"

OWN = (
    f"{_STEP_ALLOCATION}.error_ceiling:ErrorCeiling",
    f"{_STEP_ALLOCATION}.latency_deadline:LatencyDeadline",
    f"{_STEP_ALLOCATION}.device_energy_budget:DeviceEnergyBudget",
    f"{_STEP_ALLOCATION}.utility_floor:UtilityFloor",
    f"{_STEP_ALLOCATION}.edge_energy_budget:EdgeEnergyBudget",
    f"{_STEP_ALLOCATION}.max_offloaded:MaxOffloaded",
    f"{_SPLIT_OFFLOADING}.latency_deadline:LatencyDeadline",
    f"{_SPLIT_OFFLOADING}.pai_floor:PaiFloor",
    f"{_SPLIT_OFFLOADING}.battery_budget:BatteryBudget",
    f"{_SPLIT_OFFLOADING}.min_granted:MinGranted",
    f"{_SPLIT_OFFLOADING}.transmission_budget:TransmissionBudget",
    f"{_SPLIT_OFFLOADING}.exclusive_users:ExclusiveUsers",
)
"""The package's own types: ``package.module:class``."""


@cache
def own_types() -> tuple[type[Constraint], ...]:
    """The package's own types, which the published schema describes."""
    places = (path.partition(":") for path in OWN)
    return tuple(getattr(import_module(module), name) for module, _, name in places)


@cache
def constraint_types() -> dict[tuple[str, str], type[Constraint]]:
    """Every type by problem and name."""
    own = own_types()
    found = (*own, *plug_ins(ENTRY_POINT_GROUP, own, _fault_of, _name))
    return {(on, label(kind, "type")): kind for kind in found for on in labels(kind, "on")}


def _name(kind: type[Constraint]) -> str:
    return f"'{label(kind, 'type')}' on {label(kind, 'on')}"


def _fault_of(kind: Any) -> str:
    if not isinstance(kind, type) or not issubclass(kind, Constraint):
        return f"expected a subclass of Constraint, got {kind!r}"
    try:
        _name(kind)
    except (KeyError, AttributeError, IndexError):
        return f"expected fields 'on' and 'type' that allow one value each, got {kind.__name__} without them"
    return ""


def label(kind: type[Constraint], field: str) -> str:
    """The value that a type allows for ``on`` or ``type``, the first where it is on several problems."""
    return labels(kind, field)[0]


def labels(kind: type[Constraint], field: str) -> tuple[str, ...]:
    """Every value that a type allows for ``on`` or ``type``."""
    return tuple(map(str, kind.model_fields[field].annotation.__args__))  # type: ignore[union-attr]
