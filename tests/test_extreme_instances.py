"""Instances at the edge of what numbers can be on which some method once said what is not true."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, get_args

import pytest
from builders import split_offloading, step_allocation
from fuzzing.checks import wrong_claims
from gqap_enumeration import random_gqap

from formulations.constraints.step_allocation.base import StepConstraint
from formulations.constraints.step_allocation.device_energy_budget import DeviceEnergyBudget
from formulations.constraints.step_allocation.edge_energy_budget import EdgeEnergyBudget
from formulations.constraints.step_allocation.error_ceiling import ErrorCeiling
from formulations.constraints.step_allocation.latency_deadline import LatencyDeadline
from formulations.constraints.step_allocation.max_offloaded import MaxOffloaded
from formulations.constraints.step_allocation.utility_floor import UtilityFloor
from formulations.gqap.parameters import GQAP
from formulations.split_offloading.parameters import SplitOffloading
from formulations.step_allocation.parameters import StepAllocation
from solvers.core import registry
from solvers.core.limits import Limits
from solvers.core.result import Result, Status
from solvers.core.run import Case, run


def without_limit_of_steps() -> StepAllocation:
    """The checker of certificates halved 1e150 steps 80 times and was left with 1e126."""
    return step_allocation(3, local_max_steps=1e150, edge_max_steps=1e150)


def enormous_rate() -> StepAllocation:
    """A step on the device costs 1e22 times as much as anything else."""
    return step_allocation(3, local_power_coefficient=11.1)


def many_whole_steps() -> StepAllocation:
    """A billionth of the limit of steps is 60 steps: as many negative ones counted as none."""
    data = step_allocation(
        1, integer_steps=True, edge_max_steps=6e10, energy_weight_per_joule=1e5, cost_weight=1e8, error_weight=1.4
    )
    return limited(data, ErrorCeiling, most_error=1.7)


def steps_for_nothing() -> StepAllocation:
    """A step costs 1e-202, so that 40,000 are best: there the slope underflows, and no price moved anybody."""
    return step_allocation(
        2,
        integer_steps=True,
        forward_error=0.53,
        error_decay_per_step=[0.0437, 0.0536],
        utility_decay_per_step=[0.0115, 0.0235],
        local_max_steps=[40.1, 19.7],
        edge_max_steps=1e150,
        edge_step_capacity=12.3,
        cost_weight=1e-200,
        utility_weight=0.3186,
    )


def no_budget() -> StepAllocation:
    """Shares of a budget of 0 were left at 4e-15 by rounding."""
    return step_allocation(
        3,
        local_max_steps=[31.8, 38.2, 42.1],
        edge_max_steps=[114.3, 44.8, 98.6],
        error_decay_per_step=[0.03851329, 0.02566251, 0.03585729],
        utility_decay_per_step=[0.07720851, 0.02761175, 0.02166632],
        cost_weight=1.0,
        utility_weight=0.7542281140178545,
        forward_error=1.65704421,
        edge_step_capacity=0.0,
    )


def no_decay() -> StepAllocation:
    """Decays by which no step changes the error: Algorithm 2 divided by 0."""
    return step_allocation(
        3, integer_steps=True, forward_error=1e150, error_decay_per_step=5e-324, edge_step_capacity=2.2
    )


def hardly_any_decay() -> StepAllocation:
    """The product of two decays near 1e-302 is 0, by which the best steps were divided."""
    return step_allocation(
        2,
        integer_steps=True,
        error_decay_per_step=4e-302,
        utility_decay_per_step=7e-302,
        time_weight_per_second=6e-301,
        energy_weight_per_joule=1.7e-304,
        edge_step_capacity=1.06,
    )


def limited(data: StepAllocation, kind: type[StepConstraint], **limits: Any) -> StepAllocation:
    name = get_args(kind.model_fields["type"].annotation)[0]
    return data.replaced({"constraints": (kind(type=name, on="step_allocation", **limits),)})


def next_to_no_energy() -> StepAllocation:
    """Rows in multiples of 1e-310 J were infinite, and the certificate's prices 0."""
    return limited(step_allocation(4, edge_step_capacity=0.0), EdgeEnergyBudget, most_joules=1e-310)


def no_steps_among_very_many() -> StepAllocation:
    """With room for 1e151 steps, 23257 of them counted as none in the budget of 0."""
    data = step_allocation(
        1, integer_steps=True, forward_error=1e150, edge_max_steps=7e151, edge_step_capacity=0.2
    )
    return limited(data, MaxOffloaded, most_users=1)


def limits_of_all_sizes() -> StepAllocation:
    """The least of the limits decided what rounding may do to the largest."""
    return limited(step_allocation(4), DeviceEnergyBudget, most_joules=[0.83, 1.94, 1e-12, 0.36])


def limit_that_nobody_meets() -> StepAllocation:
    """The rounding of a deadline of 1e30 s let all others be missed."""
    return limited(step_allocation(2), LatencyDeadline, most_seconds=[0.02, 1e30])


def steep_decay() -> StepAllocation:
    """A billionth of a step, which counts as rounding, is worth everything."""
    data = step_allocation(
        3, integer_steps=True, error_decay_per_step=4e148, forward_error=1.29, edge_step_capacity=0.0
    )
    return limited(data, ErrorCeiling, most_error=1.14)


def one_dear_device() -> StepAllocation:
    """Staying costs 1e23: the bound was what rounding left of it when it cancelled."""
    coefficient = [1.7e-17, 1e-26, 1e-26]
    return step_allocation(
        3,
        cost_weight=5e8,
        local_seconds_per_step=3e6,
        local_power_coefficient=coefficient,
        edge_step_capacity=60.0,
    )


def slopes_that_underflow() -> StepAllocation:
    """All that counts is 1e-300: users stayed at no steps, where their limit is best."""
    return step_allocation(
        1,
        edge_cpu_hz=9.6e-291,
        local_power_coefficient=0.0,
        forward_error=0.0,
        error_decay_per_step=0.0436,
        utility_decay_per_step=3.19e-302,
        local_max_steps=52.3,
        edge_max_steps=96.7,
        edge_step_capacity=24.8,
        time_weight_per_second=9.36e-301,
        cost_weight=0.8,
        utility_weight=0.95,
    )


def steps_that_gain_nothing() -> StepAllocation:
    """No step changes the objective by more than rounding: a plan took 126 of a budget of 2."""
    return step_allocation(
        3,
        local_seconds_per_step=0.0036285274713959005,
        edge_seconds_per_step=8.70478866396989e-24,
        local_cpu_hz=1607474300.8787904,
        edge_cpu_hz=15372497991.059288,
        local_power_coefficient=9.874022553009995e-47,
        edge_power_coefficient=1.9217808017446557e-26,
        forward_error=1.1221700629032463,
        error_decay_per_step=[7.300108127645994e-22, 7.860536156909135e-22, 2.8859418365847677e-22],
        utility_decay_per_step=[2.2038602751958968e-22, 2.3779736346840766e-22, 9.167885528862628e-22],
        local_max_steps=[4.527003307200184e-19, 1.9416594639731697e-19, 2.23314965009433e-19],
        edge_max_steps=[77.24220221455157, 137.63332352308223, 126.23533800978751],
        edge_step_capacity=2.189226577573914,
        time_weight_per_second=1.1196482682317557,
        error_weight=1.4640650784756906,
        energy_weight_per_joule=0.000110874334854151,
        cost_weight=0.583622351004504,
        utility_weight=0.34045353542981494,
    )


def limit_all_but_zero() -> StepAllocation:
    """A floor asks for 1e-10 steps of a device that does 4e-19: that is not the same but for rounding."""
    data = step_allocation(1, local_max_steps=3.6e-19, edge_max_steps=32.6, utility_decay_per_step=0.0252)
    return limited(data, UtilityFloor, least_utility=3.7e-12)


def one_slow_device() -> SplitOffloading:
    """Denying everybody takes 2e302 s, beside which all that is gained is lost in rounding."""
    return split_offloading(2, min_local_steps=0, local_seconds_per_step=[1e300, 0.3])


def tiny_costs(size: float) -> GQAP:
    """Costs near the smallest float, the scale of whose units is beyond the largest."""
    data = random_gqap(1, 4, 2)
    return data.replaced({"assignment_cost": data.assignment_cost * size, "cost_factor": data.cost_factor * size})


CASES: dict[str, Callable[[], Any]] = {
    "without limit of steps": without_limit_of_steps,
    "enormous rate": enormous_rate,
    "many whole steps": many_whole_steps,
    "steps for nothing": steps_for_nothing,
    "no budget": no_budget,
    "no decay": no_decay,
    "hardly any decay": hardly_any_decay,
    "next to no energy": next_to_no_energy,
    "no steps among very many": no_steps_among_very_many,
    "limits of all sizes": limits_of_all_sizes,
    "limit that nobody meets": limit_that_nobody_meets,
    "steep decay": steep_decay,
    "no local steps, negative zero": lambda: step_allocation(4, local_max_steps=-0.0, edge_step_capacity=0.0),
    "slopes that underflow": slopes_that_underflow,
    "steps that gain nothing": steps_that_gain_nothing,
    "limit all but zero": limit_all_but_zero,
    "one dear device": one_dear_device,
    "one slow device": one_slow_device,
    "tiny costs": lambda: tiny_costs(1e-307),
    "denormal costs": lambda: tiny_costs(1e-315),
    "huge costs": lambda: tiny_costs(1e302),
}


def results(data: Any) -> list[Result]:
    case = Case("extreme", "", data.problem, data)
    return [run(m, case, Limits(time_limit=60.0), 0) for m in registry.methods_for(data.problem) if not m.isolated]


@pytest.mark.filterwarnings("error::RuntimeWarning")
@pytest.mark.parametrize("name", CASES)
def test_nothing_wrong_is_claimed(name: str) -> None:
    data = CASES[name]()
    found = results(data)
    assert not list(wrong_claims(data.problem, data, found))
    exact = found[0]
    assert exact.status in (Status.OPTIMAL, Status.FEASIBLE)
    if name not in ("one slow device", "one dear device"):
        assert exact.status is Status.OPTIMAL


def test_the_bound_beside_a_slow_device_says_that_it_knows_little() -> None:
    found = results(one_slow_device())[0]
    assert found.status is Status.FEASIBLE
    assert found.bound is not None
    assert found.bound - found.objective > 1e280


def test_no_solution_has_negative_steps() -> None:
    data = many_whole_steps()
    for found in results(data):
        if found.solution is not None:
            assert found.solution["s"].min() >= 0.0
