"""A long run over numbered cases: in a process that may hang or die, resumable, with its counts in a ledger.

A case is known by a seed and a number. Cases are checked in a process of its own: one that hangs or dies is a
failure of the case it was at, and the next process goes on behind it.
"""

from __future__ import annotations

import argparse
import json
import os
import queue
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Generator, Iterable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import asdict, dataclass, field
from itertools import islice
from pathlib import Path
from typing import IO, Any

from formulations.runtime.progress import tell
from instances.storage.append_only import AppendError
from instances.storage.layouts import JsonLines
from instances.storage.store import Store
from solvers.processes.child_pipe import ChildPipe

Ledger = Store[str, Mapping[str, Any]]

MOST_FAILURES = 20
"""Failures of a chunk that are kept in full."""


READY = "ready"
"""What a process says before its first case."""

START_SECONDS = 300.0
"""Longest start of a process, which may have much to import."""


@dataclass
class Verdict:
    """What came of one case.

    Attributes
    ----------
    label : str
        What kind of case it is.
    outcomes : list of str
        What happened, as it is counted.
    failures : list of str
        What must not be, one sentence each; empty where all is well.
    """

    label: str
    outcomes: list[str] = field(default_factory=list)
    failures: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Campaign:
    """What is checked, case by case.

    Attributes
    ----------
    script : str
        The program, which can be run with Python.
    check : callable
        Verdict of a seed, a number and a share: one in so many cases is looked into closely.
    cases : int
        Cases of a long run.
    chunk : int
        Cases that are counted together.
    share : int
        The share of a long run.
    hard_limit : float
        Seconds after which a case counts as hanging; the first one of a process loads kernels.
    """

    script: str
    check: Callable[[int, int, int], Verdict]
    cases: int
    chunk: int
    share: int
    hard_limit: float = 60.0

    @property
    def ledger(self) -> str:
        """Name of the file of its counts."""
        return f"{Path(self.script).stem}.jsonl"


def main(campaign: Campaign, description: str | None, arguments: Sequence[str] | None = None) -> int:
    """Run a campaign's command; returns its exit status."""
    parser = argparse.ArgumentParser(description=description, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=Path, help="folder of the counts")
    parser.add_argument("--cases", type=int, default=campaign.cases)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--share", type=int, default=campaign.share, help="one in so many is looked into closely")
    parser.add_argument("--minutes", type=float, default=float("inf"), help="stop after the chunk then under way")
    parser.add_argument("--case", type=int, help="one case alone")
    parser.add_argument("--worker", type=int, nargs=2, help=argparse.SUPPRESS)
    parser.add_argument("--records", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args(arguments)
    if options.share < 1 or options.seed < 0:
        parser.error("expected --share of 1 or more and --seed of 0 or more")
    if options.worker is not None:
        with options.records.open("w") as records:
            print(READY, file=records, flush=True)
            for number in range(*options.worker):
                record = asdict(campaign.check(options.seed, number, options.share))
                print(json.dumps(record), file=records, flush=True)
        return 0
    if options.case is not None:
        verdict = campaign.check(options.seed, options.case, 1)
        print(json.dumps(asdict(verdict), indent=2))
        return 1 if verdict.failures else 0
    if options.out is None:
        parser.error("--out: expected a folder")
    until = time.monotonic() + 60.0 * options.minutes
    with ExitStack() as opened:
        try:
            ledger = opened.enter_context(Ledger(options.out / campaign.ledger, JsonLines()))
        except (AppendError, OSError) as fault:
            parser.error(f"--out: {fault}")
        try:
            run(campaign, ledger, options.seed, options.cases, options.share, until)
        except KeyboardInterrupt:
            print("interrupted: run the command again to go on", file=sys.stderr)
            return 130
        total = summary(ledger, options.seed, options.share)
    print(json.dumps(total, indent=2))
    return 1 if total["failures"] else 0


def run(campaign: Campaign, ledger: Ledger, seed: int, cases: int, share: int, until: float) -> None:
    """Check every chunk that the ledger does not have; those that it has come first."""
    sizes = {first: min(campaign.chunk, cases - first) for first in range(0, cases, campaign.chunk)}
    todo = {first: size for first, size in sizes.items() if _key(seed, first, size, share) not in ledger.known}
    if not todo:
        return
    found = verdicts(campaign, seed, range(min(todo), cases), share)
    for first, size in todo.items():
        if time.monotonic() > until:
            found.close()
            return
        started = time.monotonic()
        record = counted(islice(found, size))
        ledger.add(_key(seed, first, size, share), record | {"seconds": round(time.monotonic() - started, 1)})
        done = f"{first + record['cases']:,} of {cases:,}, {record['failed']} of the last {size:,} failed"
        tell(done)


def _key(seed: int, first: int, size: int, share: int) -> str:
    return f"{seed}/{share}/{first}/{size}"


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
        "cases": labels.total(),
        "labels": dict(sorted(labels.items())),
        "outcomes": dict(sorted(outcomes.items())),
        "failed": len({number for number, _, _ in failures}),
        "failures": failures[:MOST_FAILURES],
    }


def summary(ledger: Ledger, seed: int, share: int) -> dict[str, Any]:
    """Everything that the ledger knows of a seed and a share, added up."""
    chunks = [record for key, record in ledger.known.items() if key.startswith(f"{seed}/{share}/")]
    counts: dict[str, Counter[str]] = {"labels": Counter(), "outcomes": Counter()}
    for chunk in chunks:
        for name, counter in counts.items():
            counter.update(chunk[name])
    return {
        "cases": sum(chunk["cases"] for chunk in chunks),
        "seconds": round(sum(chunk["seconds"] for chunk in chunks)),
        **{name: dict(sorted(counter.items())) for name, counter in counts.items()},
        "failed": sum(chunk["failed"] for chunk in chunks),
        "failures": [failure for chunk in chunks for failure in chunk["failures"]],
    }


def verdicts(campaign: Campaign, seed: int, numbers: range, share: int) -> Generator[tuple[int, Verdict]]:
    """Verdicts of a range of cases, from as many processes, one after another, as it takes."""
    number = numbers.start
    words = [sys.executable, campaign.script, "--seed", str(seed), "--share", str(share)]
    while number < numbers.stop:
        with ChildPipe() as records:
            worker = subprocess.Popen(
                [*words, "--worker", str(number), str(numbers.stop), "--records", records.path],
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                env=os.environ | {"OMP_NUM_THREADS": "1"},
                pass_fds=(records.child_end,),
            )
            lines, reading = _lines(records.reader())
            try:
                if lines.get(timeout=START_SECONDS) != f"{READY}\n".encode():
                    raise ChildProcessError(f"{campaign.script} does not start, status {worker.wait()}")
                while number < numbers.stop:
                    line = lines.get(timeout=campaign.hard_limit)
                    if line is None:
                        yield number, Verdict("lost", failures=[f"the process died with status {worker.wait()}"])
                    else:
                        yield number, Verdict(**json.loads(line))
                    number += 1
                    if line is None:
                        break
            except queue.Empty:
                yield number, Verdict("lost", failures=[f"hang: nothing came of it in {campaign.hard_limit:g} s"])
                number += 1
            finally:
                worker.kill()
                worker.wait()
                reading.join()


def _lines(records: IO[bytes]) -> tuple[queue.Queue[bytes | None], threading.Thread]:
    """What a process says, line by line, and None at its end; and the thread that reads it."""
    lines: queue.Queue[bytes | None] = queue.Queue()

    def read() -> None:
        for line in records:
            lines.put(line)
        lines.put(None)

    reading = threading.Thread(target=read, daemon=True)
    reading.start()
    return lines, reading
