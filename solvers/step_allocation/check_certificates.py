"""Command that checks every certificate in a results file against its instance.

python -m solvers.step_allocation.check_certificates instances/n30.json results/results.json
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from formulations import program
from formulations.step_allocation.parameters import StepAllocation
from instances import InstanceError, load
from solvers.limits import Limits
from solvers.step_allocation.certificate import Checked, check

ROUNDING = 1e-9
"""How far a claim may be from what is recomputed, relative to max(|claim|, |bound|) [-]."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Check every certificate of an instance in a results file.

    Exit status: 0 all hold, 1 one does not hold or none was found, 2 unusable files.
    """
    parser = argparse.ArgumentParser(
        prog="python -m solvers.step_allocation.check_certificates",
        description="Check every certificate of an instance in a results file, without the solver.",
    )
    parser.add_argument("instance", help="instance file")
    parser.add_argument("results", type=Path, help="results.json written by solvers.compare --out")
    options = parser.parse_args(arguments)
    try:
        instance = load(options.instance)
        data = instance.section("step_allocation")
        records = read_records(options.results)
    except (InstanceError, ValueError, KeyError) as fault:
        print(f"diffload: {fault}", file=sys.stderr)
        return 2
    mine = [r for r in records if is_about(r, instance.sha256)]
    if not mine:
        print(f"{options.results} holds no certificate for {options.instance}", file=sys.stderr)
        return 1
    return max(report(data, record) for record in mine)


def is_about(record: Mapping[str, Any], instance_hash: str) -> bool:
    """Whether a record has a certificate of step allocation on the instance with this hash."""
    return (
        record.get("problem") == "step_allocation"
        and record.get("instance_hash") == instance_hash
        and record.get("certificate") is not None
    )


def read_records(path: Path) -> list[Mapping[str, Any]]:
    """Records of a results file.

    Raises
    ------
    ValueError
        If the file cannot be read or is no list of records.
    """
    try:
        records = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError) as fault:
        raise ValueError(f"{path}: expected a results file, got {type(fault).__name__}") from None
    if not isinstance(records, list) or not all(isinstance(record, dict) for record in records):
        raise ValueError(f"{path}: expected a list of records")
    return records


def report(data: StepAllocation, record: Mapping[str, Any]) -> int:
    """Print what one record's certificate proves; 1 if the record claims more."""
    name = record.get("solver", "?")
    try:
        checked = check(data, record["certificate"], record["solution"])
        faults = overstated(record, checked) if record["solution"] is not None else unproven(record, checked)
    except (ValueError, TypeError, KeyError, AttributeError) as fault:
        print(f"{name}: DOES NOT HOLD: {fault}")
        return 1
    proven = f"objective {checked.objective:.9g}, proven bound {checked.bound:.9g} ({checked.leaves} leaves)"
    if np.isinf(checked.bound):
        proven = f"there is no solution ({checked.leaves} leaves)"
    print(f"{name}: {proven}: {'DOES NOT HOLD: ' + '; '.join(faults) if faults else 'holds'}")
    return 1 if faults else 0


def unproven(record: Mapping[str, Any], checked: Checked) -> list[str]:
    """What a record without a solution claims beyond its certificate: infeasibility, or a better bound."""
    if record.get("status") == "infeasible":
        return [] if np.isinf(checked.bound) else ["the record claims that there is no solution"]
    if record.get("status") != "unknown" or record.get("objective") is not None:
        return ["the record has no solution"]
    bound = float(record["bound"])
    rounding = ROUNDING * max(abs(bound), abs(checked.bound)) if np.isfinite(checked.bound) else 0.0
    return [] if bound <= checked.bound + rounding else [f"the record claims bound {bound:.9g}"]


def overstated(record: Mapping[str, Any], checked: Checked) -> list[str]:
    """What a record claims beyond its certificate: another objective, a better bound, a closed gap."""
    objective, bound = float(record["objective"]), float(record["bound"])
    rounding = ROUNDING * max(abs(checked.objective), abs(checked.bound))
    faults = []
    if not abs(objective - checked.objective) <= rounding:
        faults.append(f"the record claims objective {objective:.9g}")
    if not bound <= checked.bound + rounding:
        faults.append(f"the record claims bound {bound:.9g}")
    gap = float(record.get("limits", {}).get("gap", Limits().gap))
    if (
        record.get("status") == "optimal"
        and checked.objective - checked.bound > gap * abs(checked.objective) + rounding
    ):
        faults.append("the record claims an optimum")
    return faults


if __name__ == "__main__":
    sys.exit(program.run(main))
