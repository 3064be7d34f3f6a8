"""What must hold of any file: a refusal in a sentence, or an instance of which all methods say what is true."""

from __future__ import annotations

import traceback
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from fuzzing.campaign import Verdict
from fuzzing.feasible import best_point
from fuzzing.files import FuzzedFile

from formulations.evaluation import Evaluation
from instances import Instance, InstanceError, load
from instances.files.documents import archive, from_archive
from solvers.comparison.cross_check import cross_check
from solvers.core import registry
from solvers.core.limits import Limits
from solvers.core.result import Result, Sense, Status
from solvers.core.run import Case, run
from solvers.core.tolerance import BOUND_TOLERANCE, largest_excess
from solvers.core.validation import closed_gap, magnitude, on_wrong_side, rounding
from solvers.step_allocation.certificates import check as certificate

LIMITS = Limits(time_limit=2.0)

LARGEST = 6
"""Users or items of a problem that is solved; a larger one is only loaded."""

SELDOM = {
    "per-dqn": 50,
    "dqn-tuned": 50,
    "dqn-tuned-best-of-16": 90,
    "genetic": 60,
    "sca-improved": 9,
    "sca-published": 9,
    "tabu": 30,
}
"""Methods that take long: one in so many solved instances is given to them."""


def checked(file: FuzzedFile, number: int, folder: Path, solve_every: int = 1) -> Verdict:
    """Load a file and, if its number is the turn of it, solve what it poses; whatever is raised is a failure."""
    verdict = Verdict(file.label)
    path = folder / file.name
    path.write_bytes(file.data)
    try:
        instance = loaded(path, verdict)
        if instance is not None and number % solve_every == 0:
            again = from_archive("again", archive(instance))
            if again.sha256 != instance.sha256:
                verdict.failures.append("saved and loaded again, the instance is another one")
            for problem in instance.problems:
                solved(instance, problem, number // solve_every, verdict)
    except Exception as fault:
        frames = traceback.extract_tb(fault.__traceback__)
        where = f"{Path(frames[-1].filename).name}:{frames[-1].lineno}"
        verdict.failures.append(f"traceback: {type(fault).__name__} at {where}: {fault!s:.200}")
    return verdict


def loaded(path: Path, verdict: Verdict) -> Instance | None:
    """The instance of a file, None where it is refused as it must be."""
    try:
        with warnings.catch_warnings(action="error"):
            instance = load(path)
    except InstanceError as error:
        verdict.outcomes.append("refused")
        message = str(error)
        message.encode()
        if not (message.startswith(f"{path}: ") and message.isprintable() and len(message) < len(str(path)) + 300):
            verdict.failures.append(f"refused in no sentence: {message!r:.300}")
        return None
    verdict.outcomes.append("loaded")
    return instance


def solved(instance: Instance, problem: str, number: int, verdict: Verdict) -> None:
    """Run every method that runs in this process, and hold all claims against each other and against trying."""
    data = instance.section(problem)
    if (data.items if problem == "gqap" else data.users) > LARGEST or getattr(data, "places", 0) > LARGEST:
        verdict.outcomes.append(f"{problem} too large to solve")
        return
    case = Case(instance.name, instance.sha256, problem, data)
    methods = [m for m in registry.methods_for(problem) if not m.isolated and number % SELDOM.get(m.name, 1) == 0]
    results = [run(method, case, LIMITS, number) for method in methods]
    verdict.outcomes.extend(
        f"{problem} {method.name} {result.status}"
        for method, result in zip(methods, results, strict=True)
        if method.exact
    )
    verdict.failures.extend(wrong_claims(problem, data, results))


def wrong_claims(problem: str, data: Any, results: list[Result]) -> Iterator[str]:
    """What the results of all methods on one instance may not say."""
    yield from inconsistencies(results, best_point(problem, data), registry.problem(problem).sense)
    if problem == "step_allocation":
        yield from wrong_certificates(data, results)


def inconsistencies(results: list[Result], found: Evaluation | None, sense: Sense) -> Iterator[str]:
    """Errors, contradictions, and claims that a feasible point refutes."""
    for result in results:
        if result.status is Status.ERROR:
            yield f"{result.solver} ends in an error: {result.reason}"
    yield from cross_check(results, sense)[1].contradictions
    if found is None:
        return
    size = found.magnitude or max(1.0, abs(found.objective))
    for result in results:
        if result.status is Status.INFEASIBLE and not any(found.violations.values()):
            yield f"{result.solver} claims that nothing is feasible, but a point has {found.objective!r}"
        if result.status is Status.ERROR:
            continue
        if result.bound is not None and on_wrong_side(found.objective, result.bound, sense, size, found.rounding):
            yield f"the bound {result.bound!r} of {result.solver} excludes a point with {found.objective!r}"
        if result.status is Status.OPTIMAL and result.objective is not None:
            better = found.objective - result.objective
            lost = -better if sense is Sense.MINIMISE else better
            if lost > max(closed_gap(result), BOUND_TOLERANCE * min(size, magnitude(result)), found.rounding):
                yield f"{result.solver} calls {result.objective!r} optimal, but a point has {found.objective!r}"


def wrong_certificates(data: Any, results: list[Result]) -> Iterator[str]:
    """Certificates that do not prove what was claimed with them."""
    for result in results:
        if result.certificate is None or result.status not in (Status.OPTIMAL, Status.INFEASIBLE):
            continue
        proven = certificate.check(data, result.certificate, result.solution).bound
        if result.status is Status.INFEASIBLE and proven < float("inf"):
            yield f"{result.solver}'s certificate of infeasibility proves a bound of {proven!r} only"
        if result.bound is not None and result.bound - proven > largest_excess(
            magnitude(result), rounding(result)
        ):
            yield f"{result.solver} claims the bound {result.bound!r}, its certificate proves {proven!r}"
