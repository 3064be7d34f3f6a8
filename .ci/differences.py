"""Say where two environments differ: in versions, and in what the main job found.

    python .ci/differences.py versions constraints.txt
    python .ci/differences.py results tested/results.json newest/results.json

Exit status: 0 they agree, 1 they differ.
"""

from __future__ import annotations

import json
import math
import re
import sys
from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

RELATIVE = 1e-6
"""Difference of two objectives that is none [-]: the gap that methods are asked for."""


def versions(constraints: Path) -> Iterator[str]:
    """Packages that are installed here in another version than the file says."""
    for name, tested in re.findall(r"^([\w.-]+)==(\S+)$", constraints.read_text(), re.MULTILINE):
        try:
            found = version(name).partition("+")[0]
        except PackageNotFoundError:
            continue
        if found != tested:
            yield f"{name} {found} in place of {tested}"


def results(tested: Path, newest: Path) -> Iterator[str]:
    """Rows of the main job with another status or objective."""
    before, after = rows(tested), rows(newest)
    for key in sorted(before | after):
        one, other = (found.get(key, ("no row", None)) for found in (before, after))
        if one[0] != other[0] or not close(one[1], other[1]):
            yield f"{' '.join(map(str, key))}: {said(*other)} in place of {said(*one)}"


def rows(path: Path) -> dict[tuple[str, str, int], tuple[str, float | None]]:
    """Status and objective by problem, method and seed."""
    records: list[dict[str, Any]] = json.loads(path.read_text())
    return {(r["problem"], r["solver"], r["seed"]): (r["status"], r["objective"]) for r in records}


def close(one: float | None, other: float | None) -> bool:
    """Whether two objectives are the same."""
    if one is None or other is None:
        return one is other
    return math.isclose(one, other, rel_tol=RELATIVE, abs_tol=RELATIVE)


def said(status: str, objective: float | None) -> str:
    """Status and objective in a few words."""
    return status if objective is None else f"{status} {objective:.9g}"


def main(words: list[str]) -> int:
    """Print every difference."""
    what, *files = words
    found = list({"versions": versions, "results": results}[what](*map(Path, files)))
    print("\n".join(found or [f"{what}: no difference"]))
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
