"""
Train the learned policy, and see what it is worth
==================================================

Paper B decides by a network. Train one here for twenty seconds, then hold it against simple rules and the certified optimum. A network worth
using takes minutes; trained ones ship with the package. The edge server's times are those of the H100 PCIe, which stands in for the paper's H100 NVL.
"""

# %%
# Training needs torch (``pip install '.[train]'``). Where it is missing, only the shipped network is shown.

from importlib.util import find_spec
from pathlib import Path
from tempfile import mkdtemp

import matplotlib.pyplot as plt
import pandas as pd

import diffload

folder = Path(mkdtemp())
if find_spec("torch"):
    network = diffload.train("general", minutes=20 / 60, out=folder, seed=1)
    print("trained:", network.name)
else:
    print("torch is not installed: nothing is trained here")

# %%
# What a policy captures is its gain over running every user locally, as a share of what the optimum gains.

names = [f"split_i{users}_g{gpus}" for users in (10, 20, 30, 40) for gpus in (2, 8)]
methods = ["sorted-stop", "greedy", "batch-scan"]
learned = [name for name in diffload.methods("split_offloading") if "dqn" in name]
rows = []
for name in names:
    comparison = diffload.compare(name, [*methods, *learned], problem="split_offloading", time_limit=10)
    nothing = diffload.solve(name, "all-local", problem="split_offloading").objective
    best = max(result.bound for result in comparison if result.bound is not None)
    for result in comparison:
        if result.objective is not None:
            rows.append((name, result.solver, 100 * (result.objective - nothing) / (best - nothing)))
captured = (
    pd.DataFrame(rows, columns=["instance", "method", "captured share"]).groupby("method").mean(numeric_only=True)
)
print(captured.sort_values("captured share").to_string())

# %%
# The learning curve of the twenty seconds, if there is one:

figure, axes = plt.subplots(figsize=(7, 3), layout="constrained")
captured["captured share"].sort_values().plot.barh(ax=axes)
axes.set(xlabel="captured share [%], mean over eight snapshots", ylabel="", xlim=(0, 102))
plt.show()
