"""
The price of a step
===================

What would one more edge step be worth? And one more joule, one more user? The multipliers of an optimum answer without solving again.
"""

# %%
# ``sensitivity`` solves the instance once and says what a unit of each limit is worth.

import diffload

instance = diffload.load("n30_constrained")
for price in diffload.sensitivity(instance).shared:
    print(
        f"{price.title}: uses {price.used:.1f} of {price.limit:.1f}; one {price.unit} more is worth {price.one_more}"
    )

# %%
# The multiplier of the edge's budget is called ``delta`` in the paper. It is the slope of the optimum over the budget, which we can check by
# solving twice:

import matplotlib.pyplot as plt

plain = diffload.load("n30")
capacity = plain.section("step_allocation").edge_step_capacity
result = diffload.solve(plain, problem="step_allocation")
more = diffload.solve(plain.replace(edge_step_capacity=capacity + 5), problem="step_allocation")
print(
    f"delta {result.duals['delta']:.6f}, difference quotient {(result.objective - more.objective) / 5:.6f} per step"
)

# %%
# The tangent lies on the curve of the certified optima:

axes = diffload.plot.tradeoff(
    plain, "edge_step_capacity", [900, 1000, 1100, 1200, 1300, 1400], problem="step_allocation"
)
budgets = [900, 1400]
axes.plot(
    budgets,
    [result.objective - result.duals["delta"] * (budget - capacity) for budget in budgets],
    "--",
    label="slope delta",
)
axes.legend()
plt.show()
