"""The command that prints shadow prices of step allocation.

python -m solvers.step_allocation.sensitivity instances/n30.json
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence

from instances import InstanceError, load
from reports.formats import plain_text
from solvers.core.limits import Limits
from solvers.processes.standard_output import results, results_alone


def main(arguments: Sequence[str] | None = None) -> int:
    """Print what a unit more of every limit is worth; exit status 1 without a solution, 2 for unusable input."""
    parser = argparse.ArgumentParser(
        prog="python -m solvers.step_allocation.sensitivity",
        description="What one more unit of every limit is worth at the certified optimum of step allocation.",
    )
    parser.add_argument("instance", help="instance file")
    parser.add_argument("--time-limit", type=float, default=15.0, help="seconds for each solve (%(default)s)")
    parser.add_argument("--gap", type=float, default=1e-6, help="relative gap of each solve (%(default)s)")
    options = parser.parse_args(arguments)
    if not options.time_limit > 0.0 or not 0.0 <= options.gap < 1.0:
        parser.error("expected seconds above 0 and a gap from 0 to below 1")
    return _run(options)


@results_alone()
def _run(options: argparse.Namespace) -> int:
    try:
        instance = load(options.instance)
        data = instance.section("step_allocation")
    except (InstanceError, KeyError) as fault:
        print(f"diffload: {fault.args[0]}", file=sys.stderr)
        return 2
    from reports.tables.sensitivity import tables
    from solvers.step_allocation.shadow_prices import analyse

    found = analyse(data, Limits(time_seconds=options.time_limit, gap=options.gap))
    if found is None:
        print(f"{instance.name}: no solution found; solvers.compare says whether there is one", file=sys.stderr)
        return 1
    print(plain_text.render(tables(instance.name, found)), end="", file=results())
    return 0
