"""How it is solved: one method a file, one result for all, and the command that compares them.

>>> import solvers
>>> result = solvers.solve("instances/n30.json", "price-search")
>>> frame = solvers.compare(["instances/n30.json"], ["price-search", "random"])
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pandas as pd

    from solvers.result import Result


def solve(*arguments: Any, **options: Any) -> Result:
    """Solve one problem of an instance with one method; see :func:`solvers.run.solve`."""
    from solvers.run import solve as function

    return function(*arguments, **options)


def compare(*arguments: Any, **options: Any) -> pd.DataFrame:
    """Compare methods on instances; see :func:`solvers.compare.compare`."""
    from solvers.compare import compare as function

    return function(*arguments, **options)
