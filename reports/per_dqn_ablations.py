"""Door of ``python -m reports.per_dqn_ablations``: show what each choice of the training is worth."""

from __future__ import annotations

from reports.learned_policy.ablations import main

__all__ = ["main"]

if __name__ == "__main__":
    main.script()
