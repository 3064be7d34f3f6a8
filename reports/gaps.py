"""Door of ``python -m reports.gaps``: run or resume a sweep, and report on it."""

from __future__ import annotations

import sys

from formulations.runtime import program
from reports.gap_report.command import main

__all__ = ["main"]

if __name__ == "__main__":
    sys.exit(program.run(main))
