"""Fuzz the package: files that are malformed or extreme, each loaded and, where it is an instance, solved.

    python tests/fuzz.py --out DIR [--cases 100000] [--seed 1] [--share 5] [--minutes 10]
    python tests/fuzz.py --seed 1 --case 4711          one file alone, solved in any case

No file may raise anything but the one error, hang, or make a method claim what trying refutes. One in ``--share``
files is solved where it is an instance. DIR/fuzz.jsonl keeps the counts of every thousand files; the same command
goes on where a stopped one left off. Exit status: 0 nothing was found, 1 something was, 130 interrupted.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

_HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(_HERE.parent), str(_HERE), str(_HERE / "support")]

from fuzzing.campaign import Campaign, Verdict, main
from fuzzing.checks import checked
from fuzzing.files import fuzzed

MEMORY = Path("/dev/shm")
"""Where files cost no access to a disk, if there is such a place."""


def check(seed: int, number: int, share: int) -> Verdict:
    """Verdict of one file."""
    with tempfile.TemporaryDirectory(dir=MEMORY if MEMORY.is_dir() else None) as folder:
        return checked(fuzzed(seed, number), number, Path(folder), share)


CAMPAIGN = Campaign(__file__, check, cases=100_000, chunk=1000, share=5)

if __name__ == "__main__":
    raise SystemExit(main(CAMPAIGN, __doc__))
