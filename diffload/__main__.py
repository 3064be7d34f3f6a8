"""Door of the command ``diffload``, also as ``python -m diffload``."""

from __future__ import annotations

import os
import sys


def script() -> int:
    """Run the command as a process of its own, and return its exit status."""
    from diffload.commands import main
    from formulations.runtime import program

    if "_ARGCOMPLETE" in os.environ:
        from diffload.commands.completion import complete

        complete()
    return program.run(main)


if __name__ == "__main__":
    sys.exit(script())
