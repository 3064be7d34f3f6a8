"""The command that prints shadow prices of step allocation.

python -m solvers.step_allocation.sensitivity instances/n30.json
"""

from __future__ import annotations

from argparse import Namespace

from formulations.runtime.command_line import Command, Parser, add_gap, add_instance, add_time_limit
from formulations.runtime.program import CommandError
from formulations.runtime.standard_output import results
from instances import load
from reports.formats import plain_text
from solvers.comparison.arguments import add_threads
from solvers.core.limits import Limits


def _arguments(parser: Parser) -> None:
    add_instance(parser)
    add_time_limit(parser, 15.0, "for each solve")
    add_gap(parser)
    add_threads(parser)


def _run(options: Namespace) -> None:
    instance = load(options.instance)
    data = instance.section("step_allocation")
    from reports.tables.sensitivity import tables
    from solvers.step_allocation.shadow_prices import analyse

    found = analyse(data, Limits(options.time_limit, options.gap, options.threads))
    if found is None:
        raise CommandError(f"{instance.name}: no solution found; diffload compare says whether there is one")
    print(plain_text.render(tables(instance.name, found)), end="", file=results())


main = Command(
    module="solvers.step_allocation.sensitivity",
    summary="What one more unit of every limit is worth at the certified optimum of step allocation.",
    arguments=_arguments,
    run=_run,
    example=("n30", "n30_constrained --time-limit 60"),
    statuses={1: "no solution was found"},
)
"""Prints shadow prices."""
