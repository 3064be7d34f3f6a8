"""Former names of modules and of keyword arguments: the use of one says what it is now."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from functools import wraps
from importlib.machinery import ModuleSpec
from types import ModuleType
from typing import NoReturn, ParamSpec, TypeVar

Given = ParamSpec("Given")
Returned = TypeVar("Returned")

MOVED = {
    "formulations.gqap.compact": "formulations.gqap.models.compact",
    "formulations.gqap.quadratic": "formulations.gqap.models.quadratic",
    "formulations.gqap.rlt1": "formulations.gqap.models.rlt1",
    "formulations.gqap.standard_linearisation": "formulations.gqap.models.standard_linearisation",
    "formulations.split_offloading.batch_indexed": "formulations.split_offloading.models.batch_indexed",
    "formulations.split_offloading.gqap_reduction": "formulations.split_offloading.models.gqap_reduction",
    "formulations.split_offloading.pai": "instances.calibration.pai",
    "formulations.split_offloading.p1": "formulations.split_offloading.models.p1",
    "formulations.split_offloading.p2": "formulations.split_offloading.models.p2",
    "formulations.step_allocation.p1": "formulations.step_allocation.models.p1",
    "formulations.step_allocation.p1_convex": "formulations.step_allocation.models.p1_convex",
    "formulations.step_allocation.p1_tangents": "formulations.step_allocation.models.p1_tangents",
    "formulations.step_allocation.p2": "formulations.step_allocation.models.p2",
    "formulations.step_allocation.surrogate": "formulations.step_allocation.models.surrogate",
    "formulations.step_allocation.vector_math": "formulations.step_allocation.quality.vector_math",
    "instances.devices": "instances.calibration.devices",
    "instances.errors": "formulations.errors",
    "instances.edge_servers": "instances.generation.edge_servers",
    "instances.generator": "instances.generation.generator",
    "instances.presets": "instances.generation.presets",
    "reports.gap_study": "reports.gap_report.study",
    "solvers.core.versions": "formulations.runtime.version",
    "solvers.algebraic": "solvers.external.algebraic",
    "solvers.backends": "solvers.external.backends",
    "solvers.command": "reports.comparison.command",
    "solvers.entry": "solvers.core.entry",
    "solvers.frame": "solvers.comparison.frame",
    "solvers.infeasibility": "solvers.core.infeasibility",
    "solvers.judge": "solvers.core.validation",
    "solvers.ledger": "solvers.sweep.ledger",
    "solvers.limits": "solvers.core.limits",
    "solvers.native": "solvers.external.native",
    "solvers.registry": "solvers.core.registry",
    "solvers.processes.standard_output": "formulations.runtime.standard_output",
    "solvers.result": "solvers.core.result",
    "solvers.run": "solvers.core.run",
    "solvers.split_offloading.batch_scan": "solvers.split_offloading.exact.batch_scan",
    "solvers.split_offloading.batch_scan_many": "solvers.split_offloading.exact.batch_scan_many",
    "solvers.step_allocation.certificate": "solvers.step_allocation.certificates.check",
    "solvers.step_allocation.price_search_many": "solvers.step_allocation.lagrangian.many",
    "solvers.step_allocation.price_search_sharded": "solvers.step_allocation.large_scale.sharded",
}
"""New name of every module whose old one was documented."""

_COSTS = "formulations.step_allocation.costs"
_SUPPORTS = "formulations.step_allocation.models.supports"

MOVED_NAMES = {
    f"{_SUPPORTS}.quality_curvature": f"{_COSTS}.quality_curvature",
    f"{_SUPPORTS}.quality_slope": f"{_COSTS}.quality_slope",
    "formulations.step_allocation.units.quality_worth": f"{_COSTS}.quality_worth",
    "solvers.core.run.solve": "solvers.core.solve.solve",
    "solvers.core.validation.judge": "solvers.core.validation.validate",
}
"""New place of every name that left a module which still stands."""


class _OldNames:
    """A finder that is asked last: for a name that nothing else has."""

    def find_spec(
        self, name: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        if name in MOVED:
            raise ModuleNotFoundError(f"'{name}' is now '{MOVED[name]}'", name=name)
        return None


def name_new_modules() -> None:
    """Have Python name the new module where an old one is imported."""
    if not any(isinstance(finder, _OldNames) for finder in sys.meta_path):
        sys.meta_path.append(_OldNames())


def former_names(module: str) -> Callable[[str], NoReturn]:
    """Return the ``__getattr__`` of a module that names left: the use of one says where it is now.

    That is an ImportError, as ``from module import name`` puts its own words in place of an AttributeError's.
    """

    def missing(name: str) -> NoReturn:
        now = MOVED_NAMES.get(f"{module}.{name}")
        if now is not None:
            raise ImportError(f"'{module}.{name}' is now '{now}'", name=name)
        raise AttributeError(f"module '{module}' has no attribute '{name}'", name=name, obj=sys.modules[module])

    return missing


def renamed(**former: str) -> Callable[[Callable[Given, Returned]], Callable[Given, Returned]]:
    """Have a function name the new keyword where a former one is used, by a TypeError."""

    def decorate(function: Callable[Given, Returned]) -> Callable[Given, Returned]:
        @wraps(function)
        def called(*arguments: Given.args, **options: Given.kwargs) -> Returned:
            for name in former.keys() & options.keys():
                raise TypeError(
                    f"{function.__qualname__.removesuffix('.__init__')}: '{name}' is now '{former[name]}'"
                )
            return function(*arguments, **options)

        return called

    return decorate
