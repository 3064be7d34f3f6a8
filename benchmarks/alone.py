"""The command of a program: its ratios one by one as they are measured, as lines and as records."""

from __future__ import annotations

import argparse
import json
import math
from collections.abc import Sequence
from contextlib import nullcontext
from dataclasses import asdict
from pathlib import Path

from benchmarks.ratio import Aim, Program, Ratio
from formulations.runtime.standard_output import results, results_alone


def alone(ratios: Program, description: str | None, arguments: Sequence[str] | None = None) -> int:
    """Print every ratio of a program, and keep it as a record where asked to.

    Exit status: 1 if an aim is missed, which records leave to their reader, else 0.
    """
    parser = argparse.ArgumentParser(description=description, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="small sizes, seconds instead of minutes")
    parser.add_argument("--records", type=Path, metavar="FILE", help="file for one JSON record a line")
    options = parser.parse_args(arguments)
    met = True
    with results_alone(), options.records.open("w") if options.records else nullcontext() as records:
        for ratio in ratios(options.quick):
            print(as_text(ratio), file=results(), flush=True)
            if records is not None:
                print(to_json(ratio), file=records, flush=True)
            met = met and ratio.met is not False
    return 0 if met or options.records else 1


def as_text(ratio: Ratio) -> str:
    """One line: the value, what it is about, its aim, and what stands behind it."""
    against = f", against {ratio.limit}" if ratio.limit else ""
    aim = "" if ratio.aim is None else f" (aim: {ratio.aim}{'' if ratio.met else ', MISSED'})"
    behind = ", ".join(f"{name} {shown(value)}" for name, value in ratio.context.items())
    return f"{shown(ratio.value):>10} {ratio.unit:<8}  {ratio.what}{against}{aim}" + (
        f"  [{behind}]" if behind else ""
    )


def shown(value: float | str) -> str:
    """A number in four digits, a text as it is; a dash for a number that was not measured."""
    if isinstance(value, str):
        return value
    return "-" if math.isnan(value) else f"{value:.4g}"


def to_json(ratio: Ratio) -> str:
    """A ratio as one line of JSON."""
    return json.dumps(asdict(ratio))


def from_json(line: str) -> Ratio:
    """The ratio that :func:`to_json` wrote.

    Raises
    ------
    ValueError, KeyError, TypeError
        If the line is none.
    """
    record = json.loads(line)
    aim = record.pop("aim")
    return Ratio(**record, aim=None if aim is None else Aim(**aim))
