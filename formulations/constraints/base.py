"""What every further constraint is: validated parameters, a family name, and a violation for the evaluator."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Annotated, Any, ClassVar, NamedTuple

import numpy as np
from pydantic import Field
from pydantic_core import PydanticCustomError

from formulations.checked import Checked
from formulations.fields import MAX_USERS, PLAIN, FloatArray

SUM_ROUNDING = 2.0**-50
"""Share of a number by which rounding changes it in a few operations."""

ROUNDING = 1e-9
"""Share of a limit by which rounding alone may miss it."""


class Interval(NamedTuple):
    """Allowed values of one variable per user, shape (N,) each; empty where ``lower`` exceeds ``upper``."""

    lower: FloatArray
    upper: FloatArray

    def __and__(self, other: Interval) -> Interval:
        """Values that both allow."""
        return Interval(np.maximum(self.lower, other.lower), np.minimum(self.upper, other.upper))

    @property
    def empty(self) -> np.ndarray:
        """Users that have no allowed value, shape (N,)."""
        return np.asarray(self.lower > self.upper)


def usable(family: str, interval: Interval, users: int) -> Interval:
    """What a constraint left, as arrays of shape (N,).

    Raises
    ------
    ValueError
        If an end is not a number, or the ends are neither one number nor one for each user.
    """
    ends = [np.asarray(end, dtype=np.float64) for end in interval]
    if any(end.shape not in ((), (users,)) for end in ends):
        shapes = " and ".join(str(end.shape) for end in ends)
        raise ValueError(
            f"constraint '{family}' left an interval with ends of shapes {shapes}, expected ({users},)"
        )
    if any(np.isnan(end).any() for end in ends):
        raise ValueError(f"constraint '{family}' left an interval whose end is not a number")
    return Interval(*(np.broadcast_to(end, users) for end in ends))


def tolerance_of(limits: FloatArray, share: float, reached: float = 0.0) -> float:
    """Violation that counts as none: a share of the least limit above 0, or what rounding makes of the largest.

    Parameters
    ----------
    limits : FloatArray
        The limits of all users.
    share : float
        What counts as none of a limit.
    reached : float
        The most that any user may reach: a limit beyond it is never met, and its rounding does not matter.
    """
    above = limits[limits > 0.0]
    if not above.size:
        return share
    return max(share * float(above.min()), SUM_ROUNDING * min(float(above.max()), reached))


def everything(users: int) -> Interval:
    """Interval of a constraint that says nothing."""
    return Interval(np.full(users, -np.inf), np.full(users, np.inf))


class Constraint(Checked):
    """A further constraint on one problem of an instance; subclasses say on which, and what it demands.

    A per-user parameter is one number for all users named by ``users`` (all by default), or a list with one number
    for each of them.
    """

    type: str
    """Which constraint it is."""
    on: str
    """Problem that it is on."""
    users: Annotated[
        tuple[Annotated[int, Field(strict=True, ge=0, le=MAX_USERS - 1), PLAIN], ...] | None, Field(), PLAIN
    ] = None
    """Users that it is about, by index from 0; all by default."""

    title: ClassVar[str]
    """What it is called in a sentence."""
    unit: ClassVar[str]
    """Unit of its violation."""
    limit: ClassVar[str]
    """Parameter that holds the limit."""

    def check(self, data: Any) -> None:
        """Refuse parameters that do not fit the data they are to limit.

        Raises
        ------
        PydanticCustomError
            With the field and the index in its context.
        """
        named = range(data.users) if self.users is None else self.users
        if self.users is not None:
            _check_users(self.users, data.users)
        for name, value in self.per_user_parameters().items():
            if value.ndim == 1 and value.size != len(named):
                _refuse(name, None, f"{len(named)} numbers, one per user that it is about", str(value.size))

    def per_user_parameters(self) -> Mapping[str, FloatArray]:
        """Parameters that hold one number per user, as they were given."""
        values = {name: getattr(self, name) for name in type(self).model_fields}
        return {name: value for name, value in values.items() if isinstance(value, np.ndarray)}

    def spread(self, parameter: FloatArray, users: int, elsewhere: float) -> FloatArray:
        """Parameter of every user, shape (N,): ``elsewhere`` for users that the constraint is not about."""
        values = np.full(users, elsewhere)
        values[slice(None) if self.users is None else list(self.users)] = parameter
        return values

    def named(self, users: int) -> np.ndarray:
        """Whether the constraint is about a user, shape (N,)."""
        return self.spread(np.array(1.0), users, 0.0) > 0.0

    def describe(self, user: int | None = None) -> str:
        """The constraint in words with its limit and unit, for one user where one is meant."""
        values = np.atleast_1d(getattr(self, self.limit))
        place = 0
        if user is not None and values.size > 1:
            place = user if self.users is None else self.users.index(user)
        unit = "" if self.unit == "-" else f" {self.unit}"
        whose = "" if user is None else f" of user {user}"
        spread = user is None and values.size > 1
        size = f"{values.min():.6g} to {values.max():.6g}" if spread else f"{values[place]:.6g}"
        return f"{self.title}{whose} ({size}{unit})"


class NativeBound(NamedTuple):
    """A limit that the problem has by itself.

    Attributes
    ----------
    title : str
        What it is called in a sentence.
    unit : str
        Its unit.
    field : str
        Field of the section that holds it.
    relaxed : FloatArray or float or int
        A value of the field that limits nothing; with one number per user, users can be freed one by one.
    """

    title: str
    unit: str
    field: str
    relaxed: Any


def _check_users(listed: Iterable[int], users: int) -> None:
    seen: set[int] = set()
    for index, user in enumerate(listed):
        if user >= users:
            _refuse("users", index, f"a user from 0 to {users - 1}", str(user))
        if user in seen:
            _refuse("users", index, "every user once", f"{user} twice")
        seen.add(user)
    if not seen:
        _refuse("users", None, "at least one user", "none")


def _refuse(field: str, index: int | None, expected: str, got: str) -> None:
    context: dict[str, Any] = {"fields": [field], "expected": expected, "got": got}
    if index is not None:
        context["index"] = index
    raise PydanticCustomError("constraint", "expected {expected}, got {got}", context)
