"""Door of ``python -m reports.readme``: make what README.md shows of our own runs."""

from __future__ import annotations

import sys

from formulations.runtime import program
from reports.papers.readme_command import main

__all__ = ["main"]

if __name__ == "__main__":
    sys.exit(program.run(main))
