"""What a calibration hands out: the row of the device table, a summary, and the data of Fig. 3."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from instances.calibration.devices import Device
from instances.calibration.line import LatencyFit, Timing, quartiles
from instances.storage.atomic import replacing, writing
from instances.storage.layouts import csv_lines


def table_row(
    timings: Sequence[Timing],
    fit: LatencyFit,
    *,
    device: str,
    place: str,
    model: str,
    pixels: str,
    precision: str,
    source: str,
) -> Device:
    """Return the device table's row; without k and h where one of them came out negative."""
    low, middle, high = quartiles(timings, 1)
    line = fit if fit.plausible else None
    sizes = sorted({timing.batch for timing in timings})
    if line is not None and len(sizes) == 2:
        source += f", k and h from two batch sizes alone, {sizes[0]} and {sizes[1]}"
    return Device(
        device=device,
        place=place,
        seconds_per_step=_rounded(middle),
        seconds_per_step_p25=_rounded(low),
        seconds_per_step_p75=_rounded(high),
        records=sum(timing.batch == 1 for timing in timings),
        seconds_per_step_per_item=None if line is None else _rounded(line.per_item),
        per_item_margin_95=None if line is None else _rounded(line.per_item_margin_95),
        seconds_per_step_base=None if line is None else _rounded(line.base),
        base_margin_95=None if line is None else _rounded(line.base_margin_95),
        fits=None if line is None else 1,
        model=model,
        pixels=pixels,
        precision=precision,
        batches=" ".join(map(str, sizes)),
        source=source,
    )


def report(timings: Sequence[Timing], fit: LatencyFit, row: Device) -> str:
    """Return what the command prints: medians beside the line, k and h with their confidence, and the row."""
    lines = [
        row.device,
        "batch  median s  L(b) s",
        *(
            f"{batch:5}  {quartiles(timings, batch)[1]:8.4f}  {float(fit.seconds(batch)):6.4f}"
            for batch in sorted({timing.batch for timing in timings})
        ),
        f"k = {fit.per_item:.6g} +- {fit.per_item_margin_95:.2g} s per image of the batch",
        f"h = {fit.base:.6g} +- {fit.base_margin_95:.2g} s   (+- is half the 95 % confidence interval)",
        f"R^2 = {fit.r_squared:.5f} over {len(timings)} steps",
    ]
    if not fit.plausible:
        lines.append("k or h is negative, so the row leaves both out: measure more batch sizes or repetitions")
    return "\n".join(lines)


def write_points(path: Path, device: str, timings: Sequence[Timing], fit: LatencyFit) -> None:
    """Write the data of Fig. 3: every timing, and the line at its batch size.

    Raises
    ------
    InstanceError
        If the file cannot be written.
    """
    rows = [(device, *timing, float(fit.seconds(timing.batch))) for timing in timings]
    with writing(path), replacing(path) as file:
        file.write(csv_lines([("device", "batch", "repetition", "seconds", "line_seconds"), *rows]))


def _rounded(seconds: float) -> float:
    return float(f"{seconds:.6g}")
