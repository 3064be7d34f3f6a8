"""
A further constraint
====================

A deadline, a ceiling on the error, a limit on how many may offload: a constraint is one line, and every method honours it or says that it
does not.
"""

# %%
# At most so many users may offload. What does each place less cost?

import matplotlib.pyplot as plt

import diffload

instance = diffload.load("n30")
most = [18, 15, 12, 9, 6, 3, 0]
results = [
    diffload.solve(
        instance.with_constraint("max_offloaded", on="step_allocation", most_users=users),
        problem="step_allocation",
    )
    for users in most
]
for users, result in zip(most, results, strict=True):
    print(f"at most {users:2d}: {result.status}, objective {result.objective:.4f}")

# %%
# A ceiling on the error that cannot hold is proven infeasible, and the reason names who cannot meet it.

impossible = diffload.solve(
    instance.with_constraint("error_ceiling", on="step_allocation", most_error=1e-4), problem="step_allocation"
)
print(impossible.status, "-", impossible.reason)

# %%
# The certified optimum over the limit:

figure, axes = plt.subplots(figsize=(7, 3.2), layout="constrained")
axes.plot(most, [result.objective for result in results], "o-")
axes.set(xlabel="users that may offload", ylabel="objective [-]")
plt.show()
