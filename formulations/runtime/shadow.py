"""A file of the user that bears the name of a package of ours, and that Python finds first."""

from __future__ import annotations

import os
import sys
from importlib.util import find_spec
from pathlib import Path

UNUSABLE = 2
"""Exit status where a command cannot run."""


def look_here_first() -> None:
    """Have ``python -m`` look for packages where ours are, and into the working folder last."""
    if sys.argv[:1] == ["-m"] and sys.path[:1] == [os.getcwd()]:
        sys.path[:1] = [str(Path(__file__).parents[2])]
        sys.path.append(os.getcwd())


def refuse_shadows(*packages: str) -> None:
    """Refuse to go on where Python finds another module in the place of one of these packages.

    Raises
    ------
    ImportError
        With a sentence that names the file; ``python -m`` prints the sentence and ends.
    """
    for name in packages:
        spec = find_spec(name)
        ours = Path(__file__).parents[2] / name / "__init__.py"
        if spec is None or spec.origin is None or os.path.realpath(spec.origin) == os.path.realpath(ours):
            continue
        sentence = (
            f"{spec.origin}: expected no module named '{name}' before the package '{name}' of diffload, got this "
            "file, which hides it: rename it, or run in another folder"
        )
        if sys.argv[:1] == ["-m"]:  # as long as Python looks for the command
            print(f"diffload: {sentence}", file=sys.stderr)
            raise SystemExit(UNUSABLE)
        raise ImportError(sentence)
