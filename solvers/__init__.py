"""Solves: one method a file, one result for all, and the command that compares them.

>>> import solvers
>>> result = solvers.solve("instances/n30.json", "price-search")
>>> frame = solvers.compare(["instances/n30.json"], ["price-search", "random"])
"""

from __future__ import annotations

from importlib import import_module
from pathlib import Path
from runpy import run_path
from typing import TYPE_CHECKING, Any

# Run by its path: a file of the user may stand where our package 'formulations' is looked for.
_shadow = run_path(str(Path(__file__).parents[1] / "formulations/runtime/shadow.py"))
_shadow["refuse_shadows"]("formulations", "instances")

__all__ = ["compare", "solve", "solve_native"]

if TYPE_CHECKING:
    from solvers.comparison.frame import compare
    from solvers.core.solve import solve
    from solvers.external.native import solve_native

_WHERE = {
    "compare": "solvers.comparison.frame",
    "solve": "solvers.core.solve",
    "solve_native": "solvers.external.native",
}


def __getattr__(name: str) -> Any:
    """Import a function when it is first used: ``--help`` and every child process would wait for it otherwise."""
    if name not in _WHERE:
        raise AttributeError(f"module 'solvers' has no attribute '{name}'")
    return getattr(import_module(_WHERE[name]), name)
