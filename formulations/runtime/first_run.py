"""Says that kernels are compiled, which takes a minute at the first run on a machine and nothing after it."""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import wraps
from pathlib import Path
from typing import ParamSpec, TypeVar

EVERY_SECONDS = 5.0
"""How often a line says how far it is."""

tell: Callable[[str], None] | None = None
"""What shows a line; a command sets it, a program that imports the package hears nothing."""

_Arguments = ParamSpec("_Arguments")
_Value = TypeVar("_Value")


class FirstRun:
    """Tells of the kernels that this process compiles into a folder that holds none when it begins."""

    def __init__(self) -> None:
        self._is_first: bool | None = None
        self._began = self._last = 0.0
        self._count = 0

    def announced(
        self, compile_kernel: Callable[_Arguments, _Value], folder: Path
    ) -> Callable[_Arguments, _Value]:
        """The same function of numba, which is announced."""

        @wraps(compile_kernel)
        def announcing(*arguments: _Arguments.args, **options: _Arguments.kwargs) -> _Value:
            self._begin(folder)
            value = compile_kernel(*arguments, **options)
            self._end()
            return value

        return announcing

    def _begin(self, folder: Path) -> None:
        if self._is_first is None:
            self._is_first = next(folder.rglob("*.nbi"), None) is None
            self._began = self._last = time.perf_counter()
            if self._is_first and tell is not None:
                tell("compiling kernels for this machine, at the first run only: this takes about a minute")

    def _end(self) -> None:
        self._count += 1
        now = time.perf_counter()
        if self._is_first and tell is not None and now - self._last >= EVERY_SECONDS:
            self._last = now
            tell(f"{self._count} kernels compiled in {now - self._began:.0f} s")
