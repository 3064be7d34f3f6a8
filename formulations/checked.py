"""Data that stay as they were validated: whatever makes another object of them validates it anew."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any, NoReturn, Self

import numpy as np
from pydantic import BaseModel, ConfigDict, ValidationError

from formulations.errors import InstanceError


class _Briefly:
    """A list of numbers or names whose ``repr`` is its shape and range."""

    def __init__(self, values: np.ndarray | tuple[Any, ...]) -> None:
        self.values = values

    def __repr__(self) -> str:
        values = self.values
        if isinstance(values, tuple) or values.dtype.kind not in "biuf":
            return f"<{len(values)}>"
        shape = " x ".join(str(length) for length in values.shape)
        lowest, highest = values.min(), values.max()
        return f"<{shape}: {lowest:g}>" if lowest == highest else f"<{shape}: {lowest:g} to {highest:g}>"


class Checked(BaseModel):
    """Validated, immutable data; what is wrong is an :class:`InstanceError` of one sentence.

    A copy, a pickle and a copy with changes are validated like any other data, so that nothing that is derived
    from the content, such as a hash, outlives it.
    """

    model_config = ConfigDict(
        frozen=True,
        extra="forbid",
        arbitrary_types_allowed=True,
        use_attribute_docstrings=True,
        protected_namespaces=(),  # pydantic below 2.10 keeps names that begin with model_ for itself
    )

    def __init__(self, /, **fields: Any) -> None:
        try:
            super().__init__(**fields)
        except ValidationError as error:
            raise InstanceError.of(error, type(self)) from None

    # Pydantic would call an __init__ of our own for nested data, too, and lose the place of what is wrong there.
    __init__.__pydantic_base_init__ = True  # type: ignore[attr-defined]

    @classmethod
    def model_validate(cls, obj: Any, **options: Any) -> Self:
        """Validate a document; see :meth:`pydantic.BaseModel.model_validate`.

        Raises
        ------
        InstanceError
            If it is none.
        """
        try:
            return super().model_validate(obj, **options)
        except ValidationError as error:
            raise InstanceError.of(error, cls) from None

    @classmethod
    def model_validate_json(cls, json_data: str | bytes | bytearray, **options: Any) -> Self:
        """Validate a JSON text; see :meth:`pydantic.BaseModel.model_validate_json`.

        Raises
        ------
        InstanceError
            If it is none.
        """
        try:
            return super().model_validate_json(json_data, **options)
        except ValidationError as error:
            raise InstanceError.of(error, cls) from None

    def replaced(self, changes: Mapping[str, Any]) -> Self:
        """Return the same data with other values of some fields, validated like any other.

        Raises
        ------
        InstanceError
            If a field is unknown, or the new data are refused.

        Examples
        --------
        >>> import diffload
        >>> diffload.load("n10").replaced({"name": "mine"}).name
        'mine'
        """
        return type(self).model_validate(self.given() | dict(changes))

    def replace(self, **changes: Any) -> Self:
        """Return the same data with other values of some fields, see :meth:`replaced`."""
        return self.replaced(changes)

    def given(self) -> dict[str, Any]:
        """Return every field that is not left at its default, as it was validated.

        Examples
        --------
        >>> import diffload
        >>> sorted(diffload.load("n10").given())
        ['name', 'provenance', 'schema_version', 'step_allocation']
        """
        fields = {name: getattr(self, name) for name in type(self).model_fields if name in self.model_fields_set}
        return fields | (self.model_extra or {})

    def model_copy(self, *, update: Mapping[str, Any] | None = None, deep: bool = False) -> Self:
        """Return a copy with changes, validated like any other; it is always deep."""
        return self.replaced(update or {})

    def copy(self, *, update: Mapping[str, Any] | None = None, deep: bool = False) -> Self:  # type: ignore[override]
        """Return a copy with changes, validated like any other; it is always deep."""
        return self.replaced(update or {})

    def __eq__(self, other: object) -> bool:
        if type(self) is not type(other) or not isinstance(other, Checked):
            return NotImplemented
        return _same(self._values(), other._values())

    def _values(self) -> dict[str, Any]:
        return {name: getattr(self, name) for name in type(self).model_fields} | (self.model_extra or {})

    def __copy__(self) -> Self:
        return self.replaced({})

    def __deepcopy__(self, memo: dict[int, Any] | None = None) -> Self:
        return self.replaced({})

    def __repr_args__(self) -> Iterator[tuple[str | None, Any]]:
        """Fields for ``repr``, in one line: arrays are shown by shape and range, other lists by their length."""
        for name, value in super().__repr_args__():
            yield name, _Briefly(value) if isinstance(value, np.ndarray | tuple) and len(value) > 0 else value

    def __reduce__(self) -> tuple[Any, ...]:
        return _validated, (type(self), self.given())

    if not TYPE_CHECKING:  # else a type checker would let any attribute be assigned

        @classmethod
        def model_construct(cls, _fields_set: set[str] | None = None, **values: Any) -> NoReturn:
            """Refuse to make data that are not validated.

            Raises
            ------
            TypeError
                Always.
            """
            raise TypeError(f"{cls.__name__}.model_construct skips validation: use {cls.__name__}(...)")

        def __setattr__(self, name: str, value: Any) -> NoReturn:
            raise _immutable(self, name)

        def __delattr__(self, name: str) -> NoReturn:
            raise _immutable(self, name)


def _same(first: Any, second: Any) -> bool:
    """Whether two values are equal, those of arrays in every place."""
    if isinstance(first, np.ndarray) or isinstance(second, np.ndarray):
        return np.array_equal(first, second)
    if isinstance(first, dict) and isinstance(second, dict):
        return first.keys() == second.keys() and all(_same(first[key], second[key]) for key in first)
    if isinstance(first, tuple) and isinstance(second, tuple):
        return len(first) == len(second) and all(map(_same, first, second))
    return bool(first == second)


def unchecked(data: Checked, **changes: Any) -> Any:
    """A shallow copy with other values that nothing validates, as a difference quotient steps out of a range."""
    copied = BaseModel.__copy__(data)
    copied.__dict__.update(changes)
    return copied


def _validated(kind: type[Checked], fields: dict[str, Any]) -> Checked:
    """Restore what was pickled."""
    return kind.model_validate(fields)


def _immutable(data: Checked, name: str) -> AttributeError:
    kind = type(data).__name__
    return AttributeError(
        f"{kind} is immutable: expected replace({name}=...), which gives another, got an assignment"
    )
