"""Door of ``python -m reports.readme``: make what README.md shows of our own runs."""

from __future__ import annotations

from reports.papers.readme_command import main

__all__ = ["main"]

if __name__ == "__main__":
    main.script()
