"""The version of the package, which its metadata takes from here, and those of packages that results depend on."""

from __future__ import annotations

import platform
from collections.abc import Mapping
from functools import cache
from importlib.metadata import PackageNotFoundError, version

VERSION = "0.1.0"
"""Of ``diffload``, also where it is used from a clone that is not installed."""

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
