"""Makes instances of step allocation from a preset and a seed."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

from formulations.fields import MAX_USERS, show
from formulations.step_allocation.parameters import StepAllocation
from instances.budget import free_edge_steps
from instances.csv_columns import Columns
from instances.errors import InstanceError, suggestion
from instances.files import validate
from instances.presets import PRESETS, Preset, Span
from instances.schema import Instance

VERSION = 1
"""Raised whenever the same arguments make another instance."""

SECTIONS = (StepAllocation,)
"""Problem sections that a generated instance has, whose per-user fields a CSV file may set."""

_WEIGHTS = ("time_weight_per_second", "error_weight", "energy_weight_per_joule")
_COST_UTILITY_WEIGHTS = ("cost_weight", "utility_weight")
_CAPACITY_DECIMALS = 2


def generate(
    preset: str = "paper",
    *,
    name: str | None = None,
    users: int | None = None,
    seed: int = 0,
    tightness: float | None = None,
    spread: float = 1.0,
    integer_steps: bool = False,
    weights: Sequence[float] | None = None,
    cost_utility_weights: Sequence[float] | None = None,
    local_max_steps: float | None = None,
    columns: Columns | None = None,
) -> Instance:
    """Make an instance; the same arguments make the same one.

    Parameters
    ----------
    preset : str
        Name in :data:`instances.presets.PRESETS`.
    name : str, optional
        Name of the instance; made of preset, users and seed if there is none.
    users : int, optional
        N; the preset's, or as many as ``columns`` has rows.
    seed : int
        Seed of the draws.
    tightness : float, optional
        S_e as a share of the edge steps used while the budget is free; from 1 on it does not bind.
    spread : float
        0 for identical users, 1 for the preset's full ranges.
    integer_steps : bool
        Whether steps are whole numbers; step limits and budget are then rounded down.
    weights : sequence of float, optional
        c1 [1/s], c2 [-], c3 [1/J].
    cost_utility_weights : sequence of float, optional
        w1, w2 [-].
    local_max_steps : float, optional
        S0 [steps], the same for all users.
    columns : Columns, optional
        Per-user fields from a CSV file, in place of the preset's.

    Raises
    ------
    InstanceError
        Naming the argument or field that is out of its range, and what was expected.
    """
    chosen = _lookup(preset)
    arguments: dict[str, Any] = {
        "preset": preset,
        "users": _count_users(users, columns, chosen),
        "tightness": chosen.tightness if tightness is None else tightness,
        "spread": spread,
        "integer_steps": integer_steps,
    }
    _check_ranges(arguments["tightness"], spread, seed)
    if weights is not None:
        arguments["weights"] = list(weights)
    if cost_utility_weights is not None:
        arguments["cost_utility_weights"] = list(cost_utility_weights)
    if local_max_steps is not None:
        arguments["local_max_steps"] = local_max_steps
    fields = _fields(chosen, arguments, seed) | {"edge_step_capacity": 0.0}
    if columns is not None:
        fields |= columns.fields_of(StepAllocation)
        arguments["users_csv"] = {"file": columns.file, "sha256": columns.sha256, "columns": list(columns.values)}
    name = f"{preset}-n{arguments['users']}-seed{seed}" if name is None else name
    document: dict[str, Any] = {"schema_version": 1, "name": name, "step_allocation": fields}
    data = validate("", document).section("step_allocation")
    provenance = {"generator": "instances.generate", "version": VERSION, "arguments": arguments, "seed": seed}
    limits = _limits(data, arguments["tightness"])
    return validate("", document | {"provenance": provenance, "step_allocation": fields | limits})


def _fields(preset: Preset, arguments: Mapping[str, Any], seed: int) -> dict[str, Any]:
    """Fields of the preset, drawn where it gives a range, with those that the arguments set."""
    users, spread = arguments["users"], arguments["spread"]
    fields: dict[str, Any] = {
        name: value.draw(name, users, seed, spread) if isinstance(value, Span) else value
        for name, value in preset.fields.items()
    }
    for argument, names in (("weights", _WEIGHTS), ("cost_utility_weights", _COST_UTILITY_WEIGHTS)):
        values = arguments.get(argument, [fields[name] for name in names])
        _check(argument, values, len(values) == len(names), f"{len(names)} numbers")
        fields |= dict(zip(names, values, strict=True))
    fields["local_max_steps"] = arguments.get("local_max_steps", fields["local_max_steps"])
    return fields | {"users": users, "integer_steps": arguments["integer_steps"]}


def _limits(data: StepAllocation, tightness: float) -> dict[str, Any]:
    """Step limits as they count, and the budget S_e = tightness x the edge steps used while it is free [steps]."""
    capacity = tightness * free_edge_steps(data)
    return {
        "local_max_steps": data.local_step_limit,
        "edge_max_steps": data.edge_step_limit,
        "edge_step_capacity": float(math.floor(capacity))
        if data.integer_steps
        else round(capacity, _CAPACITY_DECIMALS),
    }


def _lookup(preset: str) -> Preset:
    if preset not in PRESETS:
        known = f"expected one of {', '.join(PRESETS)}, got {show(preset)}{suggestion(preset, PRESETS)}"
        raise InstanceError(f"preset: {known}")
    return PRESETS[preset]


def _count_users(users: int | None, columns: Columns | None, preset: Preset) -> int:
    if columns is not None and users not in (None, columns.users):
        raise InstanceError(f"users: expected {columns.users}, the rows of {columns.file}, got {show(users)}")
    if columns is not None:
        return columns.users
    count = preset.users if users is None else users
    _check("users", count, 1 <= count <= MAX_USERS, f"a whole number from 1 to {MAX_USERS}")
    return count


def _check_ranges(tightness: float, spread: float, seed: int) -> None:
    _check("tightness", tightness, math.isfinite(tightness) and tightness >= 0.0, "a finite number >= 0")
    _check("spread", spread, 0.0 <= spread <= 1.0, "a number from 0 to 1")
    _check("seed", seed, seed >= 0, "a whole number >= 0")


def _check(argument: str, value: object, holds: bool, expected: str) -> None:
    if not holds:
        raise InstanceError(f"{argument}: expected {expected}, got {show(value)}")
