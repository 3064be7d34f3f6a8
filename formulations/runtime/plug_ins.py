"""What other packages bring by entry points: what can be used of it, and a sentence about what cannot."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterable
from importlib.metadata import entry_points
from typing import Any, TypeVar

from formulations.runtime.program import PlugInWarning

_Item = TypeVar("_Item")


def plug_ins(
    group: str, own: Iterable[_Item], fault_of: Callable[[Any], str], label: Callable[[_Item], str]
) -> list[_Item]:
    """What entry points of a group bring; each names one item or a list of them.

    What does not import, is of another kind or bears a name that is taken is left out with a
    :class:`~formulations.runtime.program.PlugInWarning`.

    Parameters
    ----------
    group : str
        Name of the group.
    own : iterable
        The package's own items, whose names are taken.
    fault_of : callable
        What is wrong with an item, as ``expected ..., got ...``; empty where nothing is.
    label : callable
        The name of an item that has no fault, as a message shows it.
    """
    taken = {label(item): "the package itself" for item in own}
    found: list[_Item] = []
    for entry in entry_points(group=group):
        place = f"plug-in '{entry.name}' ({entry.value})"
        try:
            loaded = entry.load()
            items = list(loaded) if isinstance(loaded, list | tuple) else [loaded]
        except KeyboardInterrupt:
            raise
        except BaseException as raised:  # whatever code of others does, sys.exit included
            warn(f"{place} cannot be loaded: {type(raised).__name__}: {raised}")
            continue
        for item in items:
            fault = fault_of(item)
            if not fault and label(item) in taken:
                fault = f"expected a name of its own, got {label(item)}, which {taken[label(item)]} has"
            if fault:
                warn(f"{place} is left out: {fault}")
            else:
                taken[label(item)] = f"plug-in '{entry.name}'"
                found.append(item)
    return found


def warn(sentence: str) -> None:
    """Say in one line what of another package cannot be used."""
    warnings.warn(" ".join(sentence.split()), PlugInWarning, stacklevel=2)
