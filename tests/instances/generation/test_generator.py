from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from formulations.step_allocation import costs
from formulations.step_allocation.evaluation import evaluate_solution
from formulations.step_allocation.parameters import EDGE, LOCAL, StepAllocation
from instances import InstanceError, load, save
from instances.generate import main
from instances.generation.budget import free_edge_steps, with_budget
from instances.generation.generator import generate
from instances.generation.presets import PRESETS, Span
from instances.library import FOLDER, LIBRARY, make
from solvers.core.limits import Limits
from solvers.step_allocation.price_search import solve

DRAWN = [name for name, preset in PRESETS.items() if preset.fields]
"""Presets whose users are drawn from ranges; the others have tests of their own."""


def data(preset: str = "paper", **arguments: object) -> StepAllocation:
    section = generate(preset, **arguments).section("step_allocation")
    assert isinstance(section, StepAllocation)
    return section


def certified(scenario: StepAllocation) -> dict[str, float]:
    """Objective and components of the optimum, after checking that it is one."""
    outcome = solve(scenario, Limits(), 0)
    evaluation = evaluate_solution(scenario, outcome.solution)
    assert evaluation.feasible
    assert evaluation.objective - outcome.bound <= 1e-8 * abs(outcome.bound)
    return {"objective": evaluation.objective, **evaluation.metrics}


@pytest.mark.parametrize(
    "field", ["local_seconds_per_step", "edge_seconds_per_step", "local_cpu_hz", "edge_cpu_hz"]
)
def test_published_constants(field: str):
    published = {
        "local_seconds_per_step": 1 / 500,
        "edge_seconds_per_step": 1 / 1000,
        "local_cpu_hz": 1.5e9,
        "edge_cpu_hz": 10e9,
    }
    np.testing.assert_array_equal(getattr(data(), field), np.full(30, published[field]))


def test_paper_preset():
    paper = data()
    np.testing.assert_array_equal(paper.local_power_coefficient, np.full(30, 1e-26))
    np.testing.assert_array_equal(paper.edge_power_coefficient, np.full(30, 1e-26))
    np.testing.assert_array_equal(paper.forward_error, np.ones(30))
    assert (paper.time_weight_per_second, paper.error_weight, paper.energy_weight_per_joule) == (1.0, 1.0, 1e-4)
    assert paper.cost_weight == paper.utility_weight == 0.5
    assert not paper.integer_steps


@pytest.mark.parametrize("preset", DRAWN)
@pytest.mark.parametrize("seed", range(5))
def test_both_places_attract_users_and_the_budget_binds(preset: str, seed: int):
    scenario = data(preset, seed=seed)
    optimum = certified(scenario)
    assert 3 <= optimum["offloaded"] <= 27
    assert optimum["budget_use"] == pytest.approx(100.0, abs=1e-6)
    assert certified(with_budget(scenario, 1.01 * scenario.edge_step_capacity))["objective"] < optimum["objective"]


@pytest.mark.parametrize("seed", range(5))
def test_fig1_time_falls_while_accuracy_and_energy_rise_with_the_budget(seed: int):
    paper = data(seed=seed)
    budgets = np.linspace(0.2, 1.0, 5) * free_edge_steps(paper)
    optima = [certified(with_budget(paper, budget)) for budget in budgets]
    assert (np.diff([optimum["time_seconds"] for optimum in optima]) < 0.0).all()
    assert (np.diff([1.0 - optimum["mean_error"] for optimum in optima]) > 0.0).all()
    assert (np.diff([optimum["energy_joules"] for optimum in optima]) > 0.0).all()


@pytest.mark.parametrize("seed", range(3))
def test_fig2_objective_falls_with_the_budget_and_then_stays(seed: int):
    curves = []
    for local_max_steps in PRESETS["fig2"].local_max_steps:
        scenario = data("fig2", seed=seed, local_max_steps=local_max_steps)
        assert (scenario.cost_weight, scenario.utility_weight) == (0.3, 0.7)
        np.testing.assert_array_equal(scenario.local_max_steps, np.full(30, local_max_steps))
        budgets = np.array([0.2, 0.4, 0.6, 0.8, 1.0, 1.2, 1.5]) * free_edge_steps(scenario)
        curve = np.array([certified(with_budget(scenario, budget))["objective"] for budget in budgets])
        assert (np.diff(curve[:5]) < 0.0).all()
        np.testing.assert_allclose(curve[5:], curve[4], rtol=1e-9)
        curves.append(curve)
    assert (np.diff(curves, axis=0)[:, 0] < 0.0).all(), "more steps on the device lower the cost of a tight budget"


@pytest.mark.parametrize("preset", DRAWN)
@pytest.mark.parametrize("integer_steps", [False, True])
def test_free_budget_is_what_a_search_over_a_grid_of_steps_uses(preset: str, integer_steps: bool):
    scenario = data(preset, users=12, integer_steps=integer_steps)
    used = 0.0
    for user in range(scenario.users):
        alone = {name: getattr(scenario, name) for name in StepAllocation.model_fields}
        alone = {name: value[user] if isinstance(value, np.ndarray) else value for name, value in alone.items()}
        one = StepAllocation.model_validate(alone | {"users": 1})
        best = {}
        for place in (LOCAL, EDGE):
            limit = costs.step_limit(one, place)[0]
            grid = np.arange(limit + 1.0) if integer_steps else np.linspace(0.0, limit, 200_001)
            values = costs.cost(one, grid, place)
            best[place] = values.min(), grid[values.argmin()]
        used += best[EDGE][1] if best[EDGE][0] < best[LOCAL][0] else 0.0
    assert free_edge_steps(scenario) == pytest.approx(used, abs=0.0 if integer_steps else 12 * 1e-3)
    assert scenario.edge_step_capacity == pytest.approx(0.6 * used, abs=1.0 if integer_steps else 0.01)


def test_with_budget_replaces_the_budget_alone():
    paper = data(integer_steps=True)
    assert paper.edge_step_budget > 3.0
    other = with_budget(paper, 3.7)
    assert (other.edge_step_capacity, other.edge_step_budget) == (3.7, 3.0)
    for name in StepAllocation.model_fields:
        if name != "edge_step_capacity":
            np.testing.assert_array_equal(getattr(other, name), getattr(paper, name))


@pytest.mark.parametrize("preset", DRAWN)
def test_spread_fills_the_ranges_and_zero_makes_users_identical(preset: str):
    spans = {name: span for name, span in PRESETS[preset].fields.items() if isinstance(span, Span)}
    identical, half, full = (data(preset, users=2000, spread=spread) for spread in (0.0, 0.5, 1.0))
    for name, span in spans.items():
        middle, width = (span.low + span.high) / 2, span.high - span.low
        np.testing.assert_array_equal(getattr(identical, name), np.full(2000, getattr(identical, name)[0]))
        assert getattr(identical, name)[0] == pytest.approx(middle, abs=0.51 * 10.0**-span.decimals)
        values = getattr(full, name)
        assert span.low <= values.min() < span.low + 0.01 * width
        assert span.high - 0.01 * width < values.max() <= span.high
        assert values.std() == pytest.approx(width / 12**0.5, rel=0.05)
        assert np.ptp(getattr(half, name)) == pytest.approx(width / 2, rel=0.02)


def test_fields_are_drawn_independently():
    full = data(users=5000)
    names = ("error_decay_per_step", "utility_decay_per_step", "local_max_steps", "edge_max_steps")
    correlation = np.corrcoef([getattr(full, name) for name in names])
    assert np.abs(correlation - np.eye(4)).max() < 0.06


def test_first_users_do_not_depend_on_the_number_of_users_nor_on_the_weights():
    few, many = data(users=10), data(users=30, weights=[2.0, 1.0, 0.0], integer_steps=True)
    np.testing.assert_array_equal(many.error_decay_per_step[:10], few.error_decay_per_step)
    np.testing.assert_array_equal(many.local_max_steps[:10], np.floor(few.local_max_steps))


def test_integer_steps_have_whole_limits_and_a_whole_budget():
    whole = data(integer_steps=True)
    for values in (whole.local_max_steps, whole.edge_max_steps, np.array([whole.edge_step_capacity])):
        np.testing.assert_array_equal(values, np.floor(values))


def test_seed_decides_the_instance():
    assert generate(seed=1).sha256 == generate(seed=1).sha256
    assert len({generate(seed=seed).sha256 for seed in range(20)}) == 20


def test_provenance_says_how_to_make_it_again():
    made = generate("contended", users=5, seed=3, tightness=0.4, spread=0.5, weights=(1.0, 2.0, 0.0))
    assert made.provenance == {
        "generator": "instances.generate",
        "version": 1,
        "arguments": {
            "preset": "contended",
            "users": 5,
            "tightness": 0.4,
            "spread": 0.5,
            "integer_steps": False,
            "weights": [1.0, 2.0, 0.0],
        },
        "seed": 3,
    }
    again = generate(name=made.name, seed=made.provenance["seed"], **made.provenance["arguments"])
    assert again.sha256 == made.sha256


@settings(max_examples=60, deadline=None, database=None)
@given(
    st.sampled_from(sorted(DRAWN)),
    st.integers(1, 8),
    st.integers(0, 2**64),
    st.floats(0.0, 2.0),
    st.floats(0.0, 1.0),
    st.booleans(),
)
def test_every_argument_in_range_makes_an_instance(preset, users, seed, tightness, spread, integer_steps):
    scenario = data(
        preset, users=users, seed=seed, tightness=tightness, spread=spread, integer_steps=integer_steps
    )
    free = free_edge_steps(scenario)
    assert abs(scenario.edge_step_capacity - tightness * free) <= (1.0 if integer_steps else 0.0051)


@pytest.mark.parametrize("name", LIBRARY)
def test_library_files_are_current(name: str, tmp_path):
    """They also pin the draws: neither NumPy nor this code may change what a seed makes."""
    path, made = make(name)
    save(made, tmp_path / path.name)
    assert path.read_bytes() == (tmp_path / path.name).read_bytes(), "run `python -m instances.library`"
    assert load(path).name == name


def test_library_names_every_instance_file():
    assert {path.stem for path in FOLDER.glob("*.json")} == set(LIBRARY)


def test_command_writes_the_same_bytes_again_and_all_arguments_arrive(tmp_path, capsys):
    arguments = (
        "--preset paper --users 12 --seed 5 --tightness 0.3 --spread 0.2 --integer-steps --name mine "
        "--weights 1,2,1e-4 --cost-utility-weights 0.4,0.6 --local-max-steps 25"
    )
    for suffix in ("json", "npz"):
        one, two = tmp_path / f"one.{suffix}", tmp_path / f"two.{suffix}"
        assert main([*arguments.split(), "--out", str(one)]) == 0
        assert main([*arguments.split(), "--out", str(two)]) == 0
        assert one.read_bytes() == two.read_bytes()
    made = load(tmp_path / "one.json")
    assert made.name == "mine"
    assert load(tmp_path / "one.npz").sha256 == made.sha256
    section = made.section("step_allocation")
    assert (section.users, section.integer_steps, section.error_weight, section.utility_weight) == (
        12,
        True,
        2.0,
        0.6,
    )
    assert section.local_max_steps[0] == 25.0
    assert made.provenance["arguments"]["spread"] == 0.2
    assert made.sha256 == generate(
        users=12,
        seed=5,
        tightness=0.3,
        spread=0.2,
        integer_steps=True,
        weights=[1, 2, 1e-4],
        cost_utility_weights=[0.4, 0.6],
        local_max_steps=25,
    ).sha256  # fmt: skip
    assert capsys.readouterr().out.count("12 users, budget") == 4


def test_command_speaks_of_one_user(tmp_path, capsys):
    assert main(["--users", "1", "--out", str(tmp_path / "one.json")]) == 0
    assert "one.json: 1 user, budget" in capsys.readouterr().out


def test_command_makes_the_three_instances_of_fig2(tmp_path, capsys):
    assert main(["--preset", "fig2", "--users", "4", "--out", str(tmp_path / "f.json")]) == 0
    names = ["f_local20", "f_local30", "f_local40"]
    assert sorted(path.stem for path in tmp_path.iterdir()) == names
    assert [load(tmp_path / f"{name}.json").name for name in names] == names
    assert json.loads((tmp_path / "f_local40.json").read_text())["step_allocation"]["local_max_steps"] == 40.0


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        ("--users 0", "users: expected a whole number from 1 to 10000000, got 0"),
        ("--users 99999999999", "users: expected a whole number from 1 to 10000000, got 99999999999"),
        ("--users x", "argument --users: expected one whole number, got 'x'"),
        ("--gpus 0:8,0:4", "argument --gpus: expected one whole number, got '0:8,0:4'"),
        ("--seed -1", "seed: expected a whole number >= 0, got -1"),
        ("--tightness nan", "tightness: expected a finite number >= 0, got NaN"),
        ("--tightness -0.1", "tightness: expected a finite number >= 0, got -0.1"),
        (
            "--tightness 1e308 --users 9",
            "step_allocation.edge_step_capacity: expected a finite number >= 0, got Infinity",
        ),
        ("--spread 1.5", "spread: expected a number from 0 to 1, got 1.5"),
        ("--weights 1,2", "weights: expected 3 numbers, got [1.0, 2.0]"),
        ("--weights 1,b,2", "argument --weights: expected numbers with commas between them, got '1,b,2'"),
        (
            "--weights 1,2,inf",
            "step_allocation.energy_weight_per_joule: expected a finite number >= 0, got Infinity",
        ),
        ("--cost-utility-weights 1", "cost_utility_weights: expected 2 numbers, got [1.0]"),
        ("--local-max-steps -3", "step_allocation.local_max_steps: expected a finite number >= 0, got -3.0"),
        ("--preset papr", "argument --preset: invalid choice: 'papr'"),
        ("--name a/b", "name: expected 1 to 100 printable characters without slashes"),
        (
            "--users-csv missing.csv",
            "missing.csv: expected a readable file, got an error (No such file or directory)",
        ),
        ("--colour red", "unrecognized arguments: --colour red"),
    ],
)
def test_bad_arguments_end_with_one_sentence_and_status_2(arguments: str, sentence: str, tmp_path, capsys):
    assert main([*arguments.split(), "--out", str(tmp_path / "x.json")]) == 2
    written = capsys.readouterr()
    assert written.out == ""
    assert written.err.startswith(f"diffload: {sentence}")
    assert written.err.count("\n") == 1
    assert list(tmp_path.iterdir()) == []


def test_output_must_be_json_or_npz(tmp_path, capsys):
    assert main(["--out", str(tmp_path / "x.txt")]) == 2
    assert "expected a file name that ends in .json or .npz" in capsys.readouterr().err


def test_unknown_preset_from_python():
    with pytest.raises(
        InstanceError, match=r"^preset: expected one of paper, fig2, contended, subset-sum, got .*mean paper"
    ):
        generate("papre")


def test_a_file_is_overwritten_with_force_alone(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    first, second = tmp_path / "x_local20.json", tmp_path / "x_local30.json"
    second.write_text("mine")
    arguments = ["--preset", "fig2", "--out", str(tmp_path / "x.json")]
    assert main(arguments) == 2
    expected = f"expected a file that is not there yet, or --force with it, got '{second}'"
    assert capsys.readouterr().err == f"diffload: --out: {expected}\n"
    assert second.read_text() == "mine"
    assert not first.exists()
    assert main([*arguments, "--force"]) == 0
    assert load(second).name == "x_local30"
