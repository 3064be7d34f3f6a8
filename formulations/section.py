"""What the sections of an instance have in common: immutable, validated, and able to carry further constraints."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, ClassVar, Self

from pydantic import BaseModel, BeforeValidator, ConfigDict
from pydantic.json_schema import SkipJsonSchema
from pydantic_core import PydanticCustomError


def _no_documents(value: object) -> object:
    """Refuse constraints that are not yet objects: a file lists them beside its sections, not in one."""
    if isinstance(value, tuple) and not any(isinstance(item, Mapping) for item in value):
        return value
    raise PydanticCustomError("section_constraints", "expected constraints at the top level of the file")


class Section(BaseModel):
    """Data of one problem.

    ``constraints`` is set where an instance hands out its section, never read from a file's section.
    """

    model_config = ConfigDict(
        frozen=True, extra="forbid", arbitrary_types_allowed=True, use_attribute_docstrings=True
    )

    problem: ClassVar[str]
    """Name of the section."""

    constraints: SkipJsonSchema[Annotated[tuple[Any, ...], BeforeValidator(_no_documents)]] = ()
    """Further constraints of :mod:`formulations.constraints` that every method honours or refuses."""

    def replaced(self, changes: Mapping[str, Any]) -> Self:
        """Return the same scenario with other values of some fields, validated like any other."""
        return type(self).model_validate(
            {name: getattr(self, name) for name in type(self).model_fields} | dict(changes)
        )
