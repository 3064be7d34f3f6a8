"""Figs 3, 4b, 7a and 7b of paper B: latency lines, accuracy index and best split, from the model alone.

Fig. 4a and the points of Fig. 4b need the image models of the paper and cannot be made here; F is drawn from
the published fit. Its H100 NVL has no public measurement; ``instances/devices.csv`` says what stands for it.
"""

from __future__ import annotations

import numpy as np

from formulations.split_offloading.accuracy import accuracy_index
from formulations.split_offloading.parameters import SplitOffloading
from formulations.split_offloading.split_point import best_splits
from instances.calibration.devices import Device, read_devices
from instances.generation.generator import generate
from reports.drawing.figure import Figure, Panel, Series
from reports.papers.figures.settings import Run

EDGE_DEVICE = "H100 PCIe"
"""Row of the device table that stands for the paper's edge server."""

LOCAL_DEVICES = ("GTX 1080 Ti", "RTX 2080 Ti", "RTX 3080", "RTX 4090")
"""Devices from slow to fast that the figures show."""

MIDDLE_DEVICE = "RTX 2080 Ti"
"""Device of Fig. 7b, which the paper does not name."""

_ALPHA_POINTS = 200


def figure_3(run: Run) -> Figure:
    """Return seconds per denoising step against the batch size: the measured step and the fitted line (Fig. 3)."""
    devices = read_devices().devices
    names = [EDGE_DEVICE, *LOCAL_DEVICES]
    batch = np.arange(1, 33, dtype=np.float64)
    lines = tuple(_line(devices[name], batch) for name in names)
    measured = Series(
        "measured at batch 1 (median)",
        tuple(1.0 for _ in names),
        tuple(devices[name].seconds_per_step for name in names),
        kind="points",
    )
    panel = Panel(
        "latency per denoising step",
        "batch size $b$ [images]",
        "L(b) = k b + h [s]",
        (*lines, measured),
        log_y=True,
    )
    caption = (
        "Paper B, Fig. 3: lines fitted to public measurements (instances/devices.csv). The batch-1 medians come "
        "from other records than the lines, and need not lie on them. The ordinate is logarithmic, which bends "
        "lines."
    )
    return Figure("b-fig3", "Paper B, Fig. 3", caption, (panel,))


def _line(device: Device, batch: np.ndarray) -> Series:
    assert device.seconds_per_step_per_item is not None
    assert device.seconds_per_step_base is not None
    seconds = device.seconds_per_step_per_item * batch + device.seconds_per_step_base
    return Series(
        f"{device.device} ({device.place})", tuple(batch.tolist()), tuple(seconds.tolist()), kind="curve"
    )


def figure_4b(run: Run) -> Figure:
    """Return the accuracy index F over the split point, and the ends of the allowed range (Fig. 4b)."""
    data = _snapshot(gpus=8)
    split = np.linspace(0.0, data.total_steps, 201)
    ends = np.array([data.min_local_steps, data.total_steps], dtype=np.float64)
    series = (
        Series(
            "F(n), published fit", tuple(split.tolist()), tuple(accuracy_index(data, split).tolist()), kind="curve"
        ),
        Series(
            "$\\hat{N}$ = 80 and N = 200",
            tuple(ends.tolist()),
            tuple(accuracy_index(data, ends).tolist()),
            kind="points",
        ),
    )
    panel = Panel("personalised accuracy index", "split point $n$ [local steps]", "F(n) [-]", series)
    caption = (
        "Paper B, Fig. 4b: F(n) = 1/(1 + exp(-0.0413 (n - 71.44))). The paper's measured points need its image "
        "models and are not published."
    )
    return Figure("b-fig4b", "Paper B, Fig. 4b", caption, (panel,))


def figure_7a(run: Run) -> Figure:
    """Return best number of offloaded steps against the emphasis alpha, by device and batch (Fig. 7a)."""
    devices = read_devices().devices
    series = tuple(
        _offloaded(f"{name}, b = {batch}", devices[name], gpus=8, batch=batch)
        for batch in (5, 20)
        for name in ("GTX 1080 Ti", "RTX 2080 Ti", "RTX 4090")
    )
    caption = (
        "Paper B, Fig. 7a, 8 GPUs: the closed-form best split. More emphasis on accuracy, a larger batch or a "
        "faster device mean fewer offloaded steps; an RTX 4090 is as fast as the edge with 20 users, and offloads "
        "nothing."
    )
    return Figure("b-fig7a", "Paper B, Fig. 7a", caption, (_split_panel("best split, 8 GPUs", series),))


def figure_7b(run: Run) -> Figure:
    """Return best number of offloaded steps against the emphasis alpha, by GPUs and batch (Fig. 7b)."""
    device = read_devices().devices[MIDDLE_DEVICE]
    series = tuple(
        _offloaded(f"G = {gpus}, b = {batch}", device, gpus=gpus, batch=batch)
        for batch in (5, 20)
        for gpus in (2, 4, 8)
    )
    caption = (
        f"Paper B, Fig. 7b, {MIDDLE_DEVICE}: the closed-form best split. More GPUs mean more offloaded steps, and "
        "the batch matters most where GPUs are few: with a batch of 20, 2 and 4 GPUs are slower than the "
        "device, and get nothing."
    )
    return Figure("b-fig7b", "Paper B, Fig. 7b", caption, (_split_panel(f"best split, {MIDDLE_DEVICE}", series),))


def _split_panel(title: str, series: tuple[Series, ...]) -> Panel:
    return Panel(title, "emphasis on accuracy $\\alpha$ [s]", "offloaded steps $N - n^*$", series, log_x=True)


def _offloaded(label: str, device: Device, *, gpus: int, batch: int) -> Series:
    """N - n* over alpha from 0.1 s to 10^4 s for one device, number of GPUs and batch."""
    alpha = np.geomspace(0.1, 1e4, _ALPHA_POINTS)
    data = _snapshot(gpus).replaced(
        {
            "users": _ALPHA_POINTS,
            "accuracy_weight": alpha,
            "local_seconds_per_step": device.seconds_per_step,
            "prompt_bits": 0.0,
            "latent_bits": 0.0,
            "wait_seconds": 0.0,
            "device": device.device,
        }
    )
    steps = data.total_steps - best_splits(data, float(batch), whole=True)
    return Series(label, tuple(alpha.tolist()), tuple(steps.tolist()), kind="curve")


def _snapshot(gpus: int) -> SplitOffloading:
    """Return a snapshot with the published constants; its users are not used."""
    scenario = {"gpus": gpus, "edge_device": EDGE_DEVICE}
    data: SplitOffloading = generate(problems=("split_offloading",), users=2, split_offloading=scenario).section(
        "split_offloading"
    )
    return data
