"""Field types of instance sections: numbers with a range, and one number per user.

A per-user field accepts a number (all users) or a sequence with one number per user, and holds an
immutable ``float64`` array once the section is validated; so does a field with one number per edge server.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from reprlib import Repr
from typing import Annotated, Any, ClassVar, TypeAlias

import numpy as np
from numpy.typing import NDArray
from pydantic import (
    BaseModel,
    BeforeValidator,
    GetCoreSchemaHandler,
    GetJsonSchemaHandler,
    PlainValidator,
    ValidationInfo,
)
from pydantic_core import CoreSchema, PydanticCustomError, core_schema

FloatArray: TypeAlias = NDArray[np.float64]
BoolArray: TypeAlias = NDArray[np.bool_]

MAX_USERS = 10_000_000
"""Most users of an instance; a single number spread over more would exhaust the memory of a common machine."""

_MAX_SHOWN = 100
"""Most characters of a refused value that an error message shows."""

MAX_LABEL = 100
"""Most characters of a text that names something."""

_JSON_NAMES = {
    "None": "null",
    "True": "true",
    "False": "false",
    "nan": "NaN",
    "inf": "Infinity",
    "-inf": "-Infinity",
}


class Range:
    """Range that every number of a field has to lie in.

    Parameters
    ----------
    minimum : float
        Smallest allowed value; minus infinity for any finite number.
    exclusive : bool
        Whether ``minimum`` itself is refused.
    below : float, optional
        Smallest value that is too large.
    whole : bool
        Whether every value has to be a whole number.
    """

    def __init__(
        self, minimum: float, *, exclusive: bool = False, below: float | None = None, whole: bool = False
    ) -> None:
        self.minimum = minimum
        self.exclusive = exclusive
        self.below = below
        self.whole = whole

    @property
    def expectation(self) -> str:
        """The range in words, as an error message says it."""
        if self.whole and self.below is not None:
            return f"a whole number from {self.minimum:.0f} to {self.below - 1.0:.0f}"
        kind = "whole" if self.whole else "finite"
        if self.minimum == -np.inf:
            return f"a {kind} number" if self.below is None else f"a {kind} number < {self.below:g}"
        least = f"a {kind} number {'>' if self.exclusive else '>='} {self.minimum:g}"
        return least if self.below is None else f"{least} and < {self.below:g}"

    @property
    def json_schema(self) -> dict[str, Any]:
        """The range as JSON Schema keywords of one number."""
        least = {"exclusiveMinimum" if self.exclusive else "minimum": self.minimum}
        most = {} if self.below is None else {"exclusiveMaximum": self.below}
        return {"type": "integer" if self.whole else "number"} | ({} if self.minimum == -np.inf else least) | most

    def first_outside(self, values: FloatArray) -> int | None:
        """Index of the first value that is not finite or out of range, or None."""
        least, largest = values.min(initial=np.inf), values.max(initial=-np.inf)
        above = least > self.minimum or (least == self.minimum > -np.inf and not self.exclusive)
        if above and largest < np.inf and self.below is None and not self.whole:
            return None  # as nearly always, and sooner known
        inside = np.isfinite(values)
        inside &= values > self.minimum if self.exclusive else values >= self.minimum
        if self.below is not None:
            inside &= values < self.below
        if self.whole:
            inside &= np.floor(values) == values
        return None if bool(inside.all()) else int(np.argmin(inside))


NON_NEGATIVE = Range(0.0)
POSITIVE = Range(0.0, exclusive=True)


class _Number:
    """Pydantic annotation of a single number in a range; refuses booleans and strings."""

    def __init__(self, allowed: Range) -> None:
        self.allowed = allowed

    def validate(self, value: object) -> float:
        number = as_number(value)
        if number is None or self.allowed.first_outside(np.array([number])) is not None:
            raise PydanticCustomError(
                "number",
                "expected {expected}, got {got}",
                {"expected": self.allowed.expectation, "got": show(value)},
            )
        return number

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.no_info_plain_validator_function(self.validate)

    def __get_pydantic_json_schema__(self, schema: CoreSchema, handler: GetJsonSchemaHandler) -> dict[str, Any]:
        return self.allowed.json_schema


class _PerEach:
    """Pydantic annotation of one number for each of something, which a section counts in a field before it."""

    of: ClassVar[str]
    """What there is one number for."""

    def __init__(self, allowed: Range) -> None:
        self.allowed = allowed

    def validate(self, value: object, info: ValidationInfo) -> FloatArray:
        array = self._as_array(plain(value))
        outside = self.allowed.first_outside(array.reshape(-1))
        if outside is not None:
            self._refuse(array.reshape(-1)[outside].item(), outside if array.ndim else None)
        array, count = frozen(array), info.data.get(f"{self.of}s")
        return broadcast(array, count, self.of) if isinstance(count, int) else array

    def _as_array(self, value: object) -> FloatArray:
        if isinstance(value, np.ndarray) and value.dtype.kind in "fiu" and value.ndim <= 1:
            with np.errstate(over="ignore"):  # a long double beyond float64 is refused as the infinity it becomes
                return value.astype(np.float64)
        if isinstance(value, list | tuple):
            numbers = [as_number(item) for item in value]
            for index, number in enumerate(numbers):
                if number is None:
                    self._refuse(value[index], index)
            return np.array(numbers, dtype=np.float64)
        number = as_number(value)
        if number is None:
            raise PydanticCustomError(
                "per_user",
                "expected a number or a list with one number per {of}, got {got}",
                {"of": self.of, "got": show(value)},
            )
        return np.array(number)

    def _refuse(self, value: object, index: int | None) -> None:
        context: dict[str, Any] = {"expected": self.allowed.expectation, "got": show(value)}
        if index is not None:
            context["index"] = index
        raise PydanticCustomError("per_user", "expected {expected}, got {got}", context)

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        return PlainValidator(self.validate).__get_pydantic_core_schema__(source, handler)

    def __get_pydantic_json_schema__(self, schema: CoreSchema, handler: GetJsonSchemaHandler) -> dict[str, Any]:
        one = self.allowed.json_schema
        return {"anyOf": [one, {"type": "array", "items": one, "minItems": 1}]}


class _PerUser(_PerEach):
    """One number per user; a CSV file may have a column of them."""

    of = "user"


class _PerServer(_PerEach):
    """One number per edge server."""

    of = "server"


def plain(value: object) -> object:
    """A value as the fields read it: an array of numbers, a list, or what it is.

    NumPy's numbers become Python's; a column, a tensor or a range becomes an array of numbers or a list.
    """
    if isinstance(value, np.generic):
        return value if isinstance(value, np.longdouble) else value.item()
    if isinstance(value, str | bytes | list | tuple | Mapping):
        return value
    if isinstance(value, Sequence):
        return list(value)
    if not isinstance(value, np.ndarray) and hasattr(value, "__array__"):
        try:
            value = np.asarray(value)
        except Exception:  # of the other package: no array of this machine's memory
            return value
    if not isinstance(value, np.ndarray):
        return value
    is_list = value.dtype.kind == "O" or np.ma.isMaskedArray(value)
    return value.tolist() if is_list or not value.ndim else value


PLAIN = BeforeValidator(plain)
"""What stands outermost in the annotation of a field that takes Python's own types."""


def frozen(array: FloatArray) -> FloatArray:
    """A view of an array of our own that nobody can make writable again."""
    array.setflags(write=False)
    return array.view()


def as_number(value: object) -> float | None:
    """The value as a float, infinite where it is beyond every float; None where it is no number."""
    value = plain(value)
    if isinstance(value, bool | np.bool_) or not isinstance(value, int | float | np.integer | np.floating):
        return None
    try:
        return float(value)
    except OverflowError:
        return float("inf")


def show(value: object) -> str:
    """A refused value as an error message shows it: spelled as in JSON and cut to a readable length."""
    if isinstance(value, str):
        text = value if len(value) <= 38 else f"{value[:35]}..."
        return '"' + text.encode(errors="backslashreplace").decode() + '"'  # a lone surrogate has no UTF-8
    if isinstance(value, np.ndarray):
        return f"an array of shape {value.shape} of {value.dtype}"
    short = Repr()  # holds state while it descends, so threads must not share one
    short.maxother = 40
    if isinstance(value, np.floating):
        value = float(value)  # the item of a long double is a long double again
    text = " ".join(short.repr(value.item() if isinstance(value, np.generic) else value).split())
    text = text if len(text) <= _MAX_SHOWN else f"{text[: _MAX_SHOWN - 3]}..."
    return _JSON_NAMES.get(text, text)


def per_user_ranges(section: type[BaseModel]) -> dict[str, Range]:
    """Every per-user field of a section, with the range that its numbers have to lie in."""
    return _ranges(section, _PerUser)


def spread_fields(section: type[BaseModel]) -> tuple[str, ...]:
    """Every field of a section that one number may stand for: a file keeps it as one where all are the same."""
    return tuple(_ranges(section, _PerEach))


def whole_fields(section: type[BaseModel]) -> tuple[str, ...]:
    """Fields of :func:`spread_fields` that hold whole numbers."""
    return tuple(name for name, allowed in _ranges(section, _PerEach).items() if allowed.whole)


def _ranges(section: type[BaseModel], kind: type[_PerEach]) -> dict[str, Range]:
    return {
        name: annotation.allowed
        for name, field in section.model_fields.items()
        for annotation in field.metadata
        if isinstance(annotation, kind)
    }


def per_user_labels(section: type[BaseModel]) -> tuple[str, ...]:
    """Every field of a section that holds one text per user."""
    return tuple(
        name
        for name, field in section.model_fields.items()
        if any(isinstance(annotation, _LabelPerUser) for annotation in field.metadata)
    )


def broadcast(values: FloatArray, users: int, of: str = "user") -> FloatArray:
    """One number per user, or for each of something else, as a read-only array of shape (users,).

    Raises
    ------
    PydanticCustomError
        If ``values`` is a list of another length.
    """
    if values.ndim == 1 and values.size != users:
        raise PydanticCustomError(
            "length",
            "expected {users} numbers, one per {of}, got {got}",
            {"users": users, "of": of, "got": values.size},
        )
    return frozen(np.ascontiguousarray(np.broadcast_to(values, (users,)), dtype=np.float64))


class _LabelPerUser:
    """Pydantic annotation of one text per user, or none at all; a single text is everybody's."""

    def validate(self, value: object, info: ValidationInfo) -> tuple[str, ...]:
        labels = self._as_labels(value)
        users = info.data.get("users")
        return broadcast_labels(labels, users) if isinstance(users, int) else labels

    def _as_labels(self, value: object) -> tuple[str, ...]:
        value = plain(value)
        if isinstance(value, np.ndarray) and value.ndim == 1:
            value = value.tolist()
        if isinstance(value, str):
            return (self._checked(value, None),)
        if not isinstance(value, list | tuple):
            raise PydanticCustomError(
                "label_per_user",
                "expected a text or a list with one text per user, got {got}",
                {"got": show(value)},
            )
        return tuple(self._checked(item, index) for index, item in enumerate(value))

    def _checked(self, value: object, index: int | None) -> str:
        if isinstance(value, str) and len(value) <= MAX_LABEL and value.isprintable():
            return value
        context: dict[str, Any] = {"most": MAX_LABEL, "got": show(value)}
        if index is not None:
            context["index"] = index
        raise PydanticCustomError(
            "label_per_user", "expected up to {most} printable characters, got {got}", context
        )

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        return PlainValidator(self.validate).__get_pydantic_core_schema__(source, handler)

    def __get_pydantic_json_schema__(self, schema: CoreSchema, handler: GetJsonSchemaHandler) -> dict[str, Any]:
        one = {"type": "string", "maxLength": MAX_LABEL}
        return {"anyOf": [one, {"type": "array", "items": one}]}


def broadcast_labels(labels: tuple[str, ...], users: int) -> tuple[str, ...]:
    """One text per user, or none at all.

    Raises
    ------
    PydanticCustomError
        If there are several, but another number than ``users``.
    """
    if len(labels) not in (0, 1, users):
        raise PydanticCustomError(
            "length",
            "expected {users} texts, one per user, got {got}",
            {"users": users, "got": len(labels)},
        )
    return labels * users if len(labels) == 1 else labels


Number = Annotated[float, _Number(Range(-np.inf))]
NonNegative = Annotated[float, _Number(NON_NEGATIVE)]
Positive = Annotated[float, _Number(POSITIVE)]
NonNegativePerUser = Annotated[FloatArray, _PerUser(NON_NEGATIVE)]
PositivePerUser = Annotated[FloatArray, _PerUser(POSITIVE)]
SharePerUser = Annotated[FloatArray, _PerUser(Range(0.0, below=1.0))]
WholePerUser = Annotated[FloatArray, _PerUser(Range(0.0, whole=True))]
NonNegativePerServer = Annotated[FloatArray, _PerServer(NON_NEGATIVE)]
PositivePerServer = Annotated[FloatArray, _PerServer(POSITIVE)]
WholePerServer = Annotated[FloatArray, _PerServer(Range(0.0, whole=True))]
CountPerServer = Annotated[FloatArray, _PerServer(Range(1.0, below=MAX_USERS + 1.0, whole=True))]
LabelPerUser = Annotated[tuple[str, ...], _LabelPerUser()]
