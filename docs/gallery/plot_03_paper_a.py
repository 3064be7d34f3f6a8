"""
Paper A's algorithms against the optimum
========================================

Paper A solves its problem P1 by a sequence of convex problems P2 (Algorithms 1 to 3). The sequence ends somewhere; where, compared with the
certified optimum?
"""

# %%
# The published algorithm, the improved one, and the exact method:

import matplotlib.pyplot as plt
import numpy as np

import diffload

names = ["n10", "n30", "n30_tight", "n30_loose", "n30_heterogeneous", "n100"]
methods = ["price-search", "sca-improved", "sca-published", "all-local"]
results = {
    (name, method): diffload.solve(name, method, problem="step_allocation") for name in names for method in methods
}

# %%
# The gap of each to the proven bound, in per cent. The exact method closes it to what was asked (1e-6).

for name in names:
    bound = results[name, "price-search"].bound
    gaps = [100 * (results[name, method].objective - bound) / abs(bound) for method in methods]
    print(f"{name:18s}", "  ".join(f"{method} {gap:9.4f}" for method, gap in zip(methods, gaps, strict=True)))

# %%
# The published penalty of 1e5 rounds who offloads in its first step, and nothing moves afterwards. Where the penalty grows slowly, nearly
# the whole loss goes away.

figure, axes = plt.subplots(figsize=(8, 3.2), layout="constrained")
width = 0.25
for position, method in enumerate(methods[1:]):
    gap = [
        100
        * (results[name, method].objective - results[name, "price-search"].bound)
        / abs(results[name, "price-search"].bound)
        for name in names
    ]
    axes.bar(np.arange(len(names)) + position * width, np.maximum(gap, 1e-4), width, label=method)
axes.set(yscale="log", ylabel="gap to the bound [%]")
axes.set_xticks(np.arange(len(names)) + width, names)
axes.legend()
plt.show()
