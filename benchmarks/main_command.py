"""Seconds that a user waits for the command: its help, and the main job of the README.

    python -m benchmarks.main_command [--quick]

The help is compared to the start of Python alone. The main job runs every method on instances/n30.json, with
processes side by side where there are cores; a quick run leaves it out.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator

from benchmarks.alone import alone
from benchmarks.ratio import Aim, Ratio
from benchmarks.reference import timed
from instances.library import FOLDER

HELP_SECONDS = Aim("at most", 1.0)
MAIN_JOB_SECONDS = Aim("at most", 60.0)
REPEATS = 5


def ratios(quick: bool) -> Iterator[Ratio]:
    """The help over Python's start, and both times."""
    bare = timed(lambda: python("-c", "pass"), REPEATS)
    shown = timed(lambda: python("-m", "solvers.compare", "--help"), REPEATS)
    behind = {"help s": shown, "python s": bare}
    yield Ratio("command/help", "python -m solvers.compare --help", shown, "s", aim=HELP_SECONDS)
    yield Ratio(
        "command/help/python", "start of the command", shown / bare, limit="start of Python", context=behind
    )
    if not quick:
        seconds = timed(lambda: python("-m", "solvers.compare", str(FOLDER / "n30.json")), 1)
        yield Ratio("command/n30", "main job, all methods on n30.json", seconds, "s", aim=MAIN_JOB_SECONDS)


def python(*words: str) -> None:
    """Run Python with these arguments, its output thrown away."""
    subprocess.run([sys.executable, *words], check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


if __name__ == "__main__":
    alone(ratios, __doc__).script()
