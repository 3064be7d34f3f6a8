from __future__ import annotations

import numpy as np
import pytest
from builders import step_allocation
from hypothesis import given, settings
from hypothesis import strategies as st
from reference import CORNERS

from formulations.step_allocation.best_response import decision_costs, respond
from formulations.step_allocation.block_response import user_costs
from formulations.step_allocation.parameters import EDGE
from solvers.step_allocation.large_scale.user_blocks import Threads, UserBlocks


def answers(data, prices):
    """Steps, savings and use at prices asked one after another, in blocks and one by one."""
    threads = Threads(1)
    alternative = np.linspace(-0.3, 0.3, data.users)
    blocks = UserBlocks.filled(user_costs(data, EDGE, 1.0, alternative), np.arange(data.users), threads)
    edge, steps, cost = decision_costs(data, EDGE), np.empty(data.users), np.empty(data.users)
    for price in prices:
        sums = blocks.respond(price, threads, choose=True)
        respond(edge, price, data.integer_steps, steps, cost)
        yield blocks, sums, steps, cost - alternative


@settings(max_examples=80, deadline=None)
@given(
    seed=st.integers(0, 5000),
    users=st.sampled_from([1, 2, 127, 128, 129, 300]),
    integer=st.booleans(),
    corner=st.sampled_from(sorted(CORNERS)),
    prices=st.lists(st.floats(0.0, 0.1) | st.floats(0.0, 1e-4) | st.floats(0.0, 1e6), min_size=1, max_size=6),
)
def test_users_in_blocks_do_what_they_do_alone(seed, users, integer, corner, prices):
    data = step_allocation(users, seed, **(CORNERS[corner] | {"integer_steps": integer}))
    for blocks, sums, steps, saving in answers(data, prices):
        np.testing.assert_allclose(blocks.saving, saving, rtol=1e-12, atol=1e-14)
        chosen = blocks.chosen[: data.users] != 0
        assert sums.saving == pytest.approx(blocks.saving[chosen].sum(), abs=1e-12 * users)
        assert sums.used == pytest.approx(blocks.steps[chosen].sum(), rel=1e-12, abs=1e-9)
        if not integer:
            np.testing.assert_allclose(blocks.steps, steps, rtol=1e-7, atol=1e-7)


@pytest.mark.parametrize("integer", [False, True])
def test_extreme_decays_are_taken_one_by_one(integer):
    decays = np.array([1e-9, 1e-4, 1.0, 50.0, 1e3])
    one, other = (part.ravel() for part in np.meshgrid(decays, decays))
    data = step_allocation(
        one.size,
        error_decay_per_step=one,
        utility_decay_per_step=other,
        local_max_steps=1e6,
        edge_max_steps=1e6,
        integer_steps=integer,
    )
    for blocks, _, _, saving in answers(data, [0.0, 1e-9, 1.0, 1e-3, 30.0, 0.0]):
        np.testing.assert_allclose(blocks.saving, saving, rtol=1e-11, atol=1e-13)


@pytest.mark.parametrize("integer", [False, True])
def test_a_price_moves_users_whose_steps_cost_next_to_nothing(integer):
    data = step_allocation(
        300, cost_weight=1e-200, utility_weight=0.3, edge_max_steps=1e150, integer_steps=integer
    )
    for blocks, _, steps, saving in answers(data, [0.0, 1e-3, 0.0, 1e-9, 1.0]):
        np.testing.assert_allclose(blocks.saving, saving, rtol=1e-11, atol=1e-13)
        if not integer:  # among 40,000 whole steps, which cost 1e-202 each, several are equally good
            np.testing.assert_allclose(blocks.steps, steps, rtol=1e-7, atol=1e-7)
