"""What paper B measured on its image models: the latency of a step, and the accuracy that offloading costs.

The latency has public tables and series; the models and images behind the accuracy are not published.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from instances.calibration.devices import Device, read_devices
from reports.papers.audit.claim import Finding, Size, Verdict, claims, share_verdict
from reports.papers.audit.measures.linearity import Line, lines, source_of, sources


def linear_latency(size: Size) -> Finding:
    """Return the constant term of fitted lines, and how far series of measurements lie from a line."""
    series, measured = lines(), sources()
    rows = [
        row for row in read_devices().devices.values() if row.has_line and source_of(row.source) not in measured
    ]
    at_edge = [row for row in rows if row.place == "edge"]
    edge_ratio, local_ratio = (
        np.array([_constant_share(row) for row in rows if (row.place == "edge") is edge]) for edge in (True, False)
    )
    at_one = [
        ((row.seconds_per_step_per_item or 0.0) + (row.seconds_per_step_base or 0.0)) / row.seconds_per_step
        for row in rows
    ]
    large = float(np.mean(edge_ratio > 1.0))
    constant = [line.constant_share > 1.0 for line in series if line.place == "edge"]
    names = ", ".join(row.device for row, each in zip(at_edge, edge_ratio, strict=True) if each > 1.0)
    text = (
        'The paper says this of "a specific neural network", after an NVIDIA report and [19], not of the H100 NVL '
        "of its edge server; the numbers of its own Fig. 3 are not published. A large constant term is read here "
        f"as h > k, which is our reading. Of {len(at_edge)} lines L(b) = k b + h, each pooled from many users' "
        f"measurements of one GPU for servers, {100 * large:.0f} % have h > k ({names or 'none'}), with a median "
        f"of h/k of {np.median(edge_ratio):.2g}; of {len(local_ratio)} such lines of users' GPUs "
        f"{100 * np.mean(local_ratio > 1.0):.0f} %, with {np.median(local_ratio):.2g}. In series over batches of "
        "1, 2, 4 and on, one card each, h > k on "
        f"{sum(constant)} of {len(constant)} GPUs for servers. Pooled lines and series disagree on the constant "
        f"({_disagreement(at_edge, series)}), so that what is public does not settle it. At a batch of one the "
        f"pooled lines give {100 * np.median(at_one):.0f} % of the step time that others measured there, in the "
        f"median. Linearity itself: {_linearity(series)}."
    )
    straight = [line.largest_error <= LINEAR for line in series if line.place == "edge"]
    met = [*straight, *constant, large > 0.5]
    evidence = {"edge_share_with_large_constant": large, "edge_median": float(np.median(edge_ratio))}
    evidence |= {"series_share_with_large_constant": float(np.mean(constant))}
    evidence |= {f"error_{line.device}": line.largest_error for line in series}
    return Finding(share_verdict(float(np.mean(met))), text, len(rows) + len(series), evidence)


LINEAR = 0.1
"""Largest error of a line, relative to the measured time, up to which a latency is approximately linear."""


def _linearity(series: Sequence[Line]) -> str:
    each = ", ".join(
        f"{line.device} {100 * line.largest_error:.2g} % (h/k {line.constant_share:.2g})" for line in series
    )
    edge = [line for line in series if line.place == "edge"]
    straight = sum(line.largest_error <= LINEAR for line in edge)
    return (
        "the line through each series misses a measured time by at most "
        f"{each}; within {100 * LINEAR:.0f} %, which is read as approximately linear, on {straight} of "
        f"{len(edge)} GPUs for servers"
    )


def _disagreement(rows: Sequence[Device], series: Sequence[Line]) -> str:
    """Return h / k of the devices that both have."""
    pooled = {row.device: _constant_share(row) for row in rows}
    both = [
        f"{line.device} h/k {pooled[line.device]:.2g} and {line.constant_share:.2g}"
        for line in series
        if line.device in pooled
    ]
    return ", ".join(both) or "no device in both"


def _constant_share(row: Device) -> float:
    """H / k of a line."""
    return (row.seconds_per_step_base or 0.0) / (row.seconds_per_step_per_item or 1.0)


def _not_checkable(text: str) -> Callable[[Size], Finding]:
    return lambda size: Finding(Verdict.UNCHECKED, text, 0)


CLAIMS = claims(
    {
        "b-linear-latency": linear_latency,
        "b-fig4a": _not_checkable(
            "Needs images of the paper's personalised diffusion models, scored with CLIP and LPIPS; neither "
            "models nor images are published."
        ),
        "b-fig4b-fit": _not_checkable(
            "The points behind the fit are not published. `python -m instances.fit_pai` fits F to points of one's "
            "own."
        ),
    }
)
