"""
Trade-off curves
================

How much does the edge's budget buy? Each point is a certified optimum, so the curve is the frontier itself and not the best that a
heuristic happened to find.
"""

# %%
# Solve the same users with ten budgets. ``replace`` checks each copy and gives it a hash of its own.

import matplotlib.pyplot as plt

import diffload

instance = diffload.load("n30")
budgets = [0, 100, 200, 400, 600, 800, 1000, 1400, 1800, 2400]
results = [
    diffload.solve(instance.replace(edge_step_capacity=budget), problem="step_allocation") for budget in budgets
]

# %%
# Every one is proven: the gap is what the bound leaves open.

for budget, result in zip(budgets, results, strict=True):
    print(
        f"{budget:5d} steps: objective {result.objective:8.4f}, {result.status}, delta {result.duals['delta']:.5f}"
    )

# %%
# The price ``delta`` of one more step falls to 0 where the budget no longer binds, and the curve is flat from there on.

figure, (left, right) = plt.subplots(1, 2, figsize=(8, 3.2), layout="constrained")
left.plot(budgets, [result.objective for result in results], "o-")
left.set(xlabel="budget of the edge [steps]", ylabel="objective [-]")
right.plot(budgets, [result.duals["delta"] for result in results], "o-")
right.set(xlabel="budget of the edge [steps]", ylabel="price of a step [1/step]")
plt.show()
