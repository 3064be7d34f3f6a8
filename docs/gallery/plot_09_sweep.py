"""
A sweep on a local cluster
==========================

Many methods on many instances, with every core of this machine, and resumable: ``diffload gaps`` writes each result as it comes. The same
command runs on a cluster (see the guide on sweeps).
"""

# %%
# Two methods on four instances, with two workers of dask. In a shell: ``diffload gaps n10 n30 n30_tight n30_loose --out sweep``.

from pathlib import Path
from tempfile import mkdtemp

import matplotlib.pyplot as plt
import pandas as pd

from reports.gaps import main

folder = Path(mkdtemp())
names = ["n10", "n30", "n30_tight", "n30_loose"]
status = main([*names, "--solvers", "price-search,sca-improved,all-local", "--workers", "2", "--out", str(folder)])
print("exit status", status)

# %%
# A second call finds everything done. What is there is a folder of tables, figures and one page:

print(sorted(path.name for path in folder.iterdir()))

# %%
# The results are one row each, for any further statistics:

frame = pd.read_csv(folder / "results.csv")
gaps = frame.pivot_table(index="instance", columns="solver", values="gap")
print(gaps.to_string())

figure, axes = plt.subplots(figsize=(7, 3), layout="constrained")
(100 * gaps.clip(lower=1e-9)).plot.bar(ax=axes, rot=0)
axes.set(yscale="log", ylabel="gap [%]", xlabel="")
plt.show()
