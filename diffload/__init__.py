"""The front door: everything that a user of the package needs, under one name.

>>> import diffload
>>> instance = diffload.load("n10")
>>> result = diffload.solve(instance)
>>> print(result.status, round(result.objective, 4))
optimal -2.5477

Names are loaded when they are first used, so that the import itself takes no time.
"""

from __future__ import annotations

import sys
from importlib import import_module
from pathlib import Path
from runpy import run_path
from typing import TYPE_CHECKING, Any

# Run by its path: a file of the user may stand where our packages are looked for.
_shadow = run_path(str(Path(__file__).parents[1] / "formulations/runtime/shadow.py"))
_shadow["look_here_first"]()
_shadow["refuse_shadows"]("formulations", "instances", "solvers", "reports")

if TYPE_CHECKING:
    from diffload import plot as plot
    from diffload.answers import check_certificate as check_certificate
    from diffload.answers import sensitivity as sensitivity
    from diffload.answers import simulate as simulate
    from diffload.answers import solve_sharded as solve_sharded
    from diffload.answers import train as train
    from diffload.comparing import Comparison as Comparison
    from diffload.comparing import compare as compare
    from diffload.listing import methods as methods
    from diffload.listing import problems as problems
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
    from solvers.external.explicit import build as build
    from solvers.external.explicit import export as export
    from solvers.external.explicit import solution as solution
    from solvers.external.explicit import solve_native as solve_native
    from solvers.snapshots.solve import solve_many as solve_many

_WHERE = {
    "build": "solvers.external.explicit",
    "check_certificate": "diffload.answers",
    "compare": "diffload.comparing",
    "Comparison": "diffload.comparing",
    "export": "solvers.external.explicit",
    "generate": "diffload.sources",
    "Instance": "instances",
    "InstanceError": "instances",
    "library": "diffload.sources",
    "Limits": "solvers.core.limits",
    "load": "diffload.sources",
    "methods": "diffload.listing",
    "plot": "diffload.plot",
    "problems": "diffload.listing",
    "Result": "solvers.core.result",
    "save": "diffload.sources",
    "sensitivity": "diffload.answers",
    "simulate": "diffload.answers",
    "solution": "solvers.external.explicit",
    "solve": "solvers.core.solve",
    "solve_many": "solvers.snapshots.solve",
    "solve_native": "solvers.external.explicit",
    "solve_sharded": "diffload.answers",
    "Status": "solvers.core.result",
    "train": "diffload.answers",
}
"""Module of every public name."""

__all__ = sorted(_WHERE)


def __getattr__(name: str) -> Any:
    """Load a public name on its first use."""
    if name == "__version__":
        return import_module("formulations.runtime.version").VERSION
    if name not in _WHERE:
        raise AttributeError(f"module 'diffload' has no attribute '{name}'", name=name, obj=sys.modules[__name__])
    module = import_module(_WHERE[name])
    value = module if name == "plot" else getattr(module, name)
    import_module("diffload.display").attach()
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*__all__, *(name for name in globals() if name.startswith("__"))})
