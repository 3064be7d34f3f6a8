"""Which constraint binds, in solutions whose limits are known."""

from __future__ import annotations

import numpy as np
from builders import split_offloading, step_allocation

from formulations.gqap.parameters import GQAP
from reports.gap_report import binding


def uses(problem, data, **solution):
    arrays = {name: np.asarray(values, dtype=float) for name, values in solution.items()}
    return [(use.used, use.limit, use.binds) for use in binding.USES[problem](data, arrays)]


def test_budget_and_native_bounds_of_step_allocation():
    data = step_allocation(4, local_max_steps=30.0, edge_max_steps=50.0, edge_step_capacity=90.0)
    found = uses("step_allocation", data, a=[1, 1, 0, 0], s=[50.0, 40.0, 30.0, 12.0])
    assert found == [(90.0, 90.0, True), (1.0, 2.0, True), (1.0, 2.0, True)]
    found = uses("step_allocation", data, a=[1, 0, 0, 0], s=[40.0, 29.0, 28.0, 12.0])
    assert found == [(40.0, 90.0, False), (0.0, 3.0, False), (0.0, 1.0, False)]


def test_batch_and_split_of_split_offloading():
    data = split_offloading(4, max_batch=2, min_local_steps=80, total_steps=200)
    assert uses("split_offloading", data, x=[1, 1, 0, 0], n=[80, 95, 200, 200]) == [(2, 2, True), (1, 2, True)]
    assert uses("split_offloading", data, x=[1, 0, 0, 0], n=[81, 200, 200, 200]) == [(1, 2, False), (0, 1, False)]


def test_a_place_is_full_where_nobody_else_would_fit_in():
    data = GQAP.model_validate(
        {
            "items": 3,
            "places": 2,
            "assignment_cost": np.zeros((3, 2)),
            "flow": np.zeros((3, 3)),
            "distance": np.zeros((2, 2)),
            "cost_factor": 1.0,
            "weight": [4.0, 3.0, 2.0],
            "capacity": [8.0, 5.0],
        }
    )
    assert uses("gqap", data, assignment=[0, 0, 1]) == [(1, 2, True)]  # 1 left at place 0, 3 at place 1
    assert uses("gqap", data, assignment=[0, 1, 1]) == [(1, 2, True)]  # 4 left at place 0, none at place 1
