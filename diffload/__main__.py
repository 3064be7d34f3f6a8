"""Door of the command ``diffload``, also as ``python -m diffload``."""

from __future__ import annotations

import os
import sys
from pathlib import Path


def script() -> int:
    """Run the command as a process of its own, and return its exit status."""
    from diffload.commands import main
    from formulations.runtime import program

    if "_ARGCOMPLETE" in os.environ:
        from diffload.commands.completion import complete

        complete()
    return program.run(main)


def find_packages_first() -> None:
    """Have Python look into the working folder last: a file there may bear the name of a package of ours."""
    if sys.path[:1] == [os.getcwd()]:
        sys.path[:1] = [str(Path(__file__).parents[1])]
        sys.path.append(os.getcwd())


if __name__ == "__main__":
    find_packages_first()
    sys.exit(script())
