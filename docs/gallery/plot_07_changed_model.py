"""
A changed model
===============

Every formulation is an explicit model. Add what you like to it, and let any solver take it.
"""

# %%
# The convex form of P1, as a Pyomo model. Each part says what it is.

import matplotlib.pyplot as plt
import pyomo.environ as pyo

import diffload

instance = diffload.load("n10")
model = diffload.build("step_allocation/p1-convex", instance)
for part in model.component_objects([pyo.Var, pyo.Constraint], active=True):
    print(f"{part.name}: {part.doc}")

# %%
# Users 0 and 1 belong to one household and must run at the same place:

model.same_place = pyo.Constraint(expr=model.offload[0] == model.offload[1])
result = diffload.solve_native(model, solver="scip")
print(result)

# %%
# Without it:

free = diffload.solve(instance)
print(f"free {free.objective:.6f}, together {result.objective:.6f}")

# %%
# Who runs where, free above and together below:

figure, axes = plt.subplots(2, 1, figsize=(7, 5), layout="constrained", sharex=True)
diffload.plot.solution(free, axes[0])
diffload.plot.solution(result, axes[1])
plt.show()
