"""Snapshots of split offloading as the generator draws them, against section 6.1.1 of paper B."""

from __future__ import annotations

import json

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from formulations.split_offloading.accuracy import accuracy_slope
from formulations.split_offloading.parameters import SplitOffloading
from formulations.split_offloading.split_point import advantage_seconds, weight_range
from instances import InstanceError, load
from instances.calibration.devices import local_devices, read_devices, save_devices
from instances.generate import main
from instances.generation.generator import generate
from instances.library import LIBRARY, make
from solvers.core.limits import Limits
from solvers.split_offloading.exact.batch_scan import solve

DEVICES = read_devices().devices
SIX_DIGITS = 1e-5


def snapshot(users: int = 20, seed: int = 0, **scenario: object) -> SplitOffloading:
    made = generate(problems=["split_offloading"], users=users, seed=seed, split_offloading=scenario)
    section = made.section("split_offloading")
    assert isinstance(section, SplitOffloading)
    return section


def test_published_constants():
    data = snapshot()
    assert (data.total_steps, data.min_local_steps, data.pai_slope, data.pai_threshold) == (200, 80, 0.0413, 71.44)
    assert (data.spectral_efficiency, data.bandwidth_hz) == (10.0, 1e6)
    np.testing.assert_array_equal(data.prompt_bits, np.full(20, 216.0))
    np.testing.assert_array_equal(data.latent_bits, np.full(20, 4.4e6))
    assert (data.edge_seconds_per_step_per_item, data.edge_seconds_per_step_base) == (0.016097, 0.032916)


@pytest.mark.parametrize("gpus", [1, 2, 4, 8])
def test_weights_lie_in_the_interval_of_the_paper_and_fill_it(gpus: int):
    data = snapshot(4000, gpus=gpus)
    low, high = weight_range(data, 20.0)
    saving = advantage_seconds(data, 20.0)
    slow = saving >= 0.1 * data.local_seconds_per_step
    assert 0 < slow.sum() < 4000
    position = ((data.accuracy_weight - low) / (0.05 * high - low))[slow]
    assert position.min() >= -SIX_DIGITS * 10
    assert position.max() <= 1.0 + SIX_DIGITS * 10
    assert np.quantile(position, [0.25, 0.5, 0.75]) == pytest.approx([0.25, 0.5, 0.75], abs=0.06)


def test_floored_users_get_the_interval_of_a_tenth_of_their_step():
    made = generate(problems=["split_offloading"], users=500, split_offloading={"gpus": 2})
    data = made.section("split_offloading")
    fast = advantage_seconds(data, 20.0) < 0.1 * data.local_seconds_per_step
    assert made.provenance["split_offloading"] == {"users_with_floored_saving": int(fast.sum())}
    assert made.provenance["arguments"]["split_offloading"]["fast_devices"] == "floor"
    steepest, flattest = accuracy_slope(data, np.array([80.0, 200.0]))
    saving = 0.1 * data.local_seconds_per_step[fast]
    weight = data.accuracy_weight[fast]
    assert (weight >= saving / steepest * (1.0 - SIX_DIGITS)).all()
    assert (weight <= 0.05 * saving / flattest * (1.0 + SIX_DIGITS)).all()


def test_excluded_devices_are_not_drawn():
    data = snapshot(2000, gpus=4, fast_devices="exclude")
    assert (advantage_seconds(data, 20.0) > 0.0).all()
    edge = DEVICES["H100 PCIe"]
    slow = {name for name in local_devices(DEVICES) if DEVICES[name].seconds_per_step > edge.line_seconds(5.0)}
    assert set(data.device) == slow


def test_devices_are_drawn_alike_and_give_their_measured_time():
    data = snapshot(17_000)
    names, counts = np.unique(data.device, return_counts=True)
    assert set(names) == set(local_devices(DEVICES))
    assert np.abs(counts - 1000.0).max() < 4.0 * 1000.0**0.5
    expected = [DEVICES[name].seconds_per_step for name in data.device]
    np.testing.assert_array_equal(data.local_seconds_per_step, expected)


def test_waits_are_whole_slots_within_the_interval():
    data = snapshot(5000, slots=4, slot_seconds=0.3)
    waits, counts = np.unique(data.wait_seconds, return_counts=True)
    np.testing.assert_allclose(waits, [0.0, 0.3, 0.6, 0.9], rtol=1e-12)
    assert np.abs(counts - 1250.0).max() < 4.0 * 1250.0**0.5


def test_first_users_do_not_depend_on_the_number_of_users_and_devices_not_on_the_edge():
    few, many, other = snapshot(5), snapshot(40), snapshot(40, gpus=1, max_batch=3, edge_device="A100-SXM4-80GB")
    np.testing.assert_array_equal(many.accuracy_weight[:5], few.accuracy_weight)
    assert many.device[:5] == few.device
    assert other.device == many.device
    np.testing.assert_array_equal(other.wait_seconds, many.wait_seconds)
    assert (other.gpus, other.max_batch, other.edge_seconds_per_step_base) == (1, 3, 0.019474)


def test_devices_weights_and_waits_are_drawn_independently():
    data = snapshot(5000)
    low, high = weight_range(data, 20.0)
    slow = advantage_seconds(data, 20.0) >= 0.1 * data.local_seconds_per_step
    position = (data.accuracy_weight - low) / (0.05 * high - low)
    drawn = [data.local_seconds_per_step[slow], position[slow], data.wait_seconds[slow]]
    assert np.abs(np.corrcoef(drawn) - np.eye(3)).max() < 0.06


@settings(max_examples=40, deadline=None, database=None)
@given(
    users=st.integers(1, 12),
    seed=st.integers(0, 2**64),
    gpus=st.integers(1, 64),
    max_batch=st.integers(0, 50),
    edge=st.sampled_from([name for name, device in DEVICES.items() if device.has_line]),
    batch=st.floats(0.01, 1000.0),
    focus=st.floats(0.021, 1.0),
    share=st.floats(1e-6, 1.0),
)
def test_every_argument_in_range_makes_a_snapshot(users, seed, gpus, max_batch, edge, batch, focus, share):
    data = snapshot(
        users,
        seed,
        gpus=gpus,
        max_batch=max_batch,
        edge_device=edge,
        expected_batch=batch,
        latency_focus=focus,
        smallest_saving=share,
    )
    assert (data.users, data.gpus, data.max_batch) == (users, gpus, max_batch)
    assert (data.accuracy_weight > 0.0).all()


@pytest.mark.parametrize(
    ("scenario", "sentence"),
    [
        ({"gpus": 0}, "gpus: expected a whole number >= 1, got 0"),
        ({"max_batch": -1}, "split_offloading.max_batch: expected a whole number from 0 to 10000000, got -1"),
        ({"edge_device": "H200"}, 'edge_device: expected a device with k and h, got "H200", measured at batch 1'),
        ({"edge_device": "H300"}, 'edge_device: expected a device of the table, got "H300" (did you mean H200?)'),
        ({"local_devices": ["RTX 4091"]}, 'local_devices: expected a device of the table, got "RTX 4091"'),
        (
            {"local_devices": ["RTX 4090"], "fast_devices": "exclude"},
            "local_devices: expected at least one device, slower than the edge if others are excluded",
        ),
        ({"fast_devices": "ignore"}, 'fast_devices: expected floor or exclude, got "ignore"'),
        ({"expected_batch": 0.0}, "expected_batch: expected a finite number > 0, got 0.0"),
        ({"smallest_saving": float("nan")}, "smallest_saving: expected a share > 0 and <= 1, got NaN"),
        ({"smallest_saving": 1e308}, "smallest_saving: expected a share > 0 and <= 1, got 1e+308"),
        ({"latency_focus": 1e308}, "latency_focus: expected a share > 0 and <= 1, got 1e+308"),
        ({"latency_focus": 1.001}, "latency_focus: expected a share > 0 and <= 1, got 1.001"),
        ({"latency_focus": 0.02}, "latency_focus: expected a share of at least F'(N) / F'(N_hat) = 0.0202"),
        ({"pai_slope": 30.0}, "latency_focus: expected a share of at least F'(N) / F'(N_hat) = 0"),
        ({"pai_slope": -1.0}, "split_offloading.pai_slope: expected a finite number > 0, got -1.0"),
        ({"slots": 0}, "slots: expected a whole number >= 1, got 0"),
        ({"slot_seconds": float("inf")}, "slot_seconds: expected a finite number > 0, got Infinity"),
    ],
)
def test_argument_out_of_range_is_refused(scenario: dict[str, object], sentence: str):
    with pytest.raises(InstanceError) as caught:
        snapshot(**scenario)
    assert str(caught.value).startswith(sentence)


def test_both_problems_in_one_instance_leave_each_as_it_is_alone():
    both = generate(problems=["split_offloading", "step_allocation"], users=7, seed=3)
    assert both.problems == ("step_allocation", "split_offloading")
    step = generate(users=7, seed=3)
    split = generate(problems=["split_offloading"], users=7, seed=3)
    for made, name in ((step, "step_allocation"), (split, "split_offloading")):
        for field in type(made.section(name)).model_fields:
            np.testing.assert_array_equal(
                getattr(both.section(name), field), getattr(made.section(name), field), err_msg=field
            )


@pytest.mark.parametrize("problems", [["split_offloading"], ["step_allocation", "split_offloading"]])
def test_provenance_says_how_to_make_it_again(problems: list[str]):
    made = generate(problems=problems, users=6, seed=8, split_offloading={"gpus": 2, "fast_devices": "exclude"})
    again = generate(name=made.name, seed=made.provenance["seed"], **made.provenance["arguments"])
    assert again.sha256 == made.sha256


@pytest.mark.parametrize(("problems", "sentence"), [(["sat"], "one of step_alloc"), ([], "at least one problem")])
def test_unknown_or_no_problem(problems: list[str], sentence: str):
    with pytest.raises(InstanceError, match=f"^problems: expected {sentence}"):
        generate(problems=problems)


SNAPSHOTS = [name for name in LIBRARY if name.startswith("split_")]


def test_library_covers_the_sweeps_of_the_paper():
    assert {f"split_i{users}_g{gpus}" for users in (5, 10, 20, 30, 40) for gpus in (1, 2, 4, 8)} <= set(SNAPSHOTS)
    for name in SNAPSHOTS:
        data = make(name)[1].section("split_offloading")
        assert name.startswith(f"split_i{data.users}_g{data.gpus}")


@pytest.mark.parametrize("name", SNAPSHOTS)
def test_limit_binds_where_the_name_says_so(name: str):
    """Loosened to all users, the optimum rises in ``_b`` instances and stays in the others."""
    data = make(name)[1].section("split_offloading")
    fields = {field: getattr(data, field) for field in SplitOffloading.model_fields}
    loose = SplitOffloading.model_validate(fields | {"max_batch": data.users})
    limited, free = (solve(either, Limits(), 0).bound for either in (data, loose))
    if "_b" in name:
        assert free > limited + 1e-3
    else:
        assert free == pytest.approx(limited, abs=1e-12)


def test_command_makes_a_snapshot_and_all_arguments_arrive(tmp_path, capsys):
    table = tmp_path / "mine.csv"
    mine = {name: DEVICES[name] for name in ("RTX 2060", "RTX 3060", "A100-SXM4-80GB")}
    save_devices(table, mine)
    points = tmp_path / "points.csv"
    points.write_text("split,pai\n0,0.1\n50,0.3\n100,0.7\n200,0.98\n")
    arguments = (
        f"--problem split_offloading --users 9 --seed 4 --gpus 3 --max-batch 4 --edge-device A100-SXM4-80GB "
        f"--device-table {table} --pai-csv {points} --expected-batch 6 --latency-focus 0.5 --smallest-saving 0.2 "
        f"--slots 5 --slot-seconds 2 --fast-devices floor --out"
    )
    for suffix in ("json", "npz"):
        assert main([*arguments.split(), str(tmp_path / f"x.{suffix}")]) == 0
    made = load(tmp_path / "x.json")
    assert load(tmp_path / "x.npz").sha256 == made.sha256
    data = made.section("split_offloading")
    assert load(tmp_path / "x.npz").section("split_offloading").device == data.device
    assert set(data.device) == {"RTX 2060", "RTX 3060"}
    assert (data.users, data.gpus, data.max_batch) == (9, 3, 4)
    assert data.edge_seconds_per_step_base == DEVICES["A100-SXM4-80GB"].seconds_per_step_base
    assert set(data.wait_seconds) <= {0.0, 2.0, 4.0, 6.0, 8.0}
    assert data.pai_threshold == pytest.approx(75.0, abs=5.0)
    arguments_kept = made.provenance["arguments"]
    assert arguments_kept["device_table"]["file"] == "mine.csv"
    assert arguments_kept["split_offloading"]["latency_focus"] == 0.5
    assert capsys.readouterr().out.count("9 users, 3 GPUs, at most 4 granted") == 2


def test_command_refuses_an_index_that_is_one_half_below_no_step(tmp_path, capsys):
    points = tmp_path / "points.csv"
    points.write_text("split,pai\n0,0.6\n50,0.7\n100,0.8\n200,0.9\n")
    arguments = ["--problem", "split_offloading", "--pai-csv", str(points), "--out", str(tmp_path / "x.json")]
    assert main(arguments) == 2
    sentence = f"diffload: {points}: expected points whose fit has b_F >= 0 steps, got -"
    assert capsys.readouterr().err.startswith(sentence)


def test_command_speaks_of_one_gpu(tmp_path, capsys):
    assert main(["--problem", "split_offloading", "--gpus", "1", "--out", str(tmp_path / "x.json")]) == 0
    assert "20 users, 1 GPU, at most" in capsys.readouterr().out


def test_command_poses_both_problems(tmp_path, capsys):
    path = tmp_path / "x.json"
    both = ["--problem", "step_allocation,split_offloading"]
    assert main([*both, "--users", "4", "--tightness", "0.3", "--gpus", "2", "--out", str(path)]) == 0
    assert "4 users, budget" in capsys.readouterr().out
    assert {"step_allocation", "split_offloading"} <= json.loads(path.read_text()).keys()


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (
            "--problem sat",
            "problems: expected one of step_allocation, split_offloading, gqap, multi_edge_offloading",
        ),
        ("--problem ,", "argument --problem: expected names joined by commas, got ','"),
        ("--gpus 4", "--gpus: expected --problem split_offloading with it, got step_allocation"),
        ("--pai-csv x.csv", "--pai-csv: expected --problem split_offloading with it, got step_allocation"),
        (
            "--problem split_offloading --tightness 0.5",
            "--tightness: expected --problem step_allocation with it, got split_offloading",
        ),
        (
            "--problem split_offloading,gqap --preset subset-sum",
            "--preset: expected --problem step_allocation with it, got split_offloading and gqap",
        ),
        ("--problem split_offloading --gpus 0", "gpus: expected a whole number >= 1, got 0"),
        ("--problem split_offloading --fast-devices no", "argument --fast-devices: invalid choice: 'no'"),
        ("--problem split_offloading --edge-device H200", "edge_device: expected a device with k and h"),
        ("--problem split_offloading --device-table none.csv", "none.csv: expected a readable file"),
        ("--problem split_offloading --pai-csv none.csv", "none.csv: expected a readable file"),
        ("--problem split_offloading --users 0", "users: expected a whole number from 1 to 10000000, got 0"),
    ],
)
def test_bad_arguments_end_with_one_sentence_and_status_2(arguments: str, sentence: str, tmp_path, capsys):
    assert main([*arguments.split(), "--out", str(tmp_path / "x.json")]) == 2
    written = capsys.readouterr()
    assert written.out == ""
    assert written.err.startswith(f"diffload: {sentence}")
    assert written.err.count("\n") == 1
    assert list(tmp_path.iterdir()) == []
