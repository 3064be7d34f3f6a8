"""What a wheel takes along: every file of the packages, whether it is a module or not."""

from __future__ import annotations

import tomllib
from pathlib import Path

ROOT = Path(__file__).parents[1]


def test_every_file_of_the_packages_is_in_the_wheel():
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["setuptools"]
    left_out = []
    for package, patterns in settings["package-data"].items():
        taken = {path for pattern in patterns for path in (ROOT / package).glob(pattern)}
        assert all(any((ROOT / package).glob(pattern)) for pattern in patterns)
        left_out += [
            str(path.relative_to(ROOT))
            for path in (ROOT / package).rglob("*")
            if path.is_file() and path.suffix != ".py" and "__pycache__" not in path.parts and path not in taken
        ]
    assert left_out == []
    packages = {name.removesuffix("*") for name in settings["packages"]["find"]["include"]}
    assert set(settings["package-data"]) == packages
