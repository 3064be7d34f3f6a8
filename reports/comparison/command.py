"""The command ``python -m solvers.compare``: exit status, and one sentence where something cannot be used."""

from __future__ import annotations

import sys
from collections.abc import Sequence

from solvers.comparison.arguments import INTERRUPTED, UNUSABLE, UsageError, parse
from solvers.processes.standard_output import results_alone


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command and return its exit status.

    Parameters
    ----------
    arguments : sequence of str, optional
        Words after the command's name; those of this process by default.
    """
    try:
        return _main(arguments)
    except KeyboardInterrupt:
        return INTERRUPTED


def _main(arguments: Sequence[str] | None) -> int:
    try:
        options = parse(arguments)
        if options.version:
            from solvers.core.versions import versions

            print(f"diffload {versions()['diffload']}")
            return 0
        with results_alone():
            from reports.comparison import session

            if options.listing:
                session.list_methods()
                return 0
            return session.run(options)
    except UsageError as fault:
        from instances.errors import one_line

        print(f"diffload: {one_line(str(fault))}", file=sys.stderr)
        return UNUSABLE
