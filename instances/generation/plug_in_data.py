"""Makes the data of other packages' problems by their own generators."""

from __future__ import annotations

import inspect
from collections.abc import Mapping
from typing import Any

from formulations.errors import InstanceError, suggestion
from formulations.fields import show
from formulations.problem import Problem
from formulations.section import Section


def drawn(known: Problem, seed: int, options: Mapping[str, Any]) -> Any:
    """Return the section, or its fields, that a problem's generator makes.

    Parameters
    ----------
    known : Problem
        A problem with a generator.
    seed : int
        Seed of the draws.
    options : Mapping
        Keyword arguments of the generator.

    Raises
    ------
    InstanceError
        If the generator has no such options, fails, or returns something else.
    """
    try:
        function = known.load_generator()
    except Exception as fault:  # whatever importing code of others raises
        raise _failed(known, fault) from fault
    _check_options(known, function, options)
    try:
        made = function(seed, **options)
    except InstanceError:
        raise
    except Exception as fault:  # whatever code of others raises
        raise _failed(known, fault) from fault
    if not isinstance(made, Mapping | Section):
        raise InstanceError(
            f"{known.name}: expected its generator {known.generator} to return the fields of a section, "
            f"got {show(made)}"
        )
    return made


def _check_options(known: Problem, function: Any, options: Mapping[str, Any]) -> None:
    """Refuse an option that the generator does not have, or the want of one that it needs."""
    _, *parameters = inspect.signature(function).parameters.values()
    if any(parameter.kind is parameter.VAR_KEYWORD for parameter in parameters):
        return
    names = [parameter.name for parameter in parameters]
    for name in options:
        if name not in names:
            hint = suggestion(name, names)
            raise InstanceError(
                f"{known.name}: expected options among {', '.join(names) or 'none'}, got {show(name)}{hint}"
            )
    for parameter in parameters:
        if parameter.default is parameter.empty and parameter.name not in options:
            raise InstanceError(f"{known.name}: expected the option {parameter.name}, got none")


def _failed(known: Problem, fault: Exception) -> InstanceError:
    reason = " ".join(f"{type(fault).__name__}: {fault}".split())
    return InstanceError(f"{known.name}: expected data from its generator {known.generator}, got {reason}")
