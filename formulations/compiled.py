"""The decorator of compiled kernels: numba with its compilation cached on disk, and types kept.

numba renews a cached kernel when the kernel's own file changes, but not when a kernel that it calls from another
file does: after an update it would run old machine code. The cache is therefore kept in a folder named after the
content of all files with kernels.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any, TypeVar, cast

import numba
from numba import types
from numba.misc.appdirs import user_cache_dir

from formulations.runtime.first_run import FirstRun
from formulations.runtime.interrupts import holding

Function = TypeVar("Function", bound=Callable[..., object])

_PACKAGES = (Path(__file__).parent, Path(__file__).parent.parent / "solvers")
_first_run = FirstRun()
WITHOUT_WRAPPERS = {"no_cpython_wrapper": True, "no_cfunc_wrapper": True}
"""Options of a kernel that kernels alone call; from Python it would crash."""

_MARK = b"formulations.compiled import"


def compiled(function: Function) -> Function:
    """Compile a kernel at its first call and keep the machine code for later runs."""
    return _compiled(function)


def compiled_stoppable(function: Function) -> Function:
    """For kernels that may run long, without the interpreter's lock, so that a clock goes on."""
    return _compiled(function, nogil=True)


def compiled_in_place(function: Function) -> Function:
    """As :func:`compiled_stoppable`, for kernels that only change arrays that they are given.

    References to them are not counted, which takes half the time of short loops over small arrays. Such a kernel
    makes no array and returns none.
    """
    return _compiled(function, nogil=True, _nrt=False)


def compiled_in_blocks(function: Function) -> Function:
    """As :func:`compiled`, for kernels that work through blocks of users.

    They run without the interpreter's lock, so that Python's own threads share the blocks out: unlike numba's
    threads these may be used by several callers at once and in children of any kind. Division by zero is infinite
    or NaN, which lets loops be vectorised, and a x + b may be rounded once.
    """
    return _compiled(function, nogil=True, error_model="numpy", fastmath={"contract"})


def compiled_sums(function: Function) -> Function:
    """As :func:`compiled_in_blocks`, for a short sum that may be taken in another order, always the same one."""
    return _compiled(function, nogil=True, error_model="numpy", fastmath={"contract", "reassoc", "nsz"})


def inlined(function: Function) -> Function:
    """For formulas that kernels share: each becomes part of its callers, whose loops are vectorised as before."""
    return _compiled(function, inline="always")


def _compiled(function: Function, **options: object) -> Function:
    folder = cache_folder(numba.config.CACHE_DIR)
    kernel = _kept_in(folder, function, options)
    if "inline" not in options:
        called = _kept_in(folder / "called", function, options | WITHOUT_WRAPPERS)
        _for_kernels(kernel, called, anew_for_numbers="fastmath" in options)
    return cast(Function, kernel)


def _kept_in(folder: Path, function: Function, options: dict[str, Any]) -> Any:
    """Return the function compiled by numba, its machine code kept in a folder."""
    numbas_own = numba.config.CACHE_DIR
    numba.config.CACHE_DIR = str(folder)
    try:
        kernel = numba.njit(cache=True, **options)(function)
    finally:
        numba.config.CACHE_DIR = numbas_own
    # LLVM calls Python back while it compiles, and drops a KeyboardInterrupt together with the machine code.
    kernel.compile = _first_run.announced(holding(kernel.compile), folder)
    return kernel


def _for_kernels(kernel: Any, called: Any, *, anew_for_numbers: bool) -> None:
    """Let other kernels call ``called`` in place of ``kernel``: it compiles faster without wrappers for Python.

    For each number that is written out in a call, numba compiles a kernel anew. That is for loops that are
    vectorised, which are faster if they know how long they are; other kernels take numbers of any value.
    """

    def template(arguments: Sequence[Any], named: Mapping[str, Any]) -> Any:
        anything = {name: types.unliteral(of) for name, of in named.items()}
        return called.get_call_template(tuple(map(types.unliteral, arguments)), anything)

    kernel.get_call_template = called.get_call_template if anew_for_numbers else template
    kernel.get_overload = called.get_overload


@cache
def cache_folder(wished: str) -> Path:
    """Where machine code is kept: below ``wished`` (NUMBA_CACHE_DIR), else with this package or with the user."""
    if wished:
        base = Path(wished)
    elif os.access(_PACKAGES[0], os.W_OK):
        base = _PACKAGES[0] / "__pycache__"
    else:
        base = Path(user_cache_dir("diffload"))
    return base / f"kernels-{fingerprint(_PACKAGES)}"


def fingerprint(folders: Iterable[Path]) -> str:
    """Digest of every file below the folders that has kernels, by name and content."""
    digest = hashlib.sha256()
    for folder in folders:
        for path in sorted(folder.rglob("*.py")):
            content = path.read_bytes()
            if _MARK in content:
                digest.update(f"{path.relative_to(folder)}\0{len(content)}\0".encode() + content)
    return digest.hexdigest()[:16]
