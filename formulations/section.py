"""What the sections of an instance have in common: immutable, validated, and able to carry further constraints."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, ClassVar

from pydantic import BeforeValidator
from pydantic.json_schema import SkipJsonSchema
from pydantic_core import PydanticCustomError

from formulations.checked import Checked


def _no_documents(value: object) -> object:
    """Refuse constraints that are not yet objects: a file lists them beside its sections, not in one."""
    if isinstance(value, tuple) and not any(isinstance(item, Mapping) for item in value):
        return value
    raise PydanticCustomError("section_constraints", "expected constraints at the top level of the file")


class Section(Checked):
    """Data of one problem.

    ``constraints`` is set where an instance hands out its section, never read from a file's section.
    """

    problem: ClassVar[str]
    """Name of the section."""

    constraints: SkipJsonSchema[Annotated[tuple[Any, ...], BeforeValidator(_no_documents)]] = ()
    """Further constraints of :mod:`formulations.constraints` that every method honours or refuses."""
