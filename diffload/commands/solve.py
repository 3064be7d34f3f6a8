"""The command ``diffload solve``: one problem, one method, one result."""

from __future__ import annotations

import json
from argparse import Namespace

from formulations.runtime.command_line import (
    Command,
    Parser,
    add_gap,
    add_instance,
    add_out,
    add_seed,
    add_time_limit,
)
from formulations.runtime.program import INTERRUPTED, UsageError
from formulations.runtime.standard_output import results
from solvers.comparison.arguments import add_problem, add_threads, check_address_space


def _arguments(parser: Parser) -> None:
    add_instance(parser)
    parser.add_argument(
        "--method", "--solver", metavar="NAME", help="default: the first exact one that takes the instance"
    )
    add_problem(parser, "which problem of the file; needed where it poses several and no method says which")
    add_time_limit(parser, 15.0, "for building and solving")
    add_gap(parser)
    add_seed(parser, "of a random method")
    add_threads(parser)
    add_out(parser, "write results.json there, which 'diffload check' reads")
    parser.add_argument(
        "--format", choices=("text", "json"), default="text", help="of what is printed (%(default)s)"
    )


def _run(options: Namespace) -> int:
    check_address_space()
    from formulations.runtime.interrupts import known_by
    from instances.storage.atomic import writing
    from reports.formats import folder
    from solvers.core.solve import solve

    status = None
    try:
        result = solve(
            options.instance,
            options.method,
            problem=options.problem,
            time_limit=options.time_limit,
            gap=options.gap,
            threads=options.threads,
            seed=options.seed,
        )
    except ValueError as fault:
        raise UsageError(str(fault)) from None
    except KeyboardInterrupt as stopped:
        result = known_by(stopped)
        if result is None:
            raise
        status = INTERRUPTED
    if options.out is not None:
        with writing(options.out):
            folder.prepare(options.out)
            folder.write_results(options.out, [result])
    text = json.dumps(result.to_record(), indent=2, default=str) if options.format == "json" else str(result)
    print(text, file=results())
    if status is not None:
        return status
    return 0 if result.solution is not None or result.status.value == "infeasible" else 1


main = Command(
    module="diffload solve",
    summary="Solve one problem of an instance with one method, and print the result.",
    arguments=_arguments,
    run=_run,
    example=(
        "n10",
        "n30 --problem split_offloading --method greedy --format json",
        "n100 --out results",
    ),
    statuses={
        0: "a solution was found, or there is none and that is proven",
        1: "no solution was found in time, or the method failed; the result says why",
    },
)
"""Solves one problem."""
