"""Door of ``python -m reports.claims``: audit the statements of both papers."""

from __future__ import annotations

from reports.papers.audit.command import main

__all__ = ["main"]

if __name__ == "__main__":
    main.script()
