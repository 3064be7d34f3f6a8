"""Versions of Python and packages on which a result depends."""

from __future__ import annotations

import platform
from collections.abc import Mapping
from functools import cache
from importlib.metadata import PackageNotFoundError, version

from formulations.runtime.version import VERSION

PACKAGES = ("numpy", "scipy", "numba", "pyomo", "pyscipopt", "highspy", "cvxpy", "clarabel")


@cache
def versions() -> Mapping[str, str]:
    """Version of Python and of every package that a result may depend on, read without importing them."""
    found = {"python": platform.python_version(), "diffload": VERSION}
    for package in PACKAGES:
        try:
            found[package] = version(package)
        except PackageNotFoundError:
            continue
    return found
