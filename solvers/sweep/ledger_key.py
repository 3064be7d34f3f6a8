"""Key of a result in the ledger: one digest of everything that decides it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from hashlib import sha256

from solvers.core.limits import Limits


@dataclass(frozen=True)
class Key:
    """Identity of a result.

    Attributes
    ----------
    instance_hash : str
        SHA-256 of the instance's content, which neither its name nor its file changes.
    problem, solver : str
        What was solved, by which method.
    seed : int
        Seed of the run.
    limits : Limits
        What the method could spend.
    versions : str
        Digest of the versions of all packages that solve, see :func:`versions_digest`.
    """

    instance_hash: str
    problem: str
    solver: str
    seed: int
    limits: Limits
    versions: str

    @cached_property
    def digest(self) -> str:
        """SHA-256 of the key: its six parts as a JSON list, floats in their shortest exact form."""
        limits = [repr(float(self.limits.time_limit)), repr(float(self.limits.gap)), self.limits.threads]
        return _digest([self.instance_hash, self.problem, self.solver, self.seed, limits, self.versions])


def versions_digest(versions: Mapping[str, str]) -> str:
    """SHA-256 of the versions by package, whatever their order."""
    return _digest(sorted(versions.items()))


def _digest(content: object) -> str:
    return sha256(json.dumps(content, separators=(",", ":")).encode()).hexdigest()
