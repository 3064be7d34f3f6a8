"""The instances that come with the package; ``python -m instances.library`` makes their files anew."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from instances.files import save
from instances.generator import generate
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
    for users, servers in ((8, 3), (12, 4), (20, 5), (40, 6))
}

LIBRARY = _STEP_ALLOCATION | _SPLIT_OFFLOADING | _BINDING | _EDGE_SERVERS
"""Arguments of :func:`instances.generator.generate` by instance name."""


def make(name: str) -> tuple[Path, Instance]:
    """One instance of the library, made anew, with its file."""
    return FOLDER / f"{name}.json", generate(name=name, **LIBRARY[name])


if __name__ == "__main__":
    for path, instance in map(make, LIBRARY):
        save(instance, path)
        print(path.name, instance.sha256[:12])
