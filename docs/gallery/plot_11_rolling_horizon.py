"""
An hour of the rolling horizon
==============================

Paper B decides one snapshot. What happens over an hour, when batches shrink as users get their latents back and a batch may still run when the
next one is decided?
"""

# %%
# Sixty intervals of a minute with some twenty requests each. Every policy sees the same requests.

import matplotlib.pyplot as plt

import diffload

simulated = {
    method: diffload.simulate(method, intervals=60, seed=3)
    for method in ("batch-scan", "sorted-stop", "all-local")
}
for hour in simulated.values():
    print(hour, end="\n\n")

# %%
# A row per request, with what the model had promised beside what happened:

frame = simulated["batch-scan"].to_frame()
print(frame.head().round(2).to_string())

# %%
# Who waits how long:

figure, axes = plt.subplots(figsize=(7, 3.2), layout="constrained")
for method, hour in simulated.items():
    latency = hour.to_frame()["latency_seconds"].sort_values()
    axes.plot(latency, [100 * (k + 1) / len(latency) for k in range(len(latency))], label=method)
axes.set(xlabel="latency [s]", ylabel="requests at most so long [%]")
axes.legend()
plt.show()
