"""The command ``diffload explore``: a local page with a certified optimum under its sliders."""

from __future__ import annotations

from argparse import Namespace

from formulations.runtime.command_line import Command, Parser, whole
from formulations.runtime.program import UsageError
from solvers.comparison.arguments import add_problem

HERE = "127.0.0.1"
"""This machine alone."""


def _arguments(parser: Parser) -> None:
    parser.add_argument(
        "instance",
        nargs="?",
        default="n30",
        metavar="FILE",
        help="instance file, or name of the library (n30)",
    )
    add_problem(parser, "which problem of the file to begin with; the first that can be explored by default")
    parser.add_argument(
        "--host", default=HERE, metavar="ADDRESS", help="who can reach it (%(default)s: nobody else)"
    )
    parser.add_argument("--port", type=whole(0, 65535), default=8018, help="0 for any free one (%(default)s)")
    parser.add_argument("--no-browser", action="store_true", help="only say where the page is")


def _run(options: Namespace) -> None:
    try:
        import nicegui  # noqa: F401
    except ModuleNotFoundError as fault:
        if fault.name != "nicegui":
            raise
        raise UsageError("explore needs NiceGUI: pip install 'diffload[explore]'") from None
    from instances import load
    from reports.explorer.scenario import Scenario, explorable
    from reports.explorer.server import serve
    from reports.explorer.uploads import checked

    instance = checked(options.instance, load(options.instance))
    posed = explorable(instance)
    if options.problem not in (None, *posed):
        raise UsageError(f"{options.instance}: expected --problem {' or '.join(posed)}, got {options.problem}")
    scenario = Scenario(instance, options.instance, options.problem or posed[0])
    serve(scenario, host=options.host, port=options.port, show=not options.no_browser)


main = Command(
    module="diffload explore",
    summary="Open a page on this machine where sliders move the budget, the weights, the users, the GPUs and the "
    "batch limit of an instance, with the certified optimum at once.",
    arguments=_arguments,
    run=_run,
    example=("n30", "n30 --problem split_offloading", "mine.json --no-browser --port 0"),
    more="The page needs no network, and nobody but this machine can reach it. It needs the extra explore.",
)
"""Serves the explorer."""
