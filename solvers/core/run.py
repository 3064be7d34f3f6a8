"""Run one method on one instance where it belongs, and validate it. Expected outcomes are results."""

from __future__ import annotations

import time
import traceback
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from formulations.errors import one_line
from formulations.runtime.interrupts import hand_over, known_by
from formulations.runtime.moved import former_names
from formulations.runtime.version import versions
from solvers.core import registry
from solvers.core.limits import GRACE_SECONDS, Limits
from solvers.core.registry import Method
from solvers.core.result import Outcome, Result, Status, Unsupported
from solvers.core.validation import validate
from solvers.processes import isolation

__getattr__ = former_names(__name__)

_LONGEST_REASON = 200


@dataclass(frozen=True)
class Failure:
    """A method that returned nothing to validate, and why."""

    status: Status
    reason: str
    log: str = ""


@dataclass(frozen=True)
class Case:
    """One problem of one instance, as every method of a comparison gets it."""

    instance: str
    instance_hash: str
    problem: str
    data: Any


def run(method: Method, case: Case, limits: Limits, seed: int) -> Result:
    """Run a method on a case, in a child process where the method asks for one, and validate the outcome.

    Raises
    ------
    KeyboardInterrupt
        After Ctrl-C, with the result of what the method hands over, see :mod:`formulations.runtime.interrupts`.
    """
    began = time.perf_counter()
    task = (method.function, case.data, limits, seed)
    validated = partial(validate, method, case.instance, case.instance_hash, case.data, limits=limits, seed=seed)
    try:
        returned = (
            isolated("solvers.core.run:attempt", task, limits, (method.function,))
            if method.isolated
            else attempt(*task)
        )
    except KeyboardInterrupt as stopped:
        known = known_by(stopped)
        if isinstance(known, Outcome):
            hand_over(stopped, validated(known))
        raise
    seconds = time.perf_counter() - began
    if isinstance(returned, Outcome):
        return validated(returned)
    return failed(method, case, returned, limits, seed, seconds)


def failed(method: Method, case: Case, failure: Failure, limits: Limits, seed: int, seconds: float) -> Result:
    """Result of a method that returned nothing to validate."""
    return Result(
        instance=case.instance,
        instance_hash=case.instance_hash,
        problem=case.problem,
        solver=method.name,
        formulation=method.formulation,
        status=failure.status,
        seed=seed,
        limits=limits,
        reason=failure.reason,
        seconds=seconds,
        log=failure.log,
        versions=versions(),
    )


def isolated(function: str, arguments: tuple[Any, ...], limits: Limits, load_first: Sequence[str] = ()) -> Any:
    """Call ``package.module:function`` in a child process that is killed when it overruns its limit.

    What it needs, ``load_first`` included, is imported before the clock starts.

    Returns
    -------
    object
        What the function returned, or a :class:`Failure`.
    """
    allowed = limits.time_limit + GRACE_SECONDS
    try:
        return isolation.call(function, arguments, allowed, load_first)
    except isolation.Overrun:
        reason = f"killed {GRACE_SECONDS:g} s after its time limit of {limits.time_limit:g} s, which it ignored"
        return Failure(Status.UNKNOWN, reason)
    except isolation.WorkerDied as fault:
        return Failure(Status.ERROR, _reason(str(fault)), log=str(fault))
    except Unsupported as refusal:
        return Failure(Status.UNSUPPORTED, _reason(str(refusal)))
    except Exception as fault:
        return _failed(fault)


def attempt(function: str, data: Any, limits: Limits, seed: int) -> Outcome | Failure:
    """Call a method's ``solve``; what it raises becomes a :class:`Failure` with a reason of one line."""
    try:
        outcome = registry.load(function)(data, limits, seed)
    except Unsupported as refusal:
        return Failure(Status.UNSUPPORTED, _reason(str(refusal)))
    except KeyboardInterrupt:
        raise
    except BaseException as fault:  # sys.exit of a plug-in included: it ends the method, not the command
        return _failed(fault)
    if not isinstance(outcome, Outcome):
        return Failure(Status.ERROR, f"{function} returned {type(outcome).__name__}, expected Outcome")
    return outcome


def _failed(fault: BaseException) -> Failure:
    if isinstance(fault, MemoryError):  # a size that this machine has no room for is no fault of the method's
        return Failure(Status.UNSUPPORTED, _reason(f"it needs more memory than there is: {fault}".rstrip(": ")))
    traceback_text = "".join(traceback.format_exception(fault))
    return Failure(Status.ERROR, _reason(f"{type(fault).__name__}: {fault}"), log=traceback_text)


def _reason(text: str) -> str:
    """A message as one printable line of readable length."""
    line = one_line(" ".join(text.split()))
    return line if len(line) <= _LONGEST_REASON else f"{line[: _LONGEST_REASON - 3]}..."
