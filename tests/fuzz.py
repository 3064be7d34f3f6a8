"""Fuzz the package: files that are malformed or extreme, each loaded and, where it is an instance, solved.

    python tests/fuzz.py --out DIR [--cases 100000] [--seed 1] [--solve-every 5] [--minutes 10]
    python tests/fuzz.py --seed 1 --case 4711          one file, shown, with what came of it

No file may raise anything but the one error, hang, or make a method claim what trying refutes. Files are checked
in a process of its own: one that hangs or dies is a failure of the file it was at, and the next one goes on behind.
DIR/fuzz.jsonl keeps the counts of every thousand files; the same command goes on where a stopped one left off.
Exit status: 0 nothing was found, 1 something was, 130 interrupted.
"""

from __future__ import annotations

import argparse
import json
import os
import queue
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Generator, Iterable, Sequence
from dataclasses import asdict
from itertools import islice
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "tests")]

from fuzzing.checks import Verdict, checked  # noqa: E402
from fuzzing.files import fuzzed  # noqa: E402

from reports.lines import Lines  # noqa: E402

CHUNK = 1000
"""Files that are counted together."""

HARD_LIMIT = 60.0
"""Seconds after which a file counts as hanging; the first ones of a process load kernels."""

MOST_FAILURES = 20
"""Failures of a chunk that are kept in full."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; returns its exit status."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=Path, help="folder of the counts")
    parser.add_argument("--cases", type=int, default=100_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--solve-every", type=int, default=5, help="one in so many instances is solved")
    parser.add_argument("--minutes", type=float, default=float("inf"), help="stop after the chunk then under way")
    parser.add_argument("--case", type=int, help="one file alone")
    parser.add_argument("--worker", type=int, nargs=2, help=argparse.SUPPRESS)
    options = parser.parse_args(arguments)
    if options.worker is not None:
        return work(options.seed, *options.worker, options.solve_every)
    if options.case is not None:
        return show(options.seed, options.case)
    if options.out is None:
        parser.error("--out: expected a folder")
    until = time.monotonic() + 60.0 * options.minutes
    with Lines(options.out / "fuzz.jsonl") as ledger:
        try:
            run(ledger, options.seed, options.cases, options.solve_every, until)
        except KeyboardInterrupt:
            print("interrupted: run the command again to go on", file=sys.stderr)
            return 130
        total = summary(ledger, options.seed, options.solve_every)
    print(json.dumps(total, indent=2))
    return 1 if total["failures"] else 0


def run(ledger: Lines, seed: int, cases: int, solve_every: int, until: float) -> None:
    """Check every chunk that the ledger does not have; those that it has come first."""
    keys = {first: f"{seed}/{first}/{min(CHUNK, cases - first)}/{solve_every}" for first in range(0, cases, CHUNK)}
    todo = [first for first, key in keys.items() if key not in ledger.known]
    if not todo:
        return
    found = verdicts(seed, todo[0], cases, solve_every)
    for first in todo:
        if time.monotonic() > until:
            found.close()
            return
        started = time.monotonic()
        record = counted(islice(found, min(CHUNK, cases - first)))
        ledger.add(keys[first], record | {"seconds": round(time.monotonic() - started, 1)})
        print(
            f"{first + record['files']:,} of {cases:,} files, {record['failed']} failed",
            file=sys.stderr,
            flush=True,
        )


def counted(found: Iterable[tuple[int, Verdict]]) -> dict[str, Any]:
    """Counts of labels and outcomes, and the failures."""
    labels: Counter[str] = Counter()
    outcomes: Counter[str] = Counter()
    failures: list[Any] = []
    for number, verdict in found:
        labels[verdict.label] += 1
        outcomes.update(verdict.outcomes)
        failures.extend([number, verdict.label, text] for text in verdict.failures)
    return {
        "files": labels.total(),
        "labels": dict(sorted(labels.items())),
        "outcomes": dict(sorted(outcomes.items())),
        "failed": len({number for number, _, _ in failures}),
        "failures": failures[:MOST_FAILURES],
    }


def summary(ledger: Lines, seed: int, solve_every: int) -> dict[str, Any]:
    """Everything that the ledger knows of a seed, added up."""
    mine = {key: key.split("/") for key in ledger.known}
    chunks = [
        ledger.known[key] for key, (of, *_, every) in mine.items() if (int(of), int(every)) == (seed, solve_every)
    ]
    outcomes: Counter[str] = Counter()
    for chunk in chunks:
        outcomes.update(chunk["outcomes"])
    return {
        "files": sum(chunk["files"] for chunk in chunks),
        "seconds": round(sum(chunk["seconds"] for chunk in chunks)),
        "outcomes": dict(sorted(outcomes.items())),
        "failed": sum(chunk["failed"] for chunk in chunks),
        "failures": [failure for chunk in chunks for failure in chunk["failures"]],
    }


def verdicts(
    seed: int, first: int, last: int, solve_every: int, limit: float = HARD_LIMIT
) -> Generator[tuple[int, Verdict]]:
    """Verdicts of a range of files, from as many processes, one after another, as it takes."""
    number = first
    while number < last:
        words = [sys.executable, __file__, "--seed", str(seed), "--solve-every", str(solve_every)]
        worker = subprocess.Popen(
            [*words, "--worker", str(number), str(last)],
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=os.environ | {"OMP_NUM_THREADS": "1"},
            text=True,
        )
        try:
            lines = _lines(worker)
            while number < last:
                line = lines.get(timeout=limit)
                if line is None:
                    yield number, _lost(seed, number, f"the process died with status {worker.wait()}")
                else:
                    yield number, Verdict(**json.loads(line))
                number += 1
                if line is None:
                    break
        except queue.Empty:
            yield number, _lost(seed, number, f"hang: nothing came of it within {limit:g} s")
            number += 1
        finally:
            worker.kill()
            worker.wait()


def _lines(worker: subprocess.Popen[str]) -> queue.Queue[str | None]:
    """What a process prints, line by line, and None at its end."""
    lines: queue.Queue[str | None] = queue.Queue()

    def read() -> None:
        assert worker.stdout is not None
        for line in worker.stdout:
            lines.put(line)
        lines.put(None)

    threading.Thread(target=read, daemon=True).start()
    return lines


def _lost(seed: int, number: int, why: str) -> Verdict:
    return Verdict(fuzzed(seed, number).label, failures=[why])


def work(seed: int, first: int, last: int, solve_every: int) -> int:
    """Print the verdict of every file of a range as one line of JSON."""
    memory = Path("/dev/shm")
    with tempfile.TemporaryDirectory(dir=memory if memory.is_dir() else None) as folder:
        for number in range(first, last):
            verdict = checked(fuzzed(seed, number), number, Path(folder), solve_every)
            print(json.dumps(asdict(verdict)), flush=True)
    return 0


def show(seed: int, number: int) -> int:
    """Print one file and what comes of it."""
    file = fuzzed(seed, number)
    sys.stdout.write(f"{file.label}\n{file.data!r}\n")
    with tempfile.TemporaryDirectory() as folder:
        verdict = checked(file, number, Path(folder))
    print(json.dumps(asdict(verdict), indent=2))
    return 1 if verdict.failures else 0


if __name__ == "__main__":
    raise SystemExit(main())
