"""Solves: one method a file, one result for all, and the command that compares them.

>>> import solvers
>>> result = solvers.solve("instances/n30.json", "price-search")
>>> frame = solvers.compare(["instances/n30.json"], ["price-search", "random"])
"""

from __future__ import annotations

from pathlib import Path
from runpy import run_path
from typing import TYPE_CHECKING

# Run by its path: a file of the user may stand where our package 'formulations' is looked for.
_shadow = run_path(str(Path(__file__).parents[1] / "formulations/runtime/shadow.py"))
_shadow["refuse_shadows"]("formulations", "instances")

__all__ = ["compare", "solve", "solve_native"]

if TYPE_CHECKING:
    from solvers.compare import compare
    from solvers.core.run import solve
    from solvers.external.native import solve_native
else:
    # Imported on the first call: ``--help`` and every child process would wait for it otherwise.

    def solve(*arguments, **options):
        """Solve one problem of an instance with one method; see :func:`solvers.core.run.solve`."""
        from solvers.core.run import solve as function

        return function(*arguments, **options)

    def compare(*arguments, **options):
        """Compare methods on instances; see :func:`solvers.compare.compare`."""
        from solvers.compare import compare as function

        return function(*arguments, **options)

    def solve_native(*arguments, **options):
        """Solve a model changed by hand and validate it; see :func:`solvers.external.native.solve_native`."""
        from solvers.external.native import solve_native as function

        return function(*arguments, **options)
