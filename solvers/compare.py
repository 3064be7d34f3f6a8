"""The command that people run, ``python -m solvers.compare``, and the same from Python, ``solvers.compare()``.

This module has the name of the function, so it can be called itself: ``solvers.compare`` is the function
before and after ``import solvers.compare``.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from types import ModuleType
from typing import Any

from formulations.runtime import program
from formulations.runtime.program import UsageError
from formulations.runtime.shadow import refuse_shadows


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command and return its exit status."""
    try:
        refuse_shadows("reports")
    except ImportError as fault:
        raise UsageError(str(fault)) from None
    from reports.comparison.command import main as command

    return command(arguments)


def script() -> int:
    """Run the command as a process of its own, and return its exit status."""
    return program.run(main)


class _CallableModule(ModuleType):
    """A module that is also the function of its name, :func:`solvers.comparison.frame.compare`."""

    def __call__(self, *arguments: Any, **options: Any) -> Any:
        return self.compare(*arguments, **options)

    def __getattr__(self, name: str) -> Any:
        if name != "compare":
            raise AttributeError(f"module 'solvers.compare' has no attribute '{name}'")
        from solvers.comparison.frame import compare  # late: ``--help`` would wait for it

        return compare


if __name__ == "__main__":
    sys.exit(script())

sys.modules[__name__].__class__ = _CallableModule
