"""Explains infeasibility: a small set of constraints that cannot hold together, by family and user.

The scenario is divided into pieces. A further constraint that separates by user gives one piece for each of its
users; one that couples users is one piece, and so is every native bound. QuickXplain [1]_ finds a set of pieces
that is infeasible and would be feasible without any one of them. An exact method proves each infeasibility.

References
----------
.. [1] U. Junker, "QuickXplain: Preferred explanations and relaxations for over-constrained problems", AAAI 2004.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from importlib import import_module
from time import perf_counter
from typing import Any, NamedTuple

import numpy as np

from formulations.constraints.base import NativeBound
from formulations.constraints.view import ConstraintView
from solvers.core import registry, run
from solvers.core.limits import Limits
from solvers.core.result import Outcome, Status
from solvers.core.validation import validate

ANY_GAP = 0.99
"""Gap at which an exact method may stop: only feasibility matters."""

MOST_NAMED = 8
"""Users that a sentence names; of more, it gives the number."""


class Piece(NamedTuple):
    """A part of the scenario that can be left out.

    Attributes
    ----------
    source : object
        The further constraint, or the :class:`~formulations.constraints.base.NativeBound`.
    source_index : int
        Position of the constraint in the scenario, or of the limit behind all constraints.
    user : int or None
        The user that it is about; None for a whole that cannot be taken apart.
    """

    source: Any
    source_index: int
    user: int | None


@dataclass(frozen=True)
class Conflict:
    """Pieces that cannot hold together.

    Attributes
    ----------
    pieces : tuple of Piece
        By constraint and user.
    minimal : bool
        Whether it was proven that without any one of them the others can hold.
    sentence : str
        The conflict in words.
    """

    pieces: tuple[Piece, ...]
    minimal: bool
    sentence: str


def explain(problem: str, data: Any, limits: Limits) -> Conflict | None:
    """Return a small set of constraints and limits in conflict by proof of an exact method; None without proof.

    Parameters
    ----------
    problem : str
        Name of the problem.
    data : Section
        Its data, with further constraints.
    limits : Limits
        The time is that of the whole search, after which the set found so far is returned.

    Examples
    --------
    >>> from instances import load
    >>> data = load("n10").with_constraint("error_ceiling", most_error=1e-9).section("step_allocation")
    >>> conflict = explain("step_allocation", data, Limits())
    >>> "error ceiling" in conflict.sentence
    True
    """
    scenario = Scenario(problem, data, limits)
    pieces = scenario.pieces()
    if not scenario.infeasible(pieces):
        return None
    found = sorted(
        smallest_conflict(pieces, scenario.infeasible, scenario.is_over),
        key=lambda piece: (piece.source_index, piece.user or 0),
    )
    return Conflict(tuple(found), scenario.decided, sentence(found, data, scenario.decided))


def smallest_conflict(
    pieces: Sequence[Piece],
    infeasible: Callable[[Sequence[Piece]], bool],
    is_over: Callable[[], bool] = lambda: False,
) -> list[Piece]:
    """Return an infeasible set of pieces that is feasible without any one of its members, by QuickXplain.

    Once ``is_over`` returns True, the pieces that are still undecided are returned too.
    """

    def needed(background: list[Piece], added: bool, rest: list[Piece]) -> list[Piece]:
        """Members of ``rest`` that are needed for a conflict with all of ``background``."""
        if added and infeasible(background):
            return []
        if len(rest) == 1 or is_over():
            return rest
        half = len(rest) // 2
        later = needed(background + rest[:half], True, rest[half:])
        return needed(background + later, bool(later), rest[:half]) + later

    return needed([], False, list(pieces)) if pieces else []


class Scenario:
    """A scenario taken apart, and the question whether some of its pieces are infeasible.

    ``decided`` turns false when a question could not be answered in time; the set found is then not minimal.
    """

    def __init__(self, problem: str, data: Any, limits: Limits) -> None:
        self.data, self.limits = data, limits
        found = registry.problem(problem)
        self.own: tuple[NativeBound, ...] = registry.load(found.native_bounds)(data) if found.native_bounds else ()
        exact = [method for method in registry.methods_for(problem) if method.exact]
        self.methods = sorted(exact, key=lambda method: method.isolated)  # our own ones answer at once
        self.decided = True
        for method in self.methods:
            if not method.isolated:
                getattr(import_module(method.function.partition(":")[0]), "load_kernels", int)()
        self.ends = perf_counter() + limits.time_limit

    def is_over(self) -> bool:
        """Whether the time is; what was not asked by then stays undecided."""
        over = perf_counter() >= self.ends
        self.decided &= not over
        return over

    def pieces(self) -> list[Piece]:
        """Every piece: those of one user side by side, so that a conflict of one user is found first."""
        users = range(self.data.users)
        found = []
        for index, constraint in enumerate(self.data.constraints):
            if constraint.rows(self.data):
                found.append(Piece(constraint, index, None))
            else:
                found += [
                    Piece(constraint, index, n) for n in np.flatnonzero(constraint.named(len(users))).tolist()
                ]
        for index, limit in enumerate(self.own, start=len(self.data.constraints)):
            found += [Piece(limit, index, n) for n in (users if np.ndim(limit.relaxed) else (None,))]
        return sorted(found, key=lambda piece: (piece.user is None, piece.user or 0, piece.source_index))

    def only(self, pieces: Sequence[Piece]) -> Any:
        """Return the scenario with these pieces alone."""
        users_of: dict[int, list[int | None]] = {}
        for piece in pieces:
            users_of.setdefault(piece.source_index, []).append(piece.user)
        constraints = [
            constraint
            if None in users_of[index]
            else ConstraintView(constraint, users=tuple(n for n in users_of[index] if n is not None))
            for index, constraint in enumerate(self.data.constraints)
            if index in users_of
        ]
        changes: dict[str, Any] = {"constraints": tuple(constraints)}
        for index, limit in enumerate(self.own, start=len(self.data.constraints)):
            value = limit.relaxed
            if np.ndim(value):
                value = value.copy()
                value[users_of.get(index, [])] = getattr(self.data, limit.field)[users_of.get(index, [])]
            elif index in users_of:
                value = getattr(self.data, limit.field)
            changes[limit.field] = value
        return self.data.replaced(changes)

    def infeasible(self, pieces: Sequence[Piece]) -> bool:
        """Whether some exact method proves that these pieces cannot hold together."""
        if self.is_over():
            return False
        data = self.only(pieces)
        for method in self.methods:
            limits = replace(self.limits, time_limit=self.ends - perf_counter(), gap=ANY_GAP)
            if limits.time_limit <= 0.0:
                break
            found = run.attempt(method.function, data, limits, 0)
            if isinstance(found, Outcome):
                status = validate(method, "", "", data, found, limits, 0).status
                if status in (Status.INFEASIBLE, Status.OPTIMAL, Status.FEASIBLE):
                    return status is Status.INFEASIBLE
        self.decided = False
        return False


def sentence(pieces: Sequence[Piece], data: Any, minimal: bool) -> str:
    """The conflict in words: "latency deadline of user 7 (0.05 s) and edge budget (50 steps) cannot both hold"."""
    by_source: dict[int, list[Piece]] = {}
    for piece in pieces:
        by_source.setdefault(piece.source_index, []).append(piece)
    named = [_words(group, data) for group in by_source.values()]
    count = len(named)
    joined = named[0] if count == 1 else f"{', '.join(named[:-1])} and {named[-1]}"
    how = "cannot hold" if count == 1 else "cannot both hold" if count == 2 else "cannot all hold"
    return f"{joined} {how}" + ("" if minimal else " (not every one of them may be needed)")


def _words(group: Sequence[Piece], data: Any) -> str:
    """Pieces of one source in words."""
    source, users = group[0].source, [piece.user for piece in group if piece.user is not None]
    if len(users) == 1:
        return _describe(source, users[0], data)
    if not users:
        return _describe(source, None, data)
    listed = ", ".join(map(str, users[:-1])) + f" and {users[-1]}"
    whose = f"users {listed}" if len(users) <= MOST_NAMED else f"{len(users)} users ({users[0]}, {users[1]}, ...)"
    return f"{source.title} of {whose}"


def _describe(source: Any, user: int | None, data: Any) -> str:
    if not isinstance(source, NativeBound):
        words: str = source.describe(user)
        return words
    value = np.broadcast_to(getattr(data, source.field), (data.users,))[user or 0]
    return f"{source.title}{'' if user is None else f' of user {user}'} ({value:.6g} {source.unit})"
