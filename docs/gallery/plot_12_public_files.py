"""
Files in the public GQAP and QAPLIB formats
===========================================

The generalised quadratic assignment problem has public instances in two text formats. Both are read as they are; the package contains none
of them, so this example writes two small ones.
"""

# %%
# QAPLIB: ``n``, then two matrices.

from pathlib import Path
from tempfile import mkdtemp

import matplotlib.pyplot as plt
import numpy as np

import diffload

folder = Path(mkdtemp())
draw = np.random.default_rng(0)
n = 8
flow, distance = (np.triu(draw.integers(0, 10, (n, n)), 1) for _ in range(2))
flow, distance = flow + flow.T, distance + distance.T
rows = "\n".join(" ".join(map(str, row)) for matrix in (flow, distance) for row in [*matrix, []])
(folder / "small.dat").write_text(f"{n}\n\n{rows}\n")
print((folder / "small.dat").read_text()[:120], "...")

# %%
# A file of your own, or one that you downloaded, is passed by its path. ``diffload compare nug12.dat`` does the same in a shell.

exact = diffload.solve(folder / "small.dat", "branch-and-bound")
print(exact)

# %%
# How far are the heuristics?

comparison = diffload.compare(
    folder / "small.dat", ["branch-and-bound", "tabu", "greedy", "scipy-quadratic-assignment"]
)
print(comparison)

# %%
# Which item is where, beside the flows between them:

place = exact.solution["assignment"].astype(int)
figure, axes = plt.subplots(1, 2, figsize=(8, 3.4), layout="constrained")
axes[0].imshow(flow)
axes[0].set(xlabel="item", ylabel="item", title="flow between items")
order = np.argsort(place)
axes[1].imshow(distance[np.ix_(place, place)])
axes[1].set(xlabel="item", ylabel="item", title="distance between their places")
plt.show()
