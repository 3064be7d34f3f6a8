"""The trained policies for several servers: better than greedy by what the page says, and what they refuse."""

from __future__ import annotations

import subprocess
import sys
from time import perf_counter

import numpy as np
import pytest

import instances
from formulations.evaluation import Evaluation
from formulations.multi_edge_offloading.evaluation import evaluate_solution
from formulations.multi_edge_offloading.parameters import MultiEdgeOffloading
from instances.generation.multi_edge import generate
from solvers.core import registry
from solvers.core.limits import Limits
from solvers.core.result import TIME_LIMIT, Outcome, Unsupported
from solvers.multi_edge_offloading.learned_policy import shipped
from solvers.split_offloading.per_dqn.network.configuration import PAPER_PAIR, TUNED_PAIR

HELD_OUT = [
    MultiEdgeOffloading(**generate(90_000 + number, users=users, servers=servers))
    for users, servers in ((20, 2), (40, 3), (60, 4), (100, 5))
    for number in range(10)
]


def solved(name: str, data: MultiEdgeOffloading, limits: Limits = Limits()) -> Outcome:  # noqa: B008 - frozen
    outcome: Outcome = registry.method(name, "multi_edge_offloading").load()(data, limits, 0)
    return outcome


def evaluated_of(data: MultiEdgeOffloading, outcome: Outcome) -> Evaluation:
    assert outcome.solution is not None
    evaluated = evaluate_solution(data, outcome.solution)
    assert evaluated.feasible
    return evaluated


def gain(data: MultiEdgeOffloading, name: str) -> float:
    evaluated = evaluated_of(data, solved(name, data))
    return evaluated.metrics["gain_over_all_local"]


def lost(name: str) -> float:
    """Mean of (optimum - objective) / (optimum - all-local) on held-out instances."""
    return float(np.mean([1.0 - gain(data, name) / gain(data, "price-decomposition") for data in HELD_OUT]))


def test_the_tuned_network_loses_less_than_half_of_what_greedy_loses() -> None:
    assert lost("dqn-tuned") < 0.5 * lost("greedy")


def test_a_decision_takes_less_than_a_millisecond_a_user() -> None:
    solved("dqn-tuned", HELD_OUT[-1])
    seconds = []
    for data in HELD_OUT[-5:]:
        began = perf_counter()
        solved("dqn-tuned", data)
        seconds.append((perf_counter() - began) / data.users)
    assert min(seconds) < 1e-3


def test_the_networks_are_those_of_their_configurations() -> None:
    assert shipped("paper").policy.configuration == PAPER_PAIR
    assert shipped("tuned").policy.configuration == TUNED_PAIR
    assert "the paper's network" in solved("per-dqn", HELD_OUT[0]).reason


def test_the_reason_names_what_the_network_has_not_seen() -> None:
    network = "network for servers, 20 to 100 users, 7,000 gradient steps"
    assert solved("dqn-tuned", HELD_OUT[0]).reason == network
    other = MultiEdgeOffloading(**generate(1, users=120, servers=6)).replaced({"total_steps": 150})
    assert solved("dqn-tuned", other).reason == f"{network}, trained on other users, servers, total_steps"


@pytest.mark.parametrize("name", ["per-dqn", "dqn-tuned"])
def test_models_are_refused_by_name_unless_every_server_holds_all(name: str) -> None:
    data = MultiEdgeOffloading(**generate(0, users=6, servers=2, models=3, model_slots=2))
    with pytest.raises(Unsupported, match="the learned policy knows no models"):
        solved(name, data)
    everywhere = data.replaced({"model_slots": np.full(2, 3.0)})
    assert solved(name, everywhere).solution is not None


def test_it_stops_at_the_time_limit_with_what_it_has() -> None:
    found = solved("dqn-tuned", HELD_OUT[-1], Limits(time_limit=0.0))
    assert found.reason == TIME_LIMIT
    assert evaluated_of(HELD_OUT[-1], found).metrics["gain_over_all_local"] == 0.0


def test_methods_run_where_torch_and_gymnasium_are_missing() -> None:
    program = """
import sys
class Missing:
    def find_spec(self, name, path=None, target=None):
        if name.split(".")[0] in ("torch", "gymnasium"):
            raise ModuleNotFoundError(name)
sys.meta_path.insert(0, Missing())
import instances, solvers
for name in ("per-dqn", "dqn-tuned"):
    print(name, solvers.solve(instances.load("multi_20x2"), name, problem="multi_edge_offloading").status)
"""
    ran = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stderr
    assert ran.stdout.count("feasible") == 2


def test_the_library_is_solved_to_within_a_few_percent() -> None:
    data = instances.load("multi_100x5").section("multi_edge_offloading")
    assert gain(data, "dqn-tuned") > 0.97 * gain(data, "price-decomposition")
