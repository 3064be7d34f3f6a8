"""The learned policy as methods of the command: feasible, repeatable, without torch."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from builders import split_offloading

import instances
from formulations.split_offloading.evaluation import evaluate_solution
from formulations.split_offloading.parameters import SplitOffloading
from instances.generation.generator import generate
from solvers.core import registry
from solvers.core.limits import Limits
from solvers.core.result import Outcome, Unsupported
from solvers.split_offloading.exact.batch_scan import scan_batches
from solvers.split_offloading.exact.batch_scan_many import scan_many
from solvers.split_offloading.per_dqn import methods
from solvers.split_offloading.per_dqn.decision_process.cases import rows_of
from solvers.split_offloading.per_dqn.decision_process.draw_cases import BINDING, MIXED, draw_cases, generator
from solvers.split_offloading.per_dqn.decision_process.rewards import set_gains
from solvers.split_offloading.per_dqn.network.configuration import PAPER
from solvers.split_offloading.per_dqn.network.inference import shapes
from solvers.split_offloading.per_dqn.network.policy import Policy
from solvers.split_offloading.per_dqn.network.weights import (
    SHIPPED,
    Trained,
    published,
    read_weights,
    tuned,
)
from solvers.split_offloading.per_dqn.training.curve import quality_of

N30 = Path(instances.__file__).parent / "n30.json"
NAMES = ("dqn-tuned", "dqn-tuned-best-of-16")


def solved(name: str, data: SplitOffloading, seed: int = 0) -> Outcome:
    outcome: Outcome = registry.method(name, "split_offloading").load()(data, Limits(), seed)
    assert outcome.bound is None
    return outcome


def gain(data: SplitOffloading, outcome: Outcome) -> float:
    evaluation = evaluate_solution(data, outcome.solution)
    assert max(evaluation.violations.values()) <= 1e-9
    return evaluation.metrics["gain_over_all_local"]


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("most", [0, 1, 3, 20])
def test_decisions_are_feasible_and_never_above_the_optimum(name: str, most: int) -> None:
    for seed in range(5):
        data = split_offloading(9, seed, max_batch=most)
        best = float(scan_batches(data).gain_of_batch.max())
        assert gain(data, solved(name, data)) <= best + 1e-9 * max(1.0, best)


def test_the_best_of_sixteen_is_never_worse_than_the_greedy_episode_and_repeats_with_its_seed() -> None:
    for seed in range(6):
        data = split_offloading(15, seed, gpus=8)
        one, best, again = (solved(name, data, 3) for name in (*NAMES, NAMES[1]))
        assert gain(data, best) >= gain(data, one) - 1e-9
        np.testing.assert_array_equal(best.solution["x"], again.solution["x"])


def test_the_shipped_networks_are_as_good_as_the_documents_say() -> None:
    cases = draw_cases(MIXED, 400, generator(11, "evaluation"))
    optimal = scan_many(cases.snapshots).gain
    for gpus in (1, 2, 4, 8):
        policy = read_weights(SHIPPED / f"gpus{gpus}.safetensors").policy
        rows = np.flatnonzero(near(cases.snapshots.per_item, gpus))
        found = set_gains(cases, policy.decide(cases))[rows]
        assert found.sum() >= 0.999 * optimal[rows].sum()
        assert (optimal[rows] - found <= 1e-9 * np.maximum(optimal[rows], 1.0)).mean() >= 0.93


@pytest.mark.parametrize("max_batch", BINDING)
def test_the_tuned_network_reaches_its_aims_with_every_largest_batch(max_batch: int) -> None:
    """The aims of docs/per_dqn.md, on 8,000 snapshots that its tables do not have."""
    cases = draw_cases(replace(MIXED, max_batch=(max_batch,)), 8000, generator(14, "evaluation"))
    quality = quality_of(cases, scan_many(cases.snapshots).gain, set_gains(cases, tuned().policy.decide(cases)))
    assert quality.gap_per_user <= 0.001
    assert quality.solved_share >= 0.95


def test_the_tuned_network_decides_whatever_the_number_of_gpus() -> None:
    for gpus in (1, 2, 3, 4, 8):
        reason = solved("dqn-tuned", split_offloading(9, gpus=gpus)).reason
        assert reason.startswith("network for general")


def near(per_item: np.ndarray, gpus: int) -> np.ndarray:
    data = instances.load(N30).split_offloading
    assert data is not None
    return np.isclose(per_item, data.edge_seconds_per_step_per_item / gpus)


def test_many_snapshots_in_one_call_are_decided_as_one_by_one() -> None:
    cases = draw_cases(MIXED, 40, generator(12, "evaluation"))
    policy = tuned().policy
    together = policy.decide(cases)
    alone = [policy.decide(rows_of(cases, np.array([row])))[0] for row in range(40)]
    np.testing.assert_array_equal(together, alone)
    sampled = policy.decide_best_of(cases, 8, np.random.default_rng(0))
    assert (set_gains(cases, sampled) >= set_gains(cases, together) - 1e-9).all()


def test_the_reason_names_the_network_and_what_it_has_not_seen() -> None:
    data = instances.load(N30).split_offloading
    assert data is not None
    assert solved("dqn-tuned", data).reason == "network for general, 2 to 40 users, 24,000 gradient steps"
    other = data.model_dump() | {"gpus": 3, "total_steps": 150, "max_batch": BINDING[-1] + 1}
    outcome = solved("dqn-tuned", SplitOffloading.model_validate(other))
    assert outcome.reason is not None
    assert outcome.reason.endswith("24,000 gradient steps, trained on other gpus, max_batch, total_steps")


def test_the_fixed_case_of_the_documents_is_missed_by_simple_rules_and_solved_by_the_networks() -> None:
    """The case of docs/per_dqn.md that a network of its own is trained for in test_train.py."""
    data = generate(problems=("split_offloading",), users=30, seed=45).split_offloading
    assert data is not None
    best = float(scan_batches(data).gain_of_batch.max())
    for name in ("all-local", "all-offload-best-split", "sorted-stop"):
        assert gain(data, solved(name, data)) < best - 0.4
    for name in NAMES:
        assert gain(data, solved(name, data)) == pytest.approx(best, rel=1e-12)


def test_too_many_users_are_refused_with_the_reason() -> None:
    data = split_offloading(methods.LARGEST_USERS + 1)
    with pytest.raises(Unsupported, match="handles up to 400 users, this instance has 401"):
        solved("dqn-tuned", data)


def test_per_dqn_is_the_published_configuration() -> None:
    assert published().policy.configuration == PAPER
    assert "paper's network" in solved("per-dqn", split_offloading(9)).reason
    with pytest.raises(KeyError, match="'per-dqn-best-of-16' is now 'dqn-tuned-best-of-16'"):
        registry.method("per-dqn-best-of-16")


def test_the_published_configuration_decides_by_the_same_way_and_says_its_steps() -> None:
    weights = {name: np.zeros(shape, dtype=np.float32) for name, shape in shapes(PAPER).items()}
    trained = Trained(Policy(PAPER, weights), published().provenance)
    outcome = methods.solve_with(trained, split_offloading(9), 1, 0)
    assert not outcome.solution["x"].any()  # equal values deny
    assert outcome.reason.startswith(
        "the paper's network for general, 2 to 40 users, B_max = 20, 1,000,000 gradient steps"
    )


def test_methods_run_where_torch_and_gymnasium_are_missing() -> None:
    program = f"""
import sys
class Missing:
    def find_spec(self, name, path=None, target=None):
        if name.split(".")[0] in ("torch", "gymnasium"):
            raise ModuleNotFoundError(name)
sys.meta_path.insert(0, Missing())
import instances, solvers
for name in {NAMES}:
    result = solvers.solve(instances.load({str(N30)!r}), name, problem="split_offloading")
    print(name, result.status, result.objective)
"""
    ran = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stderr
    assert ran.stdout.count("feasible") == 2
