from __future__ import annotations

import numpy as np

from formulations.step_allocation.quality.vector_math import exp_and_expm1, rough_log


def test_exp_and_expm1_are_right_to_a_few_units_in_the_last_place():
    draw = np.random.default_rng(0)
    x = -np.concatenate(
        [[0.0, 1e-300, 700.0], draw.uniform(0.0, 60.0, 500), 10.0 ** draw.uniform(-16.0, 2.8, 500)]
    )
    found = np.array([exp_and_expm1(value) for value in x])
    np.testing.assert_allclose(found[:, 0], np.exp(x), rtol=1e-15)
    np.testing.assert_allclose(found[:, 1], np.expm1(x), rtol=1e-15)


def test_below_the_smallest_argument_exp_is_tiny_and_positive():
    assert 0.0 < exp_and_expm1(-1e300)[0] < 1e-300
    assert exp_and_expm1(-1e300)[1] == -1.0


def test_rough_log_is_roughly_log():
    x = 10.0 ** np.random.default_rng(1).uniform(-300.0, 300.0, 500)
    np.testing.assert_allclose([rough_log(value) for value in x], np.log(x), atol=0.006)
