"""
Place a server
==============

A town has two edge servers and gets a third. Where should it stand? Every place is compared by its certified optimum, and not by a heuristic
whose own loss would blur the picture.
"""

# %%
# Forty users, with devices and weights as the generator draws them. Here they get coordinates, most of them around two squares.

import matplotlib.pyplot as plt
import numpy as np

import diffload
from instances.generation.multi_edge import Plane, spectral_efficiency

draw = np.random.default_rng(4)
users = np.concatenate(
    [draw.normal((250, 300), 90, (16, 2)), draw.normal((800, 750), 90, (16, 2)), draw.uniform(0, 1000, (8, 2))]
)
servers = np.array([(250.0, 700.0), (750.0, 250.0)])
drawn = diffload.generate(
    "multi_edge_offloading",
    users=40,
    servers=3,
    max_batch=12,
    seed=4,
    options={"edge_devices": ["A100-SXM4-40GB"]},
)
print(drawn)

# %%
# The channel of a user follows from its distance to each server, by the path loss that the generator documents.


def with_third_at(site):
    """The instance with the third server at a site [m]."""
    everywhere = np.vstack([servers, site])
    metres = np.linalg.norm(users[:, None, :] - everywhere[None, :, :], axis=2)
    return drawn.replace(spectral_efficiency=spectral_efficiency(Plane(), metres), gpus=[2, 2, 4])


# %%
# One site, solved and proven:

middle = diffload.solve(with_third_at((500, 500)), "price-decomposition")
print(middle)

# %%
# A grid of sites. Each takes some milliseconds.

line = np.linspace(0, 1000, 21)
gain = np.array(
    [
        [
            diffload.solve(with_third_at((x, y)), "price-decomposition").evaluation.metrics["gain_over_all_local"]
            for x in line
        ]
        for y in line
    ]
)
row, column = np.unravel_index(gain.argmax(), gain.shape)
best = line[column], line[row]
print(f"best site: ({best[0]:.0f} m, {best[1]:.0f} m), gain over all-local {gain.max():.1f} s")
print(f"worst site: {gain.min():.1f} s")

# %%
# The server that is nearest is not the one that a user goes to: bandwidth and batches are shared.

at_best = diffload.solve(with_third_at(best), "price-decomposition")
place = at_best.solution["server"].astype(int)
figure, axes = plt.subplots(figsize=(6, 4.8), layout="constrained")
shades = axes.contourf(line, line, gain, levels=15, cmap="Greys")
figure.colorbar(shades, label="optimum's gain over all-local [s]")
for server, (position, colour) in enumerate(
    zip(np.vstack([servers, best]), ("tab:blue", "tab:orange", "tab:green"), strict=True)
):
    for user in users[place == server]:
        axes.plot(*zip(user, position, strict=True), color=colour, linewidth=0.8)
    axes.plot(*position, "s", color=colour, markersize=10)
axes.scatter(*users.T, s=14, color="black", zorder=3)
axes.set(xlabel="[m]", ylabel="[m]", title="gain by where the third server stands; lines: who goes where")
plt.show()
