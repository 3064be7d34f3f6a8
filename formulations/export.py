"""Write an explicit model to a file that other solvers and modelling systems read."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory

import pyomo.environ as pyo
from pyomo.repn import generate_standard_repn

FORMATS = (".nl", ".gms", ".lp", ".mps")
"""Suffixes of the formats that can be written; Pyomo tells its writers apart by them."""

LINEAR_FORMATS = (".lp", ".mps")
"""Suffixes of formats that hold linear models only."""


def write(model: pyo.ConcreteModel, path: str | Path) -> Path:
    """Write ``model`` in the format that the suffix of ``path`` names, under the names that it has in Pyomo.

    ``.nl`` has no room for names: they are in a ``.row`` and a ``.col`` file beside it. A writer that is killed
    leaves of each file the one that was there before, or the complete new one; the model itself comes last.

    Returns
    -------
    Path
        The file written.

    Raises
    ------
    ValueError
        If the suffix is unknown, or if the model is not linear and the format is.
    """
    path = Path(path)
    suffix = path.suffix
    if suffix not in FORMATS:
        raise ValueError(f"cannot write '{path}': expected a file name that ends in {', '.join(FORMATS)}")
    if suffix in LINEAR_FORMATS and (part := first_nonlinear(model)) is not None:
        raise ValueError(f"cannot write '{path}': {suffix} holds linear models only, and {part} is not linear")
    with TemporaryDirectory(dir=path.parent, prefix=".partial-") as folder:
        model.write(str(Path(folder, path.name)), io_options={"symbolic_solver_labels": True})
        for written in sorted(Path(folder).iterdir(), key=lambda file: file.name == path.name):
            written.replace(path.parent / written.name)
    return path


def first_nonlinear(model: pyo.ConcreteModel) -> str | None:
    """Name of the first active constraint or objective that is not linear, or None."""
    for kind in (pyo.Objective, pyo.Constraint):
        for part in model.component_data_objects(kind, active=True, descend_into=True):
            if not generate_standard_repn(part.expr if kind is pyo.Objective else part.body).is_linear():
                return str(part.name)
    return None
