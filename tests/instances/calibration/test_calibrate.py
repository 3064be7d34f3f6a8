"""The calibration program; what needs torch and diffusers is skipped where they are not installed."""

from __future__ import annotations

import csv
import importlib.util

import numpy as np
import pytest
from scipy.optimize import curve_fit

from formulations.errors import InstanceError
from instances import calibrate
from instances.calibration.devices import read_devices, save_devices
from instances.calibration.line import Timing, fit_latency, quartiles
from instances.calibration.measure import measure
from instances.calibration.report import report, table_row, write_points

needs_torch = pytest.mark.skipif(
    any(importlib.util.find_spec(name) is None for name in ("torch", "diffusers")),
    reason="torch and diffusers are not installed (the extra 'calibration')",
)


def timings(per_item: float, base: float, noise: float = 0.0, seed: int = 0, rounds: int = 5) -> list[Timing]:
    draw = np.random.default_rng(seed)
    return [
        Timing(batch, turn, per_item * batch + base + draw.normal(0.0, noise))
        for turn in range(1, rounds + 1)
        for batch in (1, 2, 4, 8)
    ]


def row(measured: list[Timing], **changes: str):
    texts = {
        "device": "mine",
        "place": "edge",
        "model": "m",
        "pixels": "512",
        "precision": "float16",
        "source": "me",
    }
    return table_row(measured, fit_latency(measured), **(texts | changes))


class Clock:
    """A step that takes k b + h seconds, or exhausts the memory; it writes down what was asked of it."""

    def __init__(self, largest: int = 100, fault: Exception | None = None) -> None:
        self.largest, self.fault = largest, fault or MemoryError()
        self.asked: list[int] = []

    def seconds(self, batch: int) -> float:
        self.asked.append(batch)
        if batch > self.largest:
            raise self.fault
        return 0.02 * batch + 0.03


def test_line_without_noise_is_exact():
    fit = fit_latency(timings(0.016, 0.033))
    assert (fit.per_item, fit.base, fit.r_squared) == pytest.approx((0.016, 0.033, 1.0), rel=1e-12)
    assert fit.per_item_margin_95 < 1e-9
    assert float(fit.seconds(20.0)) == pytest.approx(0.353)
    assert fit.plausible


def test_line_and_confidence_agree_with_another_fit():
    measured = timings(0.016, 0.033, noise=0.004, seed=1)
    batch, seconds = np.array([(t.batch, t.seconds) for t in measured]).T
    optimum, covariance = curve_fit(lambda b, k, h: k * b + h, batch, seconds)
    fit = fit_latency(measured)
    assert (fit.per_item, fit.base) == pytest.approx(tuple(optimum), rel=1e-6)
    margins = 2.10092204 * np.sqrt(np.diag(covariance))  # Student's t, 18 degrees of freedom, 97.5 %
    assert (fit.per_item_margin_95, fit.base_margin_95) == pytest.approx(tuple(margins), rel=1e-6)


@pytest.mark.parametrize("measured", [[], timings(1.0, 1.0)[:2], [Timing(1, turn, 0.1) for turn in range(5)]])
def test_too_little_for_a_line(measured: list[Timing]):
    with pytest.raises(ValueError, match="expected at least three timings of at least two batch sizes"):
        fit_latency(measured)


def test_every_round_takes_every_batch_size_and_the_first_ones_do_not_count(capsys):
    clock = Clock()
    measured = measure(clock, (4, 1, 2, 2), rounds=2, warmups=1)
    assert clock.asked == [1, 2, 4] * 3
    assert [(t.batch, t.repetition) for t in measured] == [(1, 1), (2, 1), (4, 1), (1, 2), (2, 2), (4, 2)]
    assert [t.seconds for t in measured[:3]] == [0.05, 0.07, 0.11]
    assert capsys.readouterr().err.count("of 9, batch") == 9


@pytest.mark.parametrize(
    "fault",
    [
        MemoryError(),
        RuntimeError("CUDA out of memory. Tried to allocate 2.00 GiB."),
        RuntimeError("CUDA error: out of memory"),
        RuntimeError("cuDNN error: CUDNN_STATUS_ALLOC_FAILED"),
        RuntimeError(
            "[enforce fail at alloc_cpu.cpp:117] err == 0. DefaultCPUAllocator: can't allocate memory: you"
        ),
        RuntimeError("[enforce fail at alloc_cpu.cpp:80] data. DefaultCPUAllocator: not enough memory: you tried"),
    ],
)
def test_batches_beyond_the_memory_are_left_out(fault: Exception, capsys):
    clock = Clock(largest=5, fault=fault)
    measured = measure(clock, (1, 2, 8, 16), rounds=2, warmups=1)
    assert clock.asked == [1, 2, 8, 1, 2, 1, 2]
    assert {t.batch for t in measured} == {1, 2}
    assert "batch 8 does not fit in the memory" in capsys.readouterr().err


def test_what_was_measured_is_said_where_it_is_too_little_for_a_line():
    assert calibrate._measured(measure(Clock(largest=1), (1, 2), rounds=3, warmups=0)) == "batch 1: 0.05 s"
    assert calibrate._measured(measure(Clock(largest=0), (1, 2), rounds=3, warmups=0)) == "none"


def test_another_error_is_not_taken_for_lack_of_memory():
    with pytest.raises(RuntimeError, match="shapes cannot be multiplied"):
        measure(Clock(largest=1, fault=RuntimeError("shapes cannot be multiplied")), (1, 2), rounds=1, warmups=0)


def test_row_says_that_its_line_rests_on_two_batch_sizes():
    two = [timing for timing in timings(0.016, 0.033) if timing.batch in (1, 4)]
    assert row(two).source == "me, k and h from two batch sizes alone, 1 and 4"
    assert row(timings(0.016, 0.033)).source == "me"


@pytest.mark.parametrize("option", ["--table", "--points"])
@pytest.mark.parametrize(("name", "reason"), [("none/x.csv", "No such file or directory"), ("", "Is a directory")])
def test_unwritable_file_is_noticed_before_measuring(option: str, name: str, reason: str, tmp_path, capsys):
    path = tmp_path / name
    assert calibrate.main(["--size", "tiny", option, str(path)]) == 2
    assert capsys.readouterr().err == f"diffload: cannot write to '{path}' ({reason})\n"
    assert list(tmp_path.iterdir()) == []


def test_too_little_memory_for_the_network_is_said_in_one_sentence():
    def fail() -> Clock:
        raise RuntimeError("DefaultCPUAllocator: can't allocate memory: you tried to allocate 3 bytes")

    with pytest.raises(InstanceError, match="building the U-Net: expected enough memory for its weights"):
        calibrate._build(fail)


def test_row_holds_what_was_measured_and_survives_the_table(tmp_path):
    measured = timings(0.016, 0.033, noise=0.001)
    made, fit = row(measured), fit_latency(measured)
    at_one = [t.seconds for t in measured if t.batch == 1]
    assert made.seconds_per_step == pytest.approx(np.median(at_one), rel=1e-5)
    assert quartiles(measured, 1)[1] == np.median(at_one)
    assert (made.records, made.fits, made.batches) == (5, 1, "1 2 4 8")
    assert made.line_seconds(3.0) == pytest.approx(float(fit.seconds(3.0)), rel=1e-4)
    path = tmp_path / "devices.csv"
    save_devices(path, {"mine": made})
    assert read_devices(path).devices == {"mine": made}


@pytest.mark.parametrize(("per_item", "base"), [(0.1, -0.05), (-0.001, 0.2)])
def test_row_has_no_line_where_it_is_no_latency(per_item: float, base: float):
    measured = timings(per_item, base)
    made = row(measured)
    assert not made.has_line
    assert made.per_item_margin_95 is None
    assert "k or h is negative" in report(measured, fit_latency(measured), made)


def test_report_and_points_hold_the_fit(tmp_path):
    measured = timings(0.016, 0.033)
    fit = fit_latency(measured)
    text = report(measured, fit, row(measured))
    assert "k = 0.016 +-" in text
    assert "h = 0.033 +-" in text
    path = tmp_path / "points.csv"
    write_points(path, "mine", measured, fit)
    rows = list(csv.DictReader(path.open()))
    assert [(int(r["batch"]), float(r["seconds"])) for r in rows] == [(t.batch, t.seconds) for t in measured]
    assert float(rows[3]["line_seconds"]) == pytest.approx(0.161)
    with pytest.raises(InstanceError, match="cannot write to"):
        write_points(tmp_path / "none" / "points.csv", "mine", measured, fit)


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        ("--batches 2,4", "argument --batches: expected batch sizes with 1 and another one among them, got '2,4'"),
        ("--batches 1", "argument --batches: expected batch sizes with 1 and another one among them, got '1'"),
        ("--batches 1,x", "argument --batches: expected a whole number >= 1, got 'x'"),
        ("--repeats 0", "argument --repeats: expected a whole number >= 1, got '0'"),
        ("--size huge", "argument --size: invalid choice: 'huge'"),
    ],
)
def test_bad_arguments_end_with_one_sentence_and_status_2(arguments: str, sentence: str, capsys):
    assert calibrate.main(arguments.split()) == 2
    written = capsys.readouterr().err
    assert written.startswith(f"diffload: {sentence}")
    assert written.count("\n") == 1


@pytest.mark.skipif(importlib.util.find_spec("diffusers") is not None, reason="diffusers is installed")
def test_missing_packages_are_named(capsys):
    assert calibrate.main(["--size", "tiny"]) == 2
    assert "expected torch and diffusers (pip install 'diffload[calibration]')" in capsys.readouterr().err


@needs_torch
def test_tiny_network_on_the_processor_from_end_to_end(tmp_path, capsys):
    table, points = tmp_path / "devices.csv", tmp_path / "points.csv"
    arguments = ["--device", "cpu", "--size", "tiny", "--batches", "1,2,3", "--repeats", "2", "--warmups", "1"]
    for name in ("first", "second", "first"):
        files = ["--name", name, "--table", str(table), "--points", str(points)]
        assert calibrate.main([*arguments, *files]) == 0
    devices = read_devices(table).devices
    assert list(devices) == ["first", "second"]
    assert devices["first"].records == 2
    assert devices["first"].precision == "float32"
    assert len(list(csv.DictReader(points.open()))) == 6
    assert "R^2" in capsys.readouterr().out


@needs_torch
def test_network_has_the_size_of_stable_diffusion():
    """859.5 million parameters, as the U-Net of Stable Diffusion 1.x has; made without memory for them."""
    import torch

    from instances.calibration.unet import SIZES, build

    with torch.device("meta"):
        unet = build(SIZES["sd15"])
    assert sum(weight.numel() for weight in unet.parameters()) == 859_520_964


@needs_torch
def test_guidance_doubles_the_batch_of_the_network():
    from instances.calibration.unet import SIZES, DenoisingStep

    for guidance, copies in ((True, 2), (False, 1)):
        step = DenoisingStep(SIZES["tiny"], "cpu", "float32", guidance=guidance)
        seen: list[int] = []
        step.unet.register_forward_pre_hook(lambda module, inputs, seen=seen: seen.append(inputs[0].shape[0]))
        assert step.seconds(3) > 0.0
        assert seen == [3 * copies]
