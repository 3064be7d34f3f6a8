"""Labels for instances, told apart where several have the same name."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from formulations.errors import one_line


def labels(names: Sequence[str], marks: Sequence[str]) -> list[str]:
    """The names, all different: with a mark behind those that are there several times, and a number if need be.

    Parameters
    ----------
    names : sequence of str
        Names of instances.
    marks : sequence of str
        What tells them apart, such as their files.
    """
    count = Counter(names)
    marked = [
        f"{name} ({one_line(mark)})" if count[name] > 1 else name for name, mark in zip(names, marks, strict=True)
    ]
    seen: Counter[str] = Counter()
    found = []
    for label in marked:
        seen[label] += 1
        found.append(label if seen[label] == 1 else f"{label} #{seen[label]}")
    return found
