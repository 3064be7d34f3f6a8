"""The command ``python -m reports.claims``: audits what both papers say, and writes the page about it."""

from __future__ import annotations

import argparse
import json
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from formulations.runtime.command_line import Command, Parser, add_out, names
from formulations.runtime.program import UsageError, suggestion
from formulations.runtime.progress import tell
from formulations.runtime.standard_output import results
from formulations.runtime.version import VERSION
from instances.storage.atomic import writing
from instances.storage.layouts import JsonLines
from instances.storage.store import Store
from reports.formats import folder
from reports.papers.audit import (
    best_split,
    genetic_algorithm,
    image_models,
    learned_policy,
    learned_scopes,
    page,
    split_offloading,
    step_allocation,
    step_trends,
    training_choices,
)
from reports.papers.audit.claim import WORDS, Claim, Size

CLAIMS: tuple[Claim, ...] = (
    *step_allocation.CLAIMS,
    *step_trends.CLAIMS,
    *split_offloading.CLAIMS,
    *image_models.CLAIMS,
    *best_split.CLAIMS,
    *learned_policy.CLAIMS,
    *learned_scopes.CLAIMS,
    *training_choices.CLAIMS,
    *genetic_algorithm.CLAIMS,
)
"""Every statement, in the order of the page."""

FULL_CASES = 100
QUICK_CASES = 12


def _arguments(parser: Parser) -> None:
    parser.add_argument("--only", type=names, metavar="A,B", help="names of statements; all by default")
    parser.add_argument("--full", action="store_true", help=f"{FULL_CASES} instances in place of {QUICK_CASES}")
    add_out(parser, "folder for claims.md and claims.csv", default="claims")


def _run(options: argparse.Namespace) -> None:
    known = {claim.name: claim for claim in CLAIMS}
    for name in options.only or ():
        if name not in known:
            hint = suggestion(name, known)
            raise UsageError(f"--only: expected names among {', '.join(known)}, got '{name}'{hint}")
    with writing(options.out):
        folder.prepare(options.out)
    cases = FULL_CASES if options.full else QUICK_CASES
    with Store(options.out / f"claims_{cases}.jsonl", JsonLines({"diffload": VERSION})) as done:
        records = [_audited(known[name], cases, done) for name in options.only or known]
    command = "python -m reports.claims" + (" --full" if options.full else "")
    folder.write_text(options.out / "claims.md", page.markdown(records, command))
    folder.write_text(options.out / "claims.csv", page.csv(records))
    print(page.summary_line(records), file=results())
    for record in records:
        print(f"{record['name']:<26}{record['verdict']}", file=results())


def _audited(claim: Claim, cases: int, done: Store[str, Mapping[str, Any]]) -> dict[str, Any]:
    """Return a statement's record, measured where it is not known from before."""
    if claim.name not in done.known:
        tell(f"{claim.name} ...")
        finding = asdict(claim.check(Size(cases)))
        finding["evidence"] = {name: float(value) for name, value in finding["evidence"].items()}
        finding["verdict"] = str(finding["verdict"])
        done.add(claim.name, json.loads(json.dumps(finding)))
    about = {name: getattr(claim, name) for name in ("name", "paper", "section", "statement")}
    words = WORDS[claim.name]._asdict() if claim.name in WORDS else {}
    return {**words, **about, **done.known[claim.name]}


main = Command(
    module="reports.claims",
    summary="Audit what both papers say, and write the page about it.",
    arguments=_arguments,
    run=_run,
    example=("--only a-np-hard --out audit", "--full"),
    statuses={0: "every statement asked for has its verdict"},
    interrupted="what was measured is kept, run the command again to go on",
)
"""Audits the papers' statements."""
