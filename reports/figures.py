"""Door of ``python -m reports.figures``: draw the figures and tables of both papers."""

from __future__ import annotations

from reports.papers.figures.command import main

__all__ = ["main"]

if __name__ == "__main__":
    main.script()
