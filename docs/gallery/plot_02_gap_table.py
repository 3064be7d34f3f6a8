"""
Read a gap table
================

Every method is set against the best bound that any of them has proven. A heuristic that looks good beside other heuristics may still be
far from what is possible.
"""

# %%
# One exact method, the paper's algorithms and its baselines. Without a list all methods run, external solvers too.

import diffload

comparison = diffload.compare(
    "n10",
    ["price-search", "sca-improved", "sca-published", "all-local", "all-edge", "random"],
    time_limit=10,
)
print(comparison)

# %%
# How to read it:
#
# - **status**: ``optimal`` only where the objective is within the asked gap of the method's *own* bound; ``feasible`` claims no more than
#   that the solution holds.
# - **objective**: recomputed from the solution by one evaluator, never taken from a solver.
# - **bound**: no solution is better than that. Heuristics have none.
# - **gap**: distance of the objective from the best bound of the whole table.

# %%
# The tidy frame has a row per method and seed, for your own statistics:

frame = comparison.frame
print(frame[["method", "seed", "status", "objective", "gap_percent"]].to_string(index=False))

# %%
# The same as a picture, on a logarithmic axis:

comparison.plot()
