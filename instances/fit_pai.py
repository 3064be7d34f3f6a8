"""The command that fits the accuracy index F(n), ``python -m instances.fit_pai points.csv`` (paper B, Fig. 4b).

The file has one row per point with a column ``split`` (n, steps) and either a column ``pai``, or the columns
``clip`` (mean CLIP similarity of the users' images) and ``lpips`` (mean LPIPS distance between them), from which
the index (1) is made.
"""

from __future__ import annotations

import os
from argparse import Namespace

import numpy as np

from formulations.errors import InstanceError
from formulations.fields import Range
from formulations.runtime.command_line import Command, Parser
from formulations.runtime.standard_output import results
from instances.calibration.pai import AccuracyFit, accuracy_index_measured, fit_accuracy
from instances.files.csv_columns import read_table

_COLUMNS = {name: [Range(0.0)] for name in ("split", "pai", "clip", "lpips")}


def read_fit(path: str | os.PathLike[str]) -> AccuracyFit:
    """Fit F to the points of a CSV file.

    Raises
    ------
    InstanceError
        Naming the file and what is wrong with it.
    """
    source = os.fsdecode(path)
    table = read_table(source, _COLUMNS, kind="a column split, pai, clip or lpips", row="point")
    points = {name: np.asarray(values, dtype=np.float64) for name, values in table.values.items()}
    if points.keys() not in ({"split", "pai"}, {"split", "clip", "lpips"}):
        got = ", ".join(points)
        raise InstanceError(f"{source}: expected the columns split and pai, or split, clip and lpips, got {got}")
    if "pai" not in points:
        points["pai"] = accuracy_index_measured(points["clip"][:, None], points["lpips"])
    try:
        return fit_accuracy(points["split"], points["pai"])
    except ValueError as error:
        raise InstanceError(f"{source}: {error}") from None


def _arguments(parser: Parser) -> None:
    parser.add_argument("file", help="columns split and pai, or split, clip and lpips; one row per point")


def _run(options: Namespace) -> None:
    fit = read_fit(options.file)
    print(f"pai_slope (a_F)      {fit.slope:.6g} +- {fit.slope_margin_95:.2g} per step", file=results())
    print(f"pai_threshold (b_F)  {fit.threshold:.6g} +- {fit.threshold_margin_95:.2g} steps", file=results())
    print(f"R^2                  {fit.r_squared:.4f}   (+- is half the 95 % confidence interval)", file=results())


main = Command(
    module="instances.fit_pai",
    summary="Fit the accuracy index F(n) to points of a CSV file.",
    arguments=_arguments,
    run=_run,
    example=("points.csv",),
)
"""Fits the accuracy index."""

if __name__ == "__main__":
    main.script()
