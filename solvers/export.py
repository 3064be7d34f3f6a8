"""Write a model of an instance: ``python -m solvers.export instances/n30.json --model p1-convex --out FILE``."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from formulations.runtime import program
from instances import InstanceError, load
from solvers.core.registry import load as load_function
from solvers.processes.standard_output import results, results_alone

LINES = 16
"""Supporting lines per user and place of an exported outer approximation."""


@dataclass(frozen=True)
class Model:
    """A model that can be written: of which problem, what it is, and what builds it, as ``module:function``."""

    problem: str
    summary: str
    function: str


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
    if sys.flags.optimize > 1:
        raise ValueError("expected Python without -OO or PYTHONOPTIMIZE=2: Pyomo needs docstrings")
    from formulations.export import write

    return str(write(load_function(model.function)(instance.section(model.problem)), options.out))


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


def p1_tangents(data: Any) -> Any:
    """Outer approximation of P1 with :data:`LINES` supporting lines per user and place."""
    from formulations.step_allocation.models import p1_tangents, supports
    from formulations.step_allocation.parameters import EDGE, LOCAL

    return p1_tangents.build(data, *(supports.spread_points(data, place, LINES) for place in (LOCAL, EDGE)))


_STEP = "formulations.step_allocation.models."
_SPLIT = "formulations.split_offloading.models."
_GQAP = "formulations.gqap.models."

MODELS = {
    "p1": Model("step_allocation", "P1 of paper A as printed", _STEP + "p1:build"),
    "p1-convex": Model("step_allocation", "P1 as a convex MINLP", _STEP + "p1_convex:build"),
    "p1-tangents": Model(
        "step_allocation", "outer approximation of P1, a MILP and a lower bound", "solvers.export:p1_tangents"
    ),
    "split-p1": Model(
        "split_offloading", "P1 of paper B as a MINLP, strengthened by chords of F's envelope", _SPLIT + "p1:build"
    ),
    "split-batch-indexed": Model(
        "split_offloading", "P1 of paper B as a MILP, indexed by the batch", _SPLIT + "batch_indexed:build"
    ),
    "split-gqap": Model(
        "split_offloading", "GQAP (18) of paper B with fixed splits", _SPLIT + "gqap_reduction:build_quadratic"
    ),
    "split-gqap-linearised": Model(
        "split_offloading", "the same, its products linearised", _SPLIT + "gqap_reduction:build_linearised"
    ),
    "gqap-quadratic": Model("gqap", "generalised quadratic assignment as posed", _GQAP + "quadratic:build"),
    "gqap-standard": Model("gqap", "the same, standard linearisation", _GQAP + "standard_linearisation:build"),
    "gqap-rlt1": Model("gqap", "the same, level-1 RLT", _GQAP + "rlt1:build"),
    "gqap-compact": Model("gqap", "the same, compact linearisation", _GQAP + "compact:build"),
}
"""Models by the name that the command takes."""


if __name__ == "__main__":
    sys.exit(program.run(main))
