"""Door of ``python -m reports.rolling_horizon``: show what a policy does over an hour."""

from __future__ import annotations

from reports.simulation.rolling_horizon import main

__all__ = ["main"]

if __name__ == "__main__":
    main.script()
