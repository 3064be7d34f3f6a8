"""Door of ``python -m reports.figures``: draw the figures and tables of both papers."""

from __future__ import annotations

import sys

from formulations.runtime import program
from reports.papers.figures.command import main

__all__ = ["main"]

if __name__ == "__main__":
    sys.exit(program.run(main))
