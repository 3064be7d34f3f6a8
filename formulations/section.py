"""What the sections of an instance have in common: immutable, validated, and able to carry further constraints."""

from __future__ import annotations

import weakref
from collections.abc import Callable, Iterable, Mapping
from typing import Annotated, Any, ClassVar, TypeVar, cast

import numpy as np
from pydantic import BeforeValidator
from pydantic.json_schema import SkipJsonSchema
from pydantic_core import PydanticCustomError

from formulations.checked import Checked
from formulations.fields import FloatArray

Data = TypeVar("Data")
Computed = TypeVar("Computed")

_known: dict[tuple[Callable[..., object], int], tuple[weakref.ref[object], object]] = {}


def _no_documents(value: object) -> object:
    """Refuse constraints that are not yet objects: a file lists them beside its sections, not in one."""
    if isinstance(value, tuple) and not any(isinstance(item, Mapping) for item in value):
        return value
    raise PydanticCustomError("section_constraints", "expected constraints at the top level of the file")


def refuse_overflow(terms: Iterable[tuple[list[str], FloatArray | float]], expected: str) -> None:
    """Refuse numbers that are finite alone but overflow together.

    Parameters
    ----------
    terms : iterable
        The fields that meet in a term, and bounds of it: one number, or one for each item of the first field.
    expected : str
        What is expected of the first field; the others follow.
    """
    with np.errstate(all="ignore"):
        for fields, largest in terms:
            finite = np.isfinite(largest)
            if not finite.all():
                index = {"index": int(np.argmin(finite))} if finite.ndim else {}
                others = " and ".join(fields[1:])
                raise PydanticCustomError(
                    "overflow",
                    "expected {expected} {others}, got an overflow",
                    {"fields": fields, "expected": expected, "others": others} | index,
                )


class Section(Checked):
    """Data of one problem.

    ``constraints`` is set where an instance hands out its section, never read from a file's section.
    """

    problem: ClassVar[str]
    """Name of the section."""

    constraints: SkipJsonSchema[Annotated[tuple[Any, ...], BeforeValidator(_no_documents)]] = ()
    """Further constraints of :mod:`formulations.constraints` that every method honours or refuses."""


def once(function: Callable[[Data], Computed], data: Data) -> Computed:
    """``function(data)``, computed at the first call for this very object.

    The object is told by its identity, because comparing it would cost more than what is saved.
    """
    key = (function, id(data))
    known = _known.get(key)
    if known is not None and known[0]() is data:
        return cast(Computed, known[1])
    computed = function(data)
    _known[key] = (weakref.ref(data, lambda _: _known.pop(key, None)), computed)
    return computed
