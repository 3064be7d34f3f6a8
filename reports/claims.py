"""Door of ``python -m reports.claims``: audit the statements of both papers."""

from __future__ import annotations

import sys

from formulations.runtime import program
from reports.papers.audit.command import main

__all__ = ["main"]

if __name__ == "__main__":
    sys.exit(program.run(main))
