"""Door of ``python -m reports.gqap_validation``: hold every method against published values."""

from __future__ import annotations

from reports.validation.gqap_validation import main

__all__ = ["main"]

if __name__ == "__main__":
    main.script()
