"""Command that checks every certificate in a results file against its instance.

python -m solvers.step_allocation.check_certificates instances/n30.json results/results.json
"""

from __future__ import annotations

import argparse
import json
import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from formulations.problem import Sense
from formulations.problem import load as load_function
from formulations.problems import problem, problems
from formulations.runtime.command_line import Command, Parser, add_gap, add_instance
from formulations.runtime.program import CommandError, UsageError
from formulations.runtime.standard_output import results
from formulations.section import Section
from instances import load
from solvers.core.certificate import Checked
from solvers.core.limits import Limits
from solvers.core.tolerance import largest_closed_gap, negligible


def _arguments(parser: Parser) -> None:
    add_instance(parser)
    parser.add_argument("results", type=Path, help="results.json, which diffload compare --out writes")
    add_gap(parser)


def _run(options: argparse.Namespace) -> int:
    instance = load(options.instance)
    records = read_records(options.results)
    mine = [r for r in records if is_about(r, instance.sha256) and r["problem"] in instance.problems]
    if not mine:
        raise CommandError(f"{options.results} holds no certificate for {options.instance}")
    return max(report(instance.section(record["problem"]), record, options.gap) for record in mine)


def is_about(record: Mapping[str, Any], instance_hash: str) -> bool:
    """Whether a record has a certificate that can be checked, on the instance with this hash."""
    return (
        record.get("problem") in {known.name for known in problems() if known.certificates}
        and record.get("instance_hash") == instance_hash
        and record.get("certificate") is not None
    )


def read_records(path: Path) -> list[Mapping[str, Any]]:
    """Records of a results file.

    Raises
    ------
    UsageError
        If the file cannot be read or is no list of records.
    """
    try:
        records = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError) as fault:
        raise UsageError(f"{path}: expected a results file, got {type(fault).__name__}") from None
    if not isinstance(records, list) or not all(isinstance(record, dict) for record in records):
        raise UsageError(f"{path}: expected a list of records")
    return records


def report(data: Section, record: Mapping[str, Any], gap: float = Limits().gap) -> int:
    """Print what one record's certificate proves; 1 if the record claims more."""
    name = record.get("solver", "?")
    try:
        known = problem(data.problem)
        check = load_function(known.certificates)
        checked = check(data, record["certificate"], record["solution"], record["instance_hash"])
        faults = (
            overstated(record, checked, gap, known.sense)
            if record["solution"] is not None
            else unproven(record, checked, known.sense)
        )
    except (ValueError, TypeError, KeyError, AttributeError, OverflowError) as fault:
        print(f"{name}: DOES NOT HOLD: {fault}", file=results())
        return 1
    proven = f"objective {checked.objective:.9g}, proven bound {checked.bound:.9g} ({checked.leaves} leaves)"
    if math.isinf(checked.bound):
        proven = f"there is no solution ({checked.leaves} leaves)"
    print(f"{name}: {proven}: {'DOES NOT HOLD: ' + '; '.join(faults) if faults else 'holds'}", file=results())
    return 1 if faults else 0


def unproven(record: Mapping[str, Any], checked: Checked, sense: Sense) -> list[str]:
    """What a record without a solution claims beyond its certificate: infeasibility, or a better bound."""
    if record.get("status") == "infeasible":
        return [] if math.isinf(checked.bound) else ["the record claims that there is no solution"]
    if record.get("status") != "unknown" or record.get("objective") is not None:
        return ["the record has no solution"]
    bound = float(record["bound"])
    allowed = negligible(checked.size, checked.rounding)
    return [] if beyond(bound, checked.bound, sense) <= allowed else [f"the record claims bound {bound:.9g}"]


def beyond(claimed: float, proven: float, sense: Sense) -> float:
    """How much better a claimed bound is than the proven one; negative where it claims less."""
    return claimed - proven if sense is Sense.MINIMISE else proven - claimed


def overstated(record: Mapping[str, Any], checked: Checked, gap: float, sense: Sense) -> list[str]:
    """What a record claims beyond its certificate: another objective, a better bound, a closed gap."""
    objective, bound = float(record["objective"]), float(record["bound"])
    allowed = negligible(checked.size, checked.rounding)
    faults = []
    if not abs(objective - checked.objective) <= allowed:
        faults.append(f"the record claims objective {objective:.9g}")
    if not beyond(bound, checked.bound, sense) <= allowed:
        faults.append(f"the record claims bound {bound:.9g}")
    closed = largest_closed_gap(gap, checked.objective, checked.size, checked.rounding)
    if record.get("status") == "optimal" and not beyond(checked.objective, checked.bound, sense) <= closed:
        faults.append("the record claims an optimum")
    if record.get("status") not in ("optimal", "feasible"):
        faults.append(f"the record has a solution and the status {record.get('status')!r}")
    return faults


main = Command(
    module="solvers.step_allocation.check_certificates",
    summary="Check every certificate of an instance in a results file, without the solver.",
    arguments=_arguments,
    run=_run,
    example=("n30 results/results.json",),
    statuses={0: "all certificates hold", 1: "one does not hold, or none was found"},
)
"""Checks certificates."""

if __name__ == "__main__":
    main.script()
