"""Door of ``python -m solvers.step_allocation.sensitivity instances/n30.json``: print shadow prices."""

from __future__ import annotations

import sys
from collections.abc import Sequence

from formulations.runtime import program


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command and return its exit status."""
    from reports.comparison.sensitivity import main as command

    return command(arguments)


if __name__ == "__main__":
    sys.exit(program.run(main))
