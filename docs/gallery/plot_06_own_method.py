"""
Your own method beside ours
===========================

A method is one function. Registered by an entry point it appears in every command and table; here it is handed over from Python.
"""

# %%
# Offload whoever saves most per edge step, while the budget lasts:

import matplotlib.pyplot as plt
import numpy as np

import diffload
from formulations.step_allocation import costs
from formulations.step_allocation.best_response import best_steps_at_price
from formulations.step_allocation.parameters import EDGE, LOCAL
from solvers.core.registry import Method
from solvers.core.result import Outcome
from solvers.core.run import run
from solvers.core.solve import case_of
from solvers.step_allocation.fixed_offloading import best_steps


def cheapest_first(data, limits, seed):
    """Return who offloads, by saving per step, with the best steps for that choice."""
    local, edge = (best_steps_at_price(data, place, 0.0) for place in (LOCAL, EDGE))
    saving = costs.cost(data, local, LOCAL) - costs.cost(data, edge, EDGE)
    offload = np.zeros(data.users)
    left = data.edge_step_budget
    for n in np.argsort(-saving / np.maximum(edge, 1e-12)):
        if saving[n] > 0.0 and edge[n] <= left:
            offload[n] = 1.0
            left -= edge[n]
    return Outcome(solution={"a": offload, "s": best_steps(data, offload)})


# %%
# Whatever a method returns is validated: the objective is recomputed, and an infeasible point is refused.

METHOD = Method(
    name="cheapest-first",
    problem="step_allocation",
    formulation="P1",
    function=f"{__name__}:cheapest_first",
    summary="offload by saving per edge step",
)
names = ["n10", "n30", "n30_tight", "n30_heterogeneous", "n100"]
gaps = {"cheapest-first": [], "sca-improved": []}
for name in names:
    instance = diffload.load(name)
    bound = diffload.solve(instance, problem="step_allocation").bound
    own = run(METHOD, case_of(instance, "step_allocation"), diffload.Limits(), seed=0)
    other = diffload.solve(instance, "sca-improved")
    for method, result in (("cheapest-first", own), ("sca-improved", other)):
        gaps[method].append(100 * (result.objective - bound) / abs(bound))
        print(f"{name:18s} {method:15s} {result.status:9s} {result.objective:12.6f}  gap {gaps[method][-1]:.4f} %")

# %%
# Twenty lines are not far from the optimum, and now we know how far:

figure, axes = plt.subplots(figsize=(7, 3), layout="constrained")
for method, values in gaps.items():
    axes.plot(names, np.maximum(values, 1e-5), "o-", label=method)
axes.set(yscale="log", ylabel="gap to the bound [%]")
axes.legend()
plt.show()
