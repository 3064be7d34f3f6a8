"""A model in which every solver has to branch."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyomo.environ as pyo


def half_loads(sense: Any, items: int) -> Any:
    """Three knapsacks of half of all items: no cut spares the branching."""
    weight = np.random.default_rng(0).integers(100, 1000, (3, items))
    model = pyo.ConcreteModel()
    model.take = pyo.Var(range(items), domain=pyo.Binary)
    model.limit = pyo.Constraint(
        range(3),
        rule=lambda m, i: sum(int(weight[i, j]) * m.take[j] for j in range(items)) <= int(weight[i].sum() / 2),
    )
    worth = sum(int(weight[:, j].sum() + 37 * j % 50) * model.take[j] for j in range(items))
    model.value = pyo.Objective(expr=-int(sense) * worth, sense=sense)
    return model
