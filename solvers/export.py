"""Write a model of an instance: ``python -m solvers.export instances/n30.json --model p1-convex --out FILE``."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence

from formulations.runtime import program
from instances import InstanceError, load
from solvers.external import explicit
from solvers.external.explicit import Model
from solvers.processes.standard_output import results, results_alone

MODELS = {model.short: model for model in explicit.MODELS}
"""Models by the name that the command takes."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Write one model; return the exit status: 0 written, 2 unusable input."""
    options = _parser().parse_args(arguments)
    model = MODELS[options.model]
    try:
        with results_alone():
            print(_written(model, options), file=results())
    except OSError as fault:
        print(f"{_parser().prog}: cannot write '{options.out}': {fault.strerror}", file=sys.stderr)
        return 2
    except (InstanceError, ValueError) as fault:
        print(f"{_parser().prog}: {fault}", file=sys.stderr)
        return 2
    return 0


def _written(model: Model, options: argparse.Namespace) -> str:
    """What was written, in a line."""
    instance = load(options.instance)
    if model.problem not in instance.problems:
        raise ValueError(f"{options.instance}: poses no {model.problem} problem, which '{options.model}' models")
    return str(explicit.export(explicit.build(model.name, instance), options.out))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m solvers.export",
        description="Write a model of an instance for other solvers.",
        epilog="models: " + "; ".join(f"{name}: {model.summary}" for name, model in MODELS.items()),
    )
    parser.add_argument("instance", help="instance file")
    parser.add_argument("--model", choices=MODELS, required=True, help="which model")
    parser.add_argument(
        "--out", required=True, metavar="FILE", help="file to write; its suffix (.nl .gms .lp .mps) is the format"
    )
    return parser


if __name__ == "__main__":
    sys.exit(program.run(main))
