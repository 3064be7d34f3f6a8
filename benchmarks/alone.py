"""The command of a program: its ratios one by one as they are measured, as lines and as records."""

from __future__ import annotations

import json
import math
from argparse import Namespace
from contextlib import nullcontext
from dataclasses import asdict
from inspect import getfile
from pathlib import Path

from benchmarks.ratio import Aim, Program, Ratio
from formulations.runtime.command_line import Command, Parser
from formulations.runtime.standard_output import results


def alone(ratios: Program, description: str | None) -> Command:
    """Return the command that prints every ratio of a program, and keeps it as a record where asked to.

    Exit status: 1 if an aim is missed, which records leave to their reader, else 0.
    """

    def run(options: Namespace) -> int:
        met = True
        with options.records.open("w") if options.records else nullcontext() as records:
            for ratio in ratios(options.quick):
                print(as_text(ratio), file=results(), flush=True)
                if records is not None:
                    print(to_json(ratio), file=records, flush=True)
                met = met and ratio.met is not False
        return 0 if met or options.records else 1

    return Command(
        module=f"benchmarks.{Path(getfile(ratios)).stem}",
        summary=(description or "").partition("\n\n")[0],
        more=(description or "").partition("\n\n")[2].strip(),
        arguments=_arguments,
        run=run,
        example=("--quick",),
        statuses={0: "every aim is reached", 1: "an aim is missed"},
    )


def _arguments(parser: Parser) -> None:
    parser.add_argument("--quick", action="store_true", help="small sizes, seconds instead of minutes")
    parser.add_argument("--records", type=Path, metavar="FILE", help="file for one JSON record a line")


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
