"""Door of ``python -m reports.gqap_validation``: hold every method against published values."""

from __future__ import annotations

import sys

from formulations.runtime import program
from reports.validation.gqap_validation import main

__all__ = ["main"]

if __name__ == "__main__":
    sys.exit(program.run(main))
