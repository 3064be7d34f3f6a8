"""The front door: everything that a user of the package needs, under one name.

>>> import diffload
>>> instance = diffload.load("n10")
>>> result = diffload.solve(instance)
>>> print(result.status, round(result.objective, 4))
optimal -2.5477

Names are loaded when they are first used, so that the import itself takes no time.
"""

from __future__ import annotations

from importlib import import_module
from pathlib import Path
from runpy import run_path
from typing import TYPE_CHECKING, Any

# Run by its path: a file of the user may stand where our packages are looked for.
_shadow = run_path(str(Path(__file__).parents[1] / "formulations/runtime/shadow.py"))
_shadow["refuse_shadows"]("formulations", "instances", "solvers", "reports")

if TYPE_CHECKING:
    from diffload import plot as plot
    from diffload.comparing import Comparison as Comparison
    from diffload.comparing import compare as compare
    from diffload.sources import generate as generate
    from diffload.sources import library as library
    from diffload.sources import load as load
    from diffload.sources import save as save
    from instances import Instance as Instance
    from instances import InstanceError as InstanceError
    from solvers.core.limits import Limits as Limits
    from solvers.core.result import Result as Result
    from solvers.core.result import Status as Status
    from solvers.core.solve import solve as solve

_WHERE = {
    "Comparison": "diffload.comparing",
    "Instance": "instances",
    "InstanceError": "instances",
    "Limits": "solvers.core.limits",
    "Result": "solvers.core.result",
    "Status": "solvers.core.result",
    "compare": "diffload.comparing",
    "generate": "diffload.sources",
    "library": "diffload.sources",
    "load": "diffload.sources",
    "plot": "diffload.plot",
    "save": "diffload.sources",
    "solve": "solvers.core.solve",
}
"""Module of every public name."""

__all__ = sorted(_WHERE)


def __getattr__(name: str) -> Any:
    """Load a public name on its first use."""
    if name not in _WHERE:
        raise AttributeError(f"module 'diffload' has no attribute '{name}'")
    module = import_module(_WHERE[name])
    value = module if name == "plot" else getattr(module, name)
    import_module("diffload.display").attach()
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
