"""The decorator of compiled kernels: numba with its compilation cached on disk, and types kept."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar, cast

from numba import njit

Function = TypeVar("Function", bound=Callable[..., object])


def compiled(function: Function) -> Function:
    """Compile a kernel at its first call and keep the machine code for later runs."""
    return cast(Function, njit(cache=True)(function))
