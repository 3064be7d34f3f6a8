"""Door of ``python -m reports.gaps``: run or resume a sweep, and report on it."""

from __future__ import annotations

from reports.gap_report.command import main

__all__ = ["main"]

if __name__ == "__main__":
    main.script()
