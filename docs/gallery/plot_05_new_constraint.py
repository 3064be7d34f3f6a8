"""
A further constraint
====================

A deadline, a ceiling on the error, a fairness floor: a constraint is one line, and every method honours it or says that it does not.
"""

# %%
# Nobody's error may be above what we name. How much does that cost the others?

import matplotlib.pyplot as plt

import diffload

instance = diffload.load("n30")
ceilings = [0.25, 0.2, 0.15, 0.12]
results = {None: diffload.solve(instance, problem="step_allocation")}
for most in ceilings:
    results[most] = diffload.solve(
        instance.with_constraint("error_ceiling", on="step_allocation", most_error=most), problem="step_allocation"
    )
for most, result in results.items():
    found = f"{result.objective:.4f}" if result.objective is not None else result.reason
    print(f"{most or 'without'}: {result.status} {found}")

# %%
# A ceiling that cannot hold is proven infeasible, and the reason names who cannot keep it.

impossible = diffload.solve(
    instance.with_constraint("error_ceiling", on="step_allocation", most_error=1e-4), problem="step_allocation"
)
print(impossible.status, "-", impossible.reason)

# %%
# The worst error falls to the ceiling, and the objective pays for it:

figure, axes = plt.subplots(figsize=(7, 3.2), layout="constrained")
for most, result in results.items():
    if result.objective is not None:
        errors = result.to_frame().filter(like="error").iloc[:, 0].sort_values()
        axes.plot(range(1, len(errors) + 1), errors, label=f"ceiling {most}: {result.objective:.3f}" if most else f"none: {result.objective:.3f}")
axes.set(xlabel="users, by error", ylabel="error [-]")
axes.legend(title="objective with")
plt.show()
