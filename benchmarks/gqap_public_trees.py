"""Nodes and processor time of the GQAP's branch and bound on public files of every family, to compare changes.

The files are other people's and no part of the package. Nodes do not depend on the machine; seconds are of the
processor, the first tabu search included.
"""

from __future__ import annotations

import time
from argparse import Namespace
from pathlib import Path

from formulations.gqap.parameters import GQAP
from formulations.runtime.command_line import Command, Parser, add_time_limit
from formulations.runtime.standard_output import results
from instances import load
from solvers.core.limits import Limits
from solvers.gqap.tree.branch_and_bound import load_kernels, solve

FILES = (
    "gqap/lee_ma/16X6-E-G.txt",
    "gqap/ctap/tassc2005Ba.txt",
    "gqap/ctap/tass2005Da.txt",
    "gqap/cordeau/20-15-35.txt",
    "gqap/cordeau/30-06-95.txt",
    "gqap/cordeau/40-07-75.txt",
    "qaplib/had16.dat",
    "qaplib/rou15.dat",
)
"""Files of different families whose trees have from some 80 to 33,000 nodes."""


def _run(options: Namespace) -> int:
    load_kernels()
    total = 0.0
    print("file  root bound  nodes  seconds  end", file=results())
    for file in FILES:
        data = load(options.data / file).section("gqap")
        assert isinstance(data, GQAP)
        started = time.process_time()
        outcome = solve(data, Limits(time_limit=options.time_limit), 0)
        seconds = time.process_time() - started
        total += seconds
        row = (Path(file).stem, f"{outcome.root_bound:.10g}", f"{outcome.nodes}", f"{seconds:.2f}", outcome.reason)
        print("  ".join(row), file=results(), flush=True)
    print(f"all: {total:.1f} s", file=results())
    return 0


def _arguments(parser: Parser) -> None:
    parser.add_argument("--data", type=Path, required=True, metavar="DIR", help="folder of the public files")
    add_time_limit(parser, 300.0, "for each file, by the clock")


main = Command(
    module="benchmarks.gqap_public_trees",
    summary="Count nodes and processor time of the GQAP's branch and bound on public files.",
    arguments=_arguments,
    run=_run,
    example=("--data benchmarks",),
)
"""Searches eight public files."""

if __name__ == "__main__":
    main.script()
