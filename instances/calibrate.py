"""The command that measures L(b) = k b + h on this machine, ``python -m instances.calibrate`` (paper B, Fig. 3).

It times denoising steps of a Stable-Diffusion-size U-Net with random weights at several batch sizes, fits the line
with its confidence, and makes the row for the device table. The extra ``calibration`` brings torch and diffusers.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Sequence
from datetime import date
from pathlib import Path

from formulations.errors import InstanceError
from formulations.runtime.command_line import Command, Parser, whole
from formulations.runtime.progress import tell
from formulations.runtime.standard_output import results
from instances.calibration.devices import PLACES, read_devices, save_devices
from instances.calibration.line import Timing, fit_latency, quartiles
from instances.calibration.measure import Step, is_lack_of_memory, measure
from instances.calibration.report import report, table_row, write_points
from instances.storage.atomic import check_replaceable, writing

BATCHES = {"cuda": (1, 2, 4, 8, 12, 16, 20, 24, 32), "cpu": (1, 2, 3, 4)}
"""Batch sizes unless the caller says otherwise."""

QUICK_BATCHES = (1, 2)
"""Batch sizes of ``--quick``, for a processor that takes most of a minute for one step."""


def _run(options: argparse.Namespace) -> int:
    for path in filter(None, (options.table, options.points)):
        with writing(path):  # before minutes are spent on measuring what belongs in it
            check_replaceable(path)
    table = None if options.table is None or not options.table.exists() else read_devices(options.table)
    try:
        import diffusers
        import torch

        from instances.calibration.unet import SIZES, DenoisingStep, device_name
    except ImportError as fault:
        raise InstanceError(
            f"expected torch and diffusers (pip install 'diffload[calibration]'), {fault}"
        ) from None
    device = _device(options.device, torch.cuda.is_available())
    batches = options.batches or (QUICK_BATCHES if options.quick else BATCHES[device])
    rounds = options.repeats or (3 if options.quick else 10)
    warmups = options.warmups if options.warmups is not None else (1 if options.quick else 3)
    precision = options.precision or ("float16" if device == "cuda" else "float32")
    if options.threads is not None:
        torch.set_num_threads(options.threads)
    tell(f"building the U-Net ({options.size}) on {device} in {precision}")
    step = _build(lambda: DenoisingStep(SIZES[options.size], device, precision, guidance=options.guidance))
    timings = measure(step, batches, rounds, warmups)
    try:
        fit = fit_latency(timings)
    except ValueError as fault:
        raise InstanceError(f"timings: {fault} ({_measured(timings)})") from None
    versions = f"torch {torch.__version__}, diffusers {diffusers.__version__}"
    row = table_row(
        timings,
        fit,
        device=options.name or device_name(device),
        place=options.place,
        model=SIZES[options.size].model,
        pixels=str(SIZES[options.size].pixels),
        precision=precision,
        source=f"instances.calibrate, {date.today():%Y-%m-%d}, {versions}"
        + ("" if options.guidance else ", no guidance"),
    )
    print(report(timings, fit, row), file=results())
    if options.points is not None:
        write_points(options.points, row.device, timings, fit)
    if options.table is not None:
        devices = {} if table is None else table.devices
        save_devices(options.table, devices | {row.device: row})
    return 0


def _build(make: Callable[[], Step]) -> Step:
    try:
        return make()
    except (MemoryError, RuntimeError) as fault:
        if not is_lack_of_memory(fault):
            raise
        raise InstanceError("building the U-Net: expected enough memory for its weights, got too little") from None


def _measured(timings: Sequence[Timing]) -> str:
    """Return what there is where it is too little for a line."""
    medians = [f"batch {size}: {quartiles(timings, size)[1]:.4g} s" for size in sorted({t.batch for t in timings})]
    return ", ".join(medians) or "none"


def _device(asked: str, has_cuda: bool) -> str:
    if asked == "cuda" and not has_cuda:
        raise InstanceError("--device: expected a GPU that torch can use, got none")
    return ("cuda" if has_cuda else "cpu") if asked == "auto" else asked


def _arguments(parser: Parser) -> None:
    add = parser.add_argument
    add("--device", choices=("auto", "cpu", "cuda"), default="auto", help="default: the GPU if there is one")
    add("--size", choices=("sd15", "tiny"), default="sd15", help="the network; tiny only tries the program")
    add("--quick", action="store_true", help="batch sizes 1 and 2, 1 round to warm up and 3 that count")
    add(
        "--batches", type=_batches, metavar="B,B", help="batch sizes, 1 among them (default: 1..32, on a CPU 1..4)"
    )
    add("--repeats", type=_positive, metavar="R", help="rounds that count (default: 10)")
    add("--warmups", type=int, choices=range(101), metavar="W", help="rounds before them (default: 3)")
    add("--precision", choices=("float32", "float16", "bfloat16"), help="default: float16, on a CPU float32")
    add(
        "--guidance",
        action=argparse.BooleanOptionalAction,
        default=True,
        help="run the U-Net twice per image, with and without the prompt (default: yes, as in the device table)",
    )
    add("--threads", type=_positive, metavar="T", help="threads on a CPU (default: torch's own choice)")
    add("--name", help="name of the row (default: what the device calls itself)")
    add("--place", choices=PLACES, default="edge", help="where the device is used (default: edge)")
    add(
        "--table",
        type=Path,
        metavar="FILE",
        help="device table to add the row to, or whose row of that name to replace",
    )
    add("--points", type=Path, metavar="FILE", help="CSV file for all timings and the line, the data of Fig. 3")


def _batches(text: str) -> tuple[int, ...]:
    batches = tuple(_positive(part) for part in text.split(","))
    if 1 not in batches or len(set(batches)) < 2:
        raise argparse.ArgumentTypeError(f"expected batch sizes with 1 and another one among them, got '{text}'")
    return batches


_positive = whole(1)

main = Command(
    module="instances.calibrate",
    summary=(__doc__ or "").partition("\n\n")[2].strip(),
    arguments=_arguments,
    run=_run,
    example=("--quick --size tiny", "--table devices.csv --points points.csv"),
    interrupted="nothing was written",
)
"""Measures this machine."""

if __name__ == "__main__":
    main.script()
