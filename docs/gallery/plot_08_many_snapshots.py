"""
Many snapshots
==============

Decide hundreds of snapshots of a small cell in one call: with a proven optimum for each, and no loop in Python.
"""

# %%
# Draw three hundred snapshots, and solve them together.

from time import perf_counter

import matplotlib.pyplot as plt

import diffload

snapshots = [diffload.generate(users=20, seed=seed) for seed in range(300)]
started = perf_counter()
results = diffload.solve_many(snapshots, time_limit=60)
seconds = perf_counter() - started
print(f"{len(results)} snapshots, {sum(result.status == 'optimal' for result in results)} proven optimal")

# %%
# Each result has the same fields as one of ``solve``:

print(results[0])

# %%
# How much the draw decides:

figure, axes = plt.subplots(1, 2, figsize=(8, 3), layout="constrained")
axes[0].hist([result.objective for result in results], bins=40)
axes[0].set(xlabel="objective [-]", ylabel="snapshots")
axes[1].hist([float(result.solution["a"].sum()) for result in results], bins=range(21))
axes[1].set(xlabel="users that offload", ylabel="snapshots")
plt.show()
