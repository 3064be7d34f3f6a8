"""The instances that come with the package; ``python -m instances.library`` makes their files anew."""

from __future__ import annotations

from argparse import Namespace
from pathlib import Path
from typing import Any

from formulations.runtime.command_line import Command, Parser
from formulations.runtime.program import UsageError, suggestion
from formulations.runtime.standard_output import results
from instances.files.documents import save
from instances.generation import multi_edge
from instances.generation.generator import generate
from instances.schema import Instance

FOLDER = Path(__file__).parent
"""Where the files are."""

_STEP_ALLOCATION: dict[str, dict[str, Any]] = {
    "n10": {"users": 10},
    "n30": {"problems": ("step_allocation", "split_offloading")},
    "n30_tight": {"tightness": 0.2},
    "n30_loose": {"tightness": 0.9},
    "n30_integer": {"integer_steps": True},
    "n30_heterogeneous": {"preset": "contended"},
    "n100": {"users": 100},
    "n300": {"users": 300},
    "n1000": {"users": 1000},
    "subset_sum_12": {"preset": "subset-sum", "users": 12},
    "subset_sum_24": {"preset": "subset-sum", "users": 24},
    "subset_sum_24_integer": {"preset": "subset-sum", "users": 24, "integer_steps": True},
    "subset_sum_40": {"preset": "subset-sum", "users": 40},
    "fig2_local20": {"preset": "fig2", "local_max_steps": 20.0},
    "fig2_local30": {"preset": "fig2", "local_max_steps": 30.0},
    "fig2_local40": {"preset": "fig2", "local_max_steps": 40.0},
}


def _snapshot(users: int, **scenario: int) -> dict[str, Any]:
    """Arguments of a snapshot; seed 4 gives the first users slow and fast devices, and more users add to them."""
    return {"problems": ("split_offloading",), "users": users, "seed": 4, "split_offloading": scenario}


_SPLIT_OFFLOADING = {
    f"split_i{users}_g{gpus}": _snapshot(users, gpus=gpus)
    for users in (5, 10, 20, 30, 40)
    for gpus in (1, 2, 4, 8)
}

_BINDING = {  # B_max = 20 of the others never binds
    f"split_i{users}_g8_b{most}": _snapshot(users, gpus=8, max_batch=most)
    for users, most in ((20, 5), (40, 5), (40, 8))
}

_EDGE_SERVERS: dict[str, dict[str, Any]] = {
    f"edge_servers_{users}x{servers}": {"problems": ("gqap",), "users": users, "gqap": {"servers": servers}}
    for users, servers in ((8, 3), (12, 4), (20, 5), (40, 6), (60, 8), (100, 10))
}


_MULTI_EDGE: dict[str, dict[str, Any]] = {
    f"multi_{name}": {"problems": ("multi_edge_offloading",), "others": {"multi_edge_offloading": dict(options)}}
    for name, options in multi_edge.PRESETS.items()
}

_CONSTRAINED = {
    "n30_constrained": {"users": 30},
    **{f"split_i10_g8_{what}": _snapshot(10, gpus=8) for what in ("deadline", "groups")},
}

LIBRARY = _STEP_ALLOCATION | _SPLIT_OFFLOADING | _BINDING | _EDGE_SERVERS | _CONSTRAINED | _MULTI_EDGE
"""Arguments of :func:`instances.generation.generator.generate` by instance name."""

CONSTRAINTS: dict[str, tuple[dict[str, Any], ...]] = {
    # Every one of them forbids the optimum of n30.
    "n30_constrained": (
        {"on": "step_allocation", "type": "latency_deadline", "most_seconds": 0.088},
        {"on": "step_allocation", "type": "error_ceiling", "most_error": 0.265},
        {"on": "step_allocation", "type": "utility_floor", "users": [20, 29], "least_utility": [0.72, 0.65]},
        {"on": "step_allocation", "type": "device_energy_budget", "most_joules": 2.9},
        {"on": "step_allocation", "type": "edge_energy_budget", "most_joules": 10000.0},
        {"on": "step_allocation", "type": "max_offloaded", "most_users": 16},
    ),
    # Without them two users take 54.6 and 56.4 s, and two others have an accuracy index of 0.59 and 0.70.
    "split_i10_g8_deadline": (
        {"on": "split_offloading", "type": "latency_deadline", "most_seconds": 54.0},
        {"on": "split_offloading", "type": "pai_floor", "least_accuracy": 0.72},
    ),
    # The four slowest devices are granted without them, and two others.
    "split_i10_g8_groups": (
        {"on": "split_offloading", "type": "exclusive_users", "users": [1, 2, 4, 8], "most_granted": 2},
        {"on": "split_offloading", "type": "min_granted", "least_granted": 5},
    ),
}
"""Further constraints by instance name, of those that have any."""


def make(name: str) -> tuple[Path, Instance]:
    """Return one instance of the library, made anew, with its file."""
    made = generate(name=name, **LIBRARY[name])
    if name in CONSTRAINTS:
        made = made.with_constraints(*CONSTRAINTS[name])
    return FOLDER / f"{name}.json", made


def _arguments(parser: Parser) -> None:
    parser.add_argument("names", nargs="*", metavar="NAME", help="instances of the library (default: all)")


def _run(options: Namespace) -> None:
    for name in options.names:
        if name not in LIBRARY:
            raise UsageError(f"expected names of the library, got '{name}'{suggestion(name, LIBRARY)}")
    for path, instance in map(make, options.names or LIBRARY):
        save(instance, path)
        print(path.name, instance.sha256[:12], file=results())


main = Command(
    module="instances.library",
    summary="Make the files of the library anew, where the package is.",
    arguments=_arguments,
    run=_run,
    example=("", "n10 n30"),
)
"""Makes the files of the library anew."""

if __name__ == "__main__":
    main.script()
