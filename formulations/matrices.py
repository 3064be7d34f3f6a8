"""Field types of instance sections: a vector or a matrix of numbers with a range, given in full.

Once the section is validated, the field holds an immutable ``float64`` array.
"""

from __future__ import annotations

from typing import Annotated, Any, NoReturn

import numpy as np
from pydantic import GetCoreSchemaHandler, GetJsonSchemaHandler
from pydantic_core import CoreSchema, PydanticCustomError, core_schema

from formulations.fields import POSITIVE, FloatArray, Range, as_number, frozen, plain, show

ANY_NUMBER = Range(-np.inf)


class _Numbers:
    """Pydantic annotation of an array of one or two axes; a section checks its shape with :func:`shaped`."""

    def __init__(self, allowed: Range, axes: int) -> None:
        self.allowed = allowed
        self.axes = axes

    def validate(self, value: object) -> FloatArray:
        array = self._as_array(plain(value))
        outside = self.allowed.first_outside(array.reshape(-1))
        if outside is not None:
            self._refuse(array.reshape(-1)[outside].item(), np.unravel_index(outside, array.shape))
        return frozen(array)

    def _as_array(self, value: object) -> FloatArray:
        if isinstance(value, np.ndarray) and value.dtype.kind in "fiu" and value.ndim == self.axes:
            with np.errstate(over="ignore"):  # a long double beyond float64 is refused as the infinity it becomes
                return value.astype(np.float64)
        if not isinstance(value, list | tuple):
            raise PydanticCustomError("numbers", "expected {expected}, got {got}", self._whole(show(value)))
        if self.axes == 1:
            return self._row(value, ())
        rows = [self._row(plain(row), (index,)) for index, row in enumerate(value)]
        for index, row in enumerate(rows):
            if row.size != rows[0].size:
                self._refuse_place(f"{rows[0].size} numbers as in row 0", str(row.size), (index,))
        return np.array(rows).reshape(len(rows), rows[0].size if rows else 0)

    def _row(self, value: object, place: tuple[int, ...]) -> FloatArray:
        if isinstance(value, np.ndarray) and value.ndim == 1:
            return value.astype(np.float64)
        if not isinstance(value, list | tuple):
            self._refuse_place("a list of numbers", show(value), place)
        numbers = [as_number(item) for item in value]
        for index, number in enumerate(numbers):
            if number is None:
                self._refuse(value[index], (*place, index))
        return np.array(numbers, dtype=np.float64)

    def _whole(self, got: str) -> dict[str, Any]:
        return {"expected": "a list of numbers" if self.axes == 1 else "a list of rows of numbers", "got": got}

    def _refuse(self, value: object, place: tuple[Any, ...]) -> NoReturn:
        self._refuse_place(self.allowed.expectation, show(value), place)

    def _refuse_place(self, expected: str, got: str, place: tuple[Any, ...]) -> NoReturn:
        *rows, index = map(int, place)
        raise PydanticCustomError(
            "numbers",
            "expected {expected}, got {got}",
            {"expected": expected, "got": got, "fields": rows, "index": index},
        )

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.no_info_plain_validator_function(self.validate)

    def __get_pydantic_json_schema__(self, schema: CoreSchema, handler: GetJsonSchemaHandler) -> dict[str, Any]:
        described = self.allowed.json_schema
        for _ in range(self.axes):
            described = {"type": "array", "items": described, "minItems": 1}
        return described


def shaped(values: FloatArray, shape: tuple[int, ...], meaning: str) -> FloatArray:
    """The array, read-only and contiguous, if it has this shape.

    Parameters
    ----------
    values : FloatArray
        What was given.
    shape : tuple of int
        Expected shape.
    meaning : str
        What the axes count, such as "items x places".

    Raises
    ------
    PydanticCustomError
        If it has another shape.
    """
    if values.shape != shape:
        raise PydanticCustomError(
            "shape",
            "expected {expected} numbers ({meaning}), got {got}",
            {
                "expected": " x ".join(map(str, shape)),
                "meaning": meaning,
                "got": " x ".join(map(str, values.shape)),
            },
        )
    return frozen(np.ascontiguousarray(values))


class _NumberOrMatrix(_Numbers):
    """Pydantic annotation of a matrix for which a single number may stand; a section broadcasts it."""

    def validate(self, value: object) -> FloatArray:
        number = as_number(value)
        if number is None:
            return super().validate(value)
        if self.allowed.first_outside(np.array([number])) is not None:
            expected = {"expected": self.allowed.expectation, "got": show(value)}
            raise PydanticCustomError("number", "expected {expected}, got {got}", expected)
        return frozen(np.array(number))

    def _whole(self, got: str) -> dict[str, Any]:
        return {"expected": "a number or a list of rows of numbers", "got": got}

    def __get_pydantic_json_schema__(self, schema: CoreSchema, handler: GetJsonSchemaHandler) -> dict[str, Any]:
        return {"anyOf": [self.allowed.json_schema, super().__get_pydantic_json_schema__(schema, handler)]}


NonNegativeVector = Annotated[FloatArray, _Numbers(Range(0.0), 1)]
Matrix = Annotated[FloatArray, _Numbers(ANY_NUMBER, 2)]
PositiveMatrix = Annotated[FloatArray, _NumberOrMatrix(POSITIVE, 2)]
