"""Door of ``python -m reports.per_dqn``: show what the learned policy is worth."""

from __future__ import annotations

from reports.learned_policy.measured import main

__all__ = ["main"]

if __name__ == "__main__":
    main.script()
