"""Write a model of an instance: ``python -m solvers.export instances/n30.json --model p1-convex --out FILE``."""

from __future__ import annotations

import argparse

from formulations.runtime.command_line import Command, Parser, add_instance
from formulations.runtime.program import UsageError
from formulations.runtime.standard_output import results
from instances import load
from solvers.external import explicit

MODELS = {model.short: model for model in explicit.MODELS}
"""Models by the name that the command takes."""


def _run(options: argparse.Namespace) -> None:
    model = MODELS[options.model]
    instance = load(options.instance)
    if model.problem not in instance.problems:
        raise UsageError(f"{options.instance}: poses no {model.problem} problem, which '{options.model}' models")
    try:
        written = explicit.export(explicit.build(model.name, instance), options.out)
    except OSError as fault:
        raise UsageError(f"cannot write '{options.out}': {fault.strerror}") from None
    except ValueError as fault:
        raise UsageError(str(fault)) from None
    print(written, file=results())


def _arguments(parser: Parser) -> None:
    add_instance(parser)
    parser.add_argument("--model", choices=MODELS, required=True, help="which model")
    parser.add_argument(
        "--out", required=True, metavar="FILE", help="file to write; its suffix (.nl .gms .lp .mps) is the format"
    )


main = Command(
    module="solvers.export",
    summary="Write a model of an instance for other solvers.",
    arguments=_arguments,
    run=_run,
    example=("n30 --model p1-convex --out p1.nl", "split_i10_g2 --model split-batch-indexed --out split.mps"),
    more="\n".join(["models:", *(f"  {name:21} {model.summary}" for name, model in MODELS.items())]),
    statuses={0: "the file is written, and named on standard output"},
)
"""Writes a model."""

if __name__ == "__main__":
    main.script()
