"""Results made up for a test, and methods that do what a test needs."""

from __future__ import annotations

import ctypes
import os
import signal
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from builders import step_allocation

from formulations.evaluation import Evaluation
from formulations.step_allocation.parameters import StepAllocation
from instances import Instance
from reports.tables.table import Column, Row, Table
from solvers.core import registry
from solvers.core.limits import Limits
from solvers.core.registry import AuxiliaryTable, Method
from solvers.core.result import Outcome, Result, Status, Unsupported

SEARCH_PATH = [str(Path(__file__).parents[2]), str(Path(__file__).parent)]
"""Where a script finds the packages and this module; packages first, because folders here bear their names."""


def instance(name: str = "small", users: int = 4, **overrides: object) -> Instance:
    """An instance made in memory."""
    return Instance(schema_version=1, name=name, step_allocation=step_allocation(users, **overrides))


def result(solver: str = "exact", status: Status = Status.FEASIBLE, **fields: Any) -> Result:
    """A result as validation would make it, whatever its numbers."""
    fixed: dict[str, Any] = {
        "instance": "small",
        "instance_hash": "0" * 64,
        "problem": "step_allocation",
        "formulation": "P1",
        "seed": 0,
        "limits": Limits(),
    }
    if "metrics" in fields:
        fields["evaluation"] = Evaluation(fields.get("objective") or 0.0, fields.pop("metrics"))
    return Result(solver=solver, status=status, **(fixed | fields))


def method(name: str, function: str, **fields: Any) -> Method:
    """A method of step allocation that is one of the functions below."""
    return Method(name, "step_allocation", "P1", f"fakes:{function}", f"does {function}", **fields)


def register(
    *methods: Method,
    auxiliary_tables: tuple[AuxiliaryTable, ...] = (),
    put: Callable[[Any, str, Any], None] = setattr,
) -> None:
    """Make these the only methods and tables beside the comparison; ``put`` may be monkeypatch's."""
    problem = replace(registry.problem("step_allocation"), auxiliary_tables=auxiliary_tables)
    put(registry, "problems", lambda: (problem,))
    put(registry, "methods", lambda: methods)


def all_local(data: StepAllocation) -> dict[str, Any]:
    return {"a": np.zeros(data.users), "s": data.local_step_limit / 2.0}


def heuristic(data: StepAllocation, limits: Limits, seed: int) -> Outcome:
    return Outcome(all_local(data), raw_objective=-1.25, solve_seconds=0.25, log="a log\n")


def randomised(data: StepAllocation, limits: Limits, seed: int) -> Outcome:
    share = np.random.default_rng(seed).uniform(size=data.users)
    return Outcome({"a": np.zeros(data.users), "s": share * data.local_step_limit})


def too_high_a_bound(data: StepAllocation, limits: Limits, seed: int) -> Outcome:
    return Outcome(None, bound=1e6, reason="time limit")


def low_bound(data: StepAllocation, limits: Limits, seed: int) -> Outcome:
    return Outcome(all_local(data), bound=-1e3, reason="time limit")


def nothing(data: StepAllocation, limits: Limits, seed: int) -> Outcome:
    return Outcome(None, reason="time limit")


def claims_infeasible(data: StepAllocation, limits: Limits, seed: int) -> Outcome:
    return Outcome(None, infeasible=True)


def over_the_limit(data: StepAllocation, limits: Limits, seed: int) -> Outcome:
    return Outcome({"a": np.zeros(data.users), "s": data.local_step_limit + 1.0})


def wrong_shape(data: StepAllocation, limits: Limits, seed: int) -> Outcome:
    return Outcome({"a": np.zeros(data.users + 1), "s": data.local_step_limit})


def refuses(data: StepAllocation, limits: Limits, seed: int) -> Outcome:
    raise Unsupported("only for one user")


def fails(data: StepAllocation, limits: Limits, seed: int) -> Outcome:
    raise RuntimeError("broken\nfor a reason")


def needs_much_memory(data: StepAllocation, limits: Limits, seed: int) -> Outcome:
    raise MemoryError("Unable to allocate 8 TiB")


def returns_nonsense(data: StepAllocation, limits: Limits, seed: int) -> Any:
    return 42


def interrupts(data: StepAllocation, limits: Limits, seed: int) -> Outcome:
    raise KeyboardInterrupt


class _SwallowsCtrlC:
    """Its end is a place where Python prints an exception and goes on."""

    def __del__(self) -> None:
        signal.raise_signal(signal.SIGINT)


def swallows_ctrl_c(data: StepAllocation, limits: Limits, seed: int) -> Outcome:
    _SwallowsCtrlC()
    raise RuntimeError("the library was in the middle of something")


NOISE = "a banner"


def make_noise() -> None:
    """Print in Python, through the C library, which keeps it in a buffer, and to the descriptor itself."""
    print(NOISE)
    ctypes.CDLL(None).printf(f"{NOISE}\n".encode())
    os.write(1, f"{NOISE}\n".encode())


def noisy(data: StepAllocation, limits: Limits, seed: int) -> Outcome:
    make_noise()
    return heuristic(data, limits, seed)


def dies(data: StepAllocation, limits: Limits, seed: int) -> Outcome:
    os._exit(7)


def hangs(data: StepAllocation, limits: Limits, seed: int) -> Outcome:
    """Say that it runs, in the file that the environment names, and never come back."""
    if "FAKE_HANGS" in os.environ:
        Path(os.environ["FAKE_HANGS"]).write_text(str(os.getpid()))
    time.sleep(600.0)
    return Outcome(None)


def noted(data: StepAllocation, limits: Limits, seed: int) -> Outcome:
    """Take a moment, and leave a line in the file that the environment names."""
    with open(os.environ["FAKE_RUNS"], "a") as file:
        file.write(f"{os.getpid()} {seed}\n")
    time.sleep(0.05)
    return randomised(data, limits, seed)


def users(data: StepAllocation, limits: Limits) -> int:
    """What a table beside the comparison may be about."""
    return data.users


def users_table(count: int, alerts: tuple[str, ...] = ()) -> Table:
    columns = (Column("users", "users"),)
    return Table("", columns, (Row((str(count),)),), alerts=alerts, records=[{"users": count}])


def alarming_table(count: int) -> Table:
    return users_table(count, alerts=("CHECK FAILED: too many",))
