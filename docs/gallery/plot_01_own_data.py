"""
Your own devices, from a CSV
============================

A table with a row per user is all it takes: its columns are named as the fields, with the unit in the name. What all users share is
one number.
"""

# %%
# Here the table is written on the spot; in your case it is a file.

from io import StringIO

import pandas as pd

import diffload

users = pd.read_csv(
    StringIO(
        """device,local_seconds_per_step,local_cpu_hz,error_decay_per_step,utility_decay_per_step
phone,0.0040,1.2e9,0.030,0.032
phone,0.0040,1.2e9,0.045,0.028
tablet,0.0025,1.8e9,0.035,0.040
laptop,0.0012,3.0e9,0.025,0.045
laptop,0.0012,3.0e9,0.050,0.025
desktop,0.0008,3.8e9,0.040,0.030
"""
    )
)

# %%
# Seconds per step, clock rates and decays are each user's own. The rest, the weights among it, is the same for everybody.

instance = diffload.Instance.from_frame(
    users.drop(columns="device"),
    name="my-devices",
    edge_seconds_per_step=0.001,
    edge_cpu_hz=1.0e10,
    local_power_coefficient=1e-26,
    edge_power_coefficient=1e-26,
    forward_error=1.0,
    local_max_steps=60,
    edge_max_steps=80,
    edge_step_capacity=200,
    time_weight_per_second=1.0,
    error_weight=1.0,
    energy_weight_per_joule=1e-4,
    cost_weight=0.5,
    utility_weight=0.5,
)
result = diffload.solve(instance)
print(result)

# %%
# A row per user, with units in the names:

frame = result.to_frame()
frame.insert(0, "device", users["device"])
print(frame.round(3).to_string())

# %%
# Who runs where, and how many steps each user takes under its own limit:

result.plot()
