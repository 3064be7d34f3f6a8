"""The instances that come with the package; ``python -m instances.library`` makes their files anew."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from instances.files import save
from instances.generator import generate
from instances.schema import Instance

FOLDER = Path(__file__).parent
"""Where the files are."""

LIBRARY: dict[str, dict[str, Any]] = {
    "n10": {"users": 10},
    "n30": {},
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
"""Arguments of :func:`instances.generator.generate` by instance name."""


def make(name: str) -> tuple[Path, Instance]:
    """One instance of the library, made anew, with its file."""
    return FOLDER / f"{name}.json", generate(name=name, **LIBRARY[name])


if __name__ == "__main__":
    for path, instance in map(make, LIBRARY):
        save(instance, path)
        print(path.name, instance.sha256[:12])
