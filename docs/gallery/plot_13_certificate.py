"""
Check a certificate by hand
===========================

"Optimal" is a claim. The exact method's result carries what proves it: prices, and a tree if one was needed. Anyone can recompute the bound
from it in a few lines.
"""

# %%
# Solve, and look at the certificate:

import matplotlib.pyplot as plt
import numpy as np

import diffload
from formulations.step_allocation import costs
from formulations.step_allocation.parameters import EDGE, LOCAL

instance = diffload.load("n30")
result = diffload.solve(instance, "price-search")
data = instance.section("step_allocation")
price = result.certificate["fixing_multipliers"][0]
print(f"price of a step {price:.6f}, {len(result.certificate['tree'])} nodes")

# %%
# By hand: at any price, each user's cheapest choice, paying the price for each edge step, adds up to a bound on the optimum. A fine grid of
# steps stands in for calculus here.

steps = np.linspace(0.0, 1.0, 20_001)


def bound(delta):
    """Return the Lagrangian bound at a price, each user on a grid of steps."""
    total = -delta * data.edge_step_budget
    for n in range(data.users):
        local = steps * data.local_step_limit[n]
        edge = steps * data.edge_step_limit[n]
        local_cost = min(costs.cost(data, np.full(data.users, s), LOCAL)[n] for s in local[::400])
        edge_cost = min(costs.cost(data, np.full(data.users, s), EDGE)[n] + delta * s for s in edge[::400])
        total += min(local_cost, edge_cost)
    return total


print(f"by hand {bound(price):.4f}, by the method {result.bound:.4f}, objective {result.objective:.4f}")

# %%
# The checker does it rigorously, with an allowance for rounding, and refuses anything that proves nothing:

print(diffload.check_certificate(instance, result))

# %%
# Every price gives a valid bound, the best one is at the top, and no bound is above the objective:

prices = np.linspace(0.0, 2.5 * price, 9)
figure, axes = plt.subplots(figsize=(7, 3.2), layout="constrained")
axes.plot(prices, [bound(delta) for delta in prices], "o-", label="bound at a price")
axes.axhline(result.objective, color="black", label="objective found")
axes.set(xlabel="price of a step [1/step]", ylabel="objective [-]")
axes.legend()
plt.show()
