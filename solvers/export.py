"""Write a model of an instance: ``python -m solvers.export instances/n30.json --model p1-convex --out FILE``."""

from __future__ import annotations

import argparse
import sys
from dataclasses import dataclass
from typing import Any

from formulations.runtime.command_line import Command, Parser, add_instance
from formulations.runtime.program import UsageError
from formulations.runtime.standard_output import results
from instances import load
from solvers.core.registry import load as load_function

LINES = 16
"""Supporting lines per user and place of an exported outer approximation."""


@dataclass(frozen=True)
class Model:
    """A model that can be written: of which problem, what it is, and what builds it, as ``module:function``."""

    problem: str
    summary: str
    function: str


def _run(options: argparse.Namespace) -> None:
    model = MODELS[options.model]
    instance = load(options.instance)
    if model.problem not in instance.problems:
        raise UsageError(f"{options.instance}: poses no {model.problem} problem, which '{options.model}' models")
    if sys.flags.optimize > 1:
        raise UsageError("expected Python without -OO or PYTHONOPTIMIZE=2: Pyomo needs docstrings")
    from formulations.export import write

    try:
        written = write(load_function(model.function)(instance.section(model.problem)), options.out)
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
