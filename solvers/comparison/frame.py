"""A comparison as a pandas DataFrame."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pandas as pd

from solvers.comparison.methods import Comparison
from solvers.comparison.several import conflicts, contradictions
from solvers.core.result import Result


def frame_of(found: Sequence[Comparison]) -> pd.DataFrame:
    """Return one row per result of some comparisons; see :func:`solvers.compare.compare`."""
    frame = pd.DataFrame([row(result) for each in found for result in each.results])
    frame.attrs["contradictions"] = contradictions(found)
    frame.attrs["conflicts"] = conflicts(found)
    return frame


def row(result: Result) -> dict[str, Any]:
    """What a data frame holds of one result."""
    metrics = result.evaluation.metrics if result.evaluation else {}
    return {
        "instance": result.instance,
        "problem": result.problem,
        "solver": result.solver,
        "formulation": result.formulation,
        "status": str(result.status),
        "reason": result.reason,
        "objective": result.objective,
        "bound": result.bound,
        "gap": result.gap,
        "absolute_gap": result.absolute_gap,
        "bound_from": result.bound_from,
        **metrics,
        "raw_objective": result.raw_objective,
        "seconds": result.seconds,
        "seed": result.seed,
        "instance_hash": result.instance_hash,
        "solution": result.solution,
    }
