"""Makes instances from a preset or scenario and a seed."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

import numpy as np
from pydantic import BaseModel

from formulations.errors import InstanceError, require, suggestion
from formulations.fields import MAX_USERS, show
from formulations.gqap.parameters import GQAP
from formulations.problem import Problem
from formulations.problems import problems as every_problem
from formulations.split_offloading.parameters import SplitOffloading
from formulations.step_allocation.parameters import StepAllocation
from instances.calibration.devices import DeviceTable, read_devices
from instances.files.csv_columns import Columns
from instances.files.documents import validate
from instances.generation import edge_servers as servers
from instances.generation import split_scenario, subset_sum
from instances.generation.budget import free_edge_steps
from instances.generation.edge_servers import EdgeServers, edge_servers
from instances.generation.plug_in_data import drawn
from instances.generation.presets import PRESETS, Preset, Span
from instances.generation.split_draws import snapshot
from instances.generation.split_scenario import SplitScenario
from instances.schema import Instance

VERSION = 1
"""Raised whenever the same arguments make another instance."""

SECTIONS: dict[str, type[BaseModel]] = {
    "step_allocation": StepAllocation,
    "split_offloading": SplitOffloading,
    "gqap": GQAP,
}
"""The package's own problems, whose per-user fields a CSV file may set."""

_WEIGHTS = ("time_weight_per_second", "error_weight", "energy_weight_per_joule")
_COST_UTILITY_WEIGHTS = ("cost_weight", "utility_weight")
_CAPACITY_DECIMALS = 2


def generate(
    preset: str = "paper",
    *,
    problems: Sequence[str] = ("step_allocation",),
    name: str | None = None,
    users: int | None = None,
    seed: int = 0,
    tightness: float | None = None,
    spread: float = 1.0,
    integer_steps: bool = False,
    weights: Sequence[float] | None = None,
    cost_utility_weights: Sequence[float] | None = None,
    local_max_steps: float | None = None,
    split_offloading: Mapping[str, Any] | None = None,
    gqap: Mapping[str, Any] | None = None,
    devices: DeviceTable | None = None,
    columns: Columns | None = None,
    others: Mapping[str, Mapping[str, Any]] | None = None,
) -> Instance:
    """Make an instance; the same arguments make the same one.

    Parameters
    ----------
    preset : str
        Name in :data:`instances.generation.presets.PRESETS`; of step allocation, as are the arguments from
        ``tightness`` to ``local_max_steps``.
    problems : sequence of str
        Names in :func:`posable`; the problems of one instance share users and seed, but no time scale.
    name : str, optional
        Name of the instance; made of preset, users and seed if there is none.
    users : int, optional
        N; the preset's where step allocation is posed, else ``USERS`` of
        :mod:`instances.generation.split_scenario` or of
        :mod:`instances.generation.edge_servers`, or as many as ``columns`` has rows.
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
    split_offloading : Mapping, optional
        Attributes of :class:`instances.generation.split_scenario.SplitScenario` that are not the default ones.
    gqap : Mapping, optional
        Attributes of :class:`instances.generation.edge_servers.EdgeServers` that are not the default ones.
    devices : DeviceTable, optional
        Table in place of ``devices.csv``.
    columns : Columns, optional
        Per-user fields from a CSV file, in place of those drawn.
    others : Mapping, optional
        Options of the generators of other packages' problems, by the problem's name.

    Raises
    ------
    InstanceError
        Naming the argument or field that is out of its range, and what was expected.

    Examples
    --------
    >>> import diffload
    >>> instance = diffload.generate(users=5, seed=3)
    >>> instance.name, instance.step_allocation.users
    ('paper-n5-seed3', 5)
    """
    posed = _posed(problems)
    chosen = _lookup(preset)
    require("seed", seed, seed >= 0, "a whole number >= 0")
    arguments: dict[str, Any] = {"preset": preset} if "step_allocation" in posed else {}
    count = 0
    if any(problem in SECTIONS for problem in posed):
        arguments["users"] = count = _count_users(users, columns, _usual_users(posed, chosen))
    sections: dict[str, Any] = {}
    provenance = {"generator": "instances.generate", "version": VERSION, "arguments": arguments, "seed": seed}
    if "step_allocation" in posed:
        arguments |= {
            "tightness": chosen.tightness if tightness is None else tightness,
            "spread": spread,
            "integer_steps": integer_steps,
        }
        if weights is not None:
            arguments["weights"] = list(weights)
        if cost_utility_weights is not None:
            arguments["cost_utility_weights"] = list(cost_utility_weights)
        if local_max_steps is not None:
            arguments["local_max_steps"] = local_max_steps
        sections["step_allocation"] = _step_allocation(chosen, arguments, seed, columns)
    if "split_offloading" in posed:
        scenario = SplitScenario(**(split_offloading or {}))
        arguments |= {"problems": list(posed), "split_offloading": asdict(scenario)}
        given = {} if columns is None else columns.fields_of("split_offloading", SplitOffloading)
        table = read_devices() if devices is None else devices
        sections["split_offloading"], notes = snapshot(scenario, count, seed, table.devices, given)
        provenance |= {"split_offloading": notes} if notes else {}
    if "gqap" in posed:
        drawn_from = EdgeServers(**(gqap or {}))
        arguments |= {"problems": list(posed), "gqap": asdict(drawn_from)}
        table = read_devices() if devices is None else devices
        sections["gqap"] = edge_servers(drawn_from, count, seed, table.devices)
    for known in problems_with_generators():
        if known.name in posed:
            options = dict((others or {}).get(known.name, {}))
            arguments |= {"problems": list(posed), known.name: options}
            sections[known.name] = drawn(known, seed, options)
            provenance[known.name] = {"generator": known.generator}
    if devices is not None and posed != ("step_allocation",):
        arguments["device_table"] = {"file": devices.file, "sha256": devices.sha256}
    if columns is not None:
        arguments["users_csv"] = {"file": columns.file, "sha256": columns.sha256, "columns": list(columns.values)}
    if name is None:
        kind = preset if "step_allocation" in posed else posed[0].partition("_")[0]
        name = f"{kind}-n{count}-seed{seed}" if count else f"{posed[0]}-seed{seed}"
    return validate("", {"schema_version": 1, "name": name, "provenance": provenance} | sections)


def _step_allocation(
    preset: Preset, arguments: Mapping[str, Any], seed: int, columns: Columns | None
) -> dict[str, Any]:
    """Return fields of step allocation, with those of a CSV file in place of the preset's."""
    tightness, spread = arguments["tightness"], arguments["spread"]
    require("tightness", tightness, math.isfinite(tightness) and tightness >= 0.0, "a finite number >= 0")
    require("spread", spread, 0.0 <= spread <= 1.0, "a number from 0 to 1")
    if preset.hides_subset_sum:
        return _subset_sum(arguments, seed, columns)
    fields = _fields(preset, arguments, seed) | {"edge_step_capacity": 0.0}
    if columns is not None:
        fields |= columns.fields_of("step_allocation", StepAllocation)
    document = {"schema_version": 1, "name": "without a budget", "step_allocation": fields}
    data = validate("", document).section("step_allocation")
    return fields | _limits(data, tightness)


def _subset_sum(arguments: Mapping[str, Any], seed: int, columns: Columns | None) -> dict[str, Any]:
    """Return fields that hide a subset-sum problem, S a share of the sum of its weights."""
    given = [name for name in ("weights", "cost_utility_weights", "local_max_steps") if name in arguments]
    require(
        "preset", "subset-sum", not given, f"another one with {', '.join(given)}: its costs are what makes it hard"
    )
    require("preset", "subset-sum", columns is None, "another one with fields of a CSV file")
    weights = subset_sum.weights_of(arguments["users"], seed, arguments["spread"])
    target = float(np.round(arguments["tightness"] * weights.sum()))
    return subset_sum.fields(weights, target, integer_steps=arguments["integer_steps"])


def _fields(preset: Preset, arguments: Mapping[str, Any], seed: int) -> dict[str, Any]:
    """Return fields of the preset, drawn where it gives a range, with those that the arguments set."""
    users, spread = arguments["users"], arguments["spread"]
    fields: dict[str, Any] = {
        name: value.draw(name, users, seed, spread) if isinstance(value, Span) else value
        for name, value in preset.fields.items()
    }
    for argument, names in (("weights", _WEIGHTS), ("cost_utility_weights", _COST_UTILITY_WEIGHTS)):
        values = arguments.get(argument, [fields[name] for name in names])
        require(argument, values, len(values) == len(names), f"{len(names)} numbers")
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


def problems_with_generators() -> tuple[Problem, ...]:
    """Return problems that other packages bring together with a generator."""
    return tuple(known for known in every_problem() if known.generator)


def posable() -> tuple[str, ...]:
    """Return names of the problems that can be posed."""
    return (*SECTIONS, *(known.name for known in problems_with_generators()))


def _posed(problems: Sequence[str]) -> tuple[str, ...]:
    """Return the problems asked for, in the order of :func:`posable`."""
    known = posable()
    for name in problems:
        require("problems", name, name in known, f"one of {', '.join(known)}", suggestion(name, known))
    require("problems", list(problems), len(problems) > 0, "at least one problem")
    return tuple(name for name in known if name in problems)


def _usual_users(posed: Sequence[str], preset: Preset) -> int:
    if "step_allocation" in posed:
        return preset.users
    return split_scenario.USERS if "split_offloading" in posed else servers.USERS


def _count_users(users: int | None, columns: Columns | None, usual: int) -> int:
    if columns is not None and users not in (None, columns.users):
        raise InstanceError(f"users: expected {columns.users}, the rows of {columns.file}, got {show(users)}")
    if columns is not None:
        return columns.users
    count = usual if users is None else users
    is_whole = isinstance(count, int | np.integer) and not isinstance(count, bool)
    require("users", count, is_whole and 1 <= count <= MAX_USERS, f"a whole number from 1 to {MAX_USERS}")
    return count
