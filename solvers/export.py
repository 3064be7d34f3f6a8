"""Write a model of an instance: ``python -m solvers.export instances/n30.json --model p1-convex --out FILE``."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from formulations import program
from instances import InstanceError, load

LINES = 16
"""Supporting lines per user and place of an exported outer approximation."""


@dataclass(frozen=True)
class Model:
    """A model that can be written: of which problem, what it is, and how it is built from the problem's data."""

    problem: str
    summary: str
    build: Callable[[Any], Any]


def main(arguments: Sequence[str] | None = None) -> int:
    """Write one model; return the exit status: 0 written, 2 unusable input."""
    options = _parser().parse_args(arguments)
    model = MODELS[options.model]
    try:
        instance = load(options.instance)
        if model.problem not in instance.problems:
            raise ValueError(
                f"{options.instance}: poses no {model.problem} problem, which '{options.model}' models"
            )
        from formulations.export import write

        print(write(model.build(instance.section(model.problem)), options.out))
    except OSError as fault:
        print(f"{_parser().prog}: cannot write '{options.out}': {fault.strerror}", file=sys.stderr)
        return 2
    except (InstanceError, ValueError) as fault:
        print(f"{_parser().prog}: {fault}", file=sys.stderr)
        return 2
    return 0


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


def _p1(data: Any) -> Any:
    from formulations.step_allocation import p1

    return p1.build(data)


def _p1_convex(data: Any) -> Any:
    from formulations.step_allocation import p1_convex

    return p1_convex.build(data)


def _p1_tangents(data: Any) -> Any:
    from formulations.step_allocation import p1_tangents, supports
    from formulations.step_allocation.parameters import EDGE, LOCAL

    points = (supports.spread_points(data, place, LINES) for place in (LOCAL, EDGE))
    return p1_tangents.build(data, *points)


def _split_p1(data: Any) -> Any:
    from formulations.split_offloading import p1

    return p1.build(data)


def _split_batch_indexed(data: Any) -> Any:
    from formulations.split_offloading import batch_indexed

    return batch_indexed.build(data)


def _split_gqap(data: Any) -> Any:
    from formulations.split_offloading import gqap_reduction

    return gqap_reduction.build_quadratic(data)


def _split_gqap_linearised(data: Any) -> Any:
    from formulations.split_offloading import gqap_reduction

    return gqap_reduction.build_linearised(data)


def _gqap_quadratic(data: Any) -> Any:
    from formulations.gqap import quadratic

    return quadratic.build(data)


def _gqap_standard(data: Any) -> Any:
    from formulations.gqap import standard_linearisation

    return standard_linearisation.build(data)


def _gqap_rlt1(data: Any) -> Any:
    from formulations.gqap import rlt1

    return rlt1.build(data)


def _gqap_compact(data: Any) -> Any:
    from formulations.gqap import compact

    return compact.build(data)


MODELS = {
    "p1": Model("step_allocation", "P1 of paper A as printed", _p1),
    "p1-convex": Model("step_allocation", "P1 as a convex MINLP", _p1_convex),
    "p1-tangents": Model("step_allocation", "outer approximation of P1, a MILP and a lower bound", _p1_tangents),
    "split-p1": Model(
        "split_offloading", "P1 of paper B as a MINLP, strengthened by chords of F's envelope", _split_p1
    ),
    "split-batch-indexed": Model(
        "split_offloading", "P1 of paper B as a MILP, indexed by the batch", _split_batch_indexed
    ),
    "split-gqap": Model("split_offloading", "GQAP (18) of paper B with fixed splits", _split_gqap),
    "split-gqap-linearised": Model(
        "split_offloading", "the same, its products linearised", _split_gqap_linearised
    ),
    "gqap-quadratic": Model("gqap", "generalised quadratic assignment as posed", _gqap_quadratic),
    "gqap-standard": Model("gqap", "the same, standard linearisation", _gqap_standard),
    "gqap-rlt1": Model("gqap", "the same, level-1 RLT", _gqap_rlt1),
    "gqap-compact": Model("gqap", "the same, compact linearisation", _gqap_compact),
}
"""Models by the name that the command takes."""


if __name__ == "__main__":
    sys.exit(program.run(main))
