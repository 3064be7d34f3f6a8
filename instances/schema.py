"""What an instance file holds (schema version 1)."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from typing import TYPE_CHECKING, Annotated, Any, Literal, NamedTuple, Self

from pydantic import (
    AfterValidator,
    BeforeValidator,
    ConfigDict,
    Field,
    SerializeAsAny,
    model_validator,
)
from pydantic_core import PydanticCustomError, PydanticKnownError

from formulations.checked import Checked
from formulations.constraints.base import Constraint
from formulations.fields import show
from formulations.problems import HEADER, problem, problems, section_names, section_types
from formulations.runtime.program import NoSuchNameError
from formulations.section import Section
from instances.constraint_document import as_constraint, within
from instances.files.digest import digest
from instances.from_fields import (
    columns_of,
    common_field,
    described,
    first_users,
    known_fields,
    problem_with,
    refused,
    section_frame,
    section_of,
    with_sections,
)
from instances.header import MAX_NAME, file_name, schema_version_one
from instances.provenance import plain_data

if TYPE_CHECKING:
    import pandas as pd

    from formulations.gqap.parameters import GQAP
    from formulations.multi_edge_offloading.parameters import MultiEdgeOffloading
    from formulations.split_offloading.parameters import SplitOffloading
    from formulations.step_allocation.parameters import StepAllocation

SCHEMA = "$schema"
"""Field of a file that says where its schema is; it is no part of the instance."""


class _Named(NamedTuple):
    """A section with its name, which decides what class it has."""

    name: str
    value: Any


def _section(given: _Named) -> Section:
    """Build the section of a document as the class that its name stands for."""
    kind = section_types().get(given.name)
    if kind is None:
        raise PydanticKnownError("extra_forbidden")
    if given.value is None:
        raise PydanticCustomError("null_section", "expected an object, got null")
    section: Section = kind.__pydantic_validator__.validate_python(given.value)
    return section


class Instance(Checked):
    """One scenario, with one section for each problem it poses.

    In Python the version of the schema and a name are not needed, and the fields of a section may be given without
    it: ``Instance(step_allocation={...})`` and ``Instance(edge_step_capacity=100.0, ...)`` are the same.

    Parameters
    ----------
    **fields : Any
        ``name``, ``constraints``, ``provenance``, and either sections, by the names of :func:`diffload.problems`,
        or the fields of one of them. Numbers and columns of NumPy and pandas are taken everywhere.

    Raises
    ------
    InstanceError
        If a field is missing, unknown or refused by its section, or if there is no problem section.

    Examples
    --------
    >>> import diffload
    >>> fields = diffload.load("n10").step_allocation.given()
    >>> mine = diffload.Instance(name="mine", **fields)
    >>> mine.problems, mine.sha256 == diffload.load("n10").sha256
    (('step_allocation',), True)
    """

    model_config = ConfigDict(extra="allow")

    schema_version: Annotated[Literal[1], BeforeValidator(schema_version_one)]
    """Version of this schema."""
    name: Annotated[
        str, AfterValidator(file_name), Field(json_schema_extra={"minLength": 1, "maxLength": MAX_NAME})
    ]
    """What tables and results call the instance; printable characters without slashes."""
    provenance: Annotated[dict[str, Any], BeforeValidator(plain_data)] = Field(default={})
    """Where the numbers come from, as plain JSON data; not part of the content that is hashed."""
    constraints: tuple[Annotated[SerializeAsAny[Constraint], BeforeValidator(as_constraint)], ...] = ()
    """Further constraints on the problems posed."""

    __pydantic_extra__: dict[str, Annotated[Any, BeforeValidator(_section)]]
    """The sections, by the names of :func:`formulations.problems.section_types`."""

    def __init__(self, /, **fields: Any) -> None:
        super().__init__(**with_sections(fields))

    __init__.__pydantic_base_init__ = True  # type: ignore[attr-defined] # as in the base class

    @classmethod
    def from_dict(cls, fields: Mapping[str, Any]) -> Self:
        """Return the instance with these fields, see :class:`Instance`.

        Examples
        --------
        >>> import diffload
        >>> document = {"name": "mine", "step_allocation": diffload.load("n10").step_allocation.given()}
        >>> diffload.Instance.from_dict(document).problems
        ('step_allocation',)
        """
        if not isinstance(fields, Mapping):
            raise TypeError(f"fields: expected a mapping of names to values, got {type(fields).__name__}")
        return cls(**{str(name): value for name, value in fields.items()})

    @classmethod
    def from_frame(
        cls,
        frame: pd.DataFrame,
        *,
        problem: str | None = None,
        columns: Mapping[str, str] | None = None,
        **fields: Any,
    ) -> Self:
        """Return an instance of a table with one row per user.

        Parameters
        ----------
        frame : pandas.DataFrame
            A column for each field that differs between users.
        problem : str, optional
            Which problem it poses; by default the one whose fields these are.
        columns : Mapping, optional
            Column of each field, where columns are not named as fields; other columns are then left out.
        **fields : Any
            All other fields, and ``name`` and ``constraints``.

        Raises
        ------
        InstanceError
            If a column is no field, or a field is refused.

        Examples
        --------
        >>> import diffload
        >>> n10 = diffload.load("n10")
        >>> shared = {"edge_step_capacity": 300, "time_weight_per_second": 1, "error_weight": 1}
        >>> shared |= {"energy_weight_per_joule": 0.001, "cost_weight": 1, "utility_weight": 1}
        >>> diffload.Instance.from_frame(n10.to_frame(), name="mine", **shared).step_allocation.users
        10
        """
        return cls(**columns_of(frame, problem, columns, fields))

    def to_frame(self, problem: str | None = None) -> pd.DataFrame:
        """Return a table with one row per user, and a column for each field that may differ between users.

        Examples
        --------
        >>> import diffload
        >>> frame = diffload.load("n10").to_frame()
        >>> len(frame), "local_max_steps" in frame
        (10, True)
        """
        return section_frame(self, problem)

    def __str__(self) -> str:
        return described(self)

    def __repr__(self) -> str:
        return f"<Instance '{self.name}': {', '.join(self.problems)}; {self.sha256[:8]}>"

    if TYPE_CHECKING:  # sections of the package's own problems by attribute; None where they are not posed
        step_allocation: StepAllocation | None = None
        split_offloading: SplitOffloading | None = None
        gqap: GQAP | None = None
        multi_edge_offloading: MultiEdgeOffloading | None = None

        def __getattr__(self, name: str) -> Any:
            """Return a field of a section, or a section of another package, see :func:`common_field`."""

    else:

        def __getattr__(self, name):
            try:
                return super().__getattr__(name)
            except AttributeError:
                if name in section_types():
                    return None
                if name.startswith("_"):
                    raise
            return common_field(self, name)

    @model_validator(mode="before")
    @classmethod
    def _with_named_sections(cls, document: object) -> object:
        """Pass over ``$schema``, by which editors find the schema of a file; what is no header is a section."""
        if not isinstance(document, Mapping):
            return document
        if not isinstance(document.get(SCHEMA, ""), str):
            got = show(document[SCHEMA])
            raise PydanticCustomError("schema", "expected a text, got {got}", {"fields": [SCHEMA], "got": got})
        return {
            name: value if name in HEADER else _Named(name, value)
            for name, value in document.items()
            if name != SCHEMA
        }

    @classmethod
    def model_json_schema(cls, *arguments: Any, **options: Any) -> dict[str, Any]:
        """JSON Schema of a document, every section described under the name of its problem."""
        schema = super().model_json_schema(*arguments, **options)
        constraints = schema["properties"].pop("constraints")
        for known in problems():
            section = section_types()[known.name].model_json_schema(*arguments, **options)
            schema["$defs"] |= section.pop("$defs", {}) | {known.name: section}
            schema["properties"][known.name] = {
                "description": f"Data of {known.title}: {known.summary}.",
                "$ref": f"#/$defs/{known.name}",
            }
        schema["properties"]["constraints"] = constraints
        return schema | {"additionalProperties": False}

    @model_validator(mode="after")
    def _poses_a_problem(self) -> Self:
        if not self.problems:
            raise PydanticCustomError(
                "no_problem",
                "expected at least one problem section ({sections}), got none",
                {"sections": ", ".join(section_names())},
            )
        return self

    @model_validator(mode="after")
    def _constraints_fit(self) -> Self:
        """Refuse a constraint on a problem that is not posed, or whose parameters do not fit it."""
        for place, constraint in enumerate(self.constraints):
            if constraint.on not in self.problems:
                context = {"fields": [f"constraints[{place}].on"], "got": constraint.on}
                raise PydanticCustomError(
                    "constraint", "expected a problem that the file poses, got {got}", context
                )
            if not problem(constraint.on).takes_constraints:
                context = {"fields": [f"constraints[{place}].on"], "got": constraint.on}
                raise PydanticCustomError(
                    "constraint", "expected a problem that takes further constraints, got {got}", context
                )
            try:
                constraint.check(self.sections[constraint.on])
            except PydanticCustomError as refusal:
                raise within(f"constraints[{place}]", refusal) from None
        return self

    @property
    def sections(self) -> dict[str, Section]:
        """Data of every problem that the instance poses, by its name; without the constraints on it."""
        given = self.model_extra or {}
        return {name: given[name] for name in section_types() if name in given}

    @property
    def problems(self) -> tuple[str, ...]:
        """Names of the problems that the instance poses."""
        return tuple(self.sections)

    def section(self, problem: str) -> Any:
        """Return the data of one problem, with the constraints that are on it.

        Raises
        ------
        NoSuchNameError
            If the instance does not pose it; it is a KeyError.

        Examples
        --------
        >>> import diffload
        >>> data = diffload.load("n10").section("step_allocation")
        >>> data.users, data.constraints
        (10, ())
        """
        if problem not in self.problems:
            raise NoSuchNameError(f"instance '{self.name}' has no section '{problem}'")
        data = self.sections[problem]
        mine = tuple(constraint for constraint in self.constraints if constraint.on == problem)
        return data.replaced({"constraints": mine}) if mine else data

    def with_constraints(self, *constraints: Constraint | Mapping[str, Any]) -> Self:
        """Return the same scenario with these further constraints, or documents of some, in place of its own.

        Examples
        --------
        >>> import diffload
        >>> limit = {"type": "max_offloaded", "on": "step_allocation", "most_users": 3}
        >>> limited = diffload.load("n10").with_constraints(limit)
        >>> print(diffload.solve(limited).status, int(diffload.solve(limited).solution["a"].sum()))
        optimal 3
        """
        return self.replaced({"constraints": constraints})

    def with_constraint(self, type: str, *, on: str | None = None, **parameters: Any) -> Self:
        """Return the same scenario with one further constraint beside its own.

        Parameters
        ----------
        type : str
            Which constraint, such as ``error_ceiling``; the documentation lists them.
        on : str, optional
            Which problem it is on; needed only where several that the instance poses have one of that name.
        **parameters : Any
            Its limit, and ``users`` if it is not about all of them.

        Raises
        ------
        InstanceError
            If there is no such constraint, or its parameters are refused.

        Examples
        --------
        >>> import diffload
        >>> instance = diffload.load("n10").with_constraint("error_ceiling", most_error=0.3)
        >>> print(instance.constraints[0].describe())
        error ceiling (0.3)
        """
        document = {"type": type, "on": on or problem_with(self, type), **parameters}
        return self.with_constraints(*self.constraints, document)

    def replace(self, **changes: Any) -> Self:
        """Return the same scenario with other values, validated, and with a hash of its own.

        Parameters
        ----------
        **changes : Any
            Fields of the instance (``name``, ``constraints``, a whole section), or of the one of its sections that
            has a field of that name.

        Raises
        ------
        InstanceError
            If a name is unknown or stands for fields of several sections, or if the new scenario is refused.

        Examples
        --------
        >>> from instances import load
        >>> instance = load("n10")
        >>> instance.replace(edge_step_capacity=500).step_allocation.edge_step_capacity
        500.0
        """
        own = {*HEADER, *section_types()}
        fields = {name: value for name, value in changes.items() if name in own}
        for name, value in changes.items():
            if name not in fields:
                section = section_of(self, name)
                if section in changes:
                    raise refused(name, f"expected either {section} or fields of it, got both")
                data = fields.setdefault(section, self.sections[section].given())
                data[name] = value
        return self.replaced(fields)

    def head(self, users: int) -> Self:
        """Return the same scenario with its first users alone; its constraints stay.

        Raises
        ------
        InstanceError
            If there are fewer users, a constraint names another, or a problem has numbers of other things.

        Examples
        --------
        >>> import diffload
        >>> diffload.load("n10").head(4).step_allocation.users
        4
        """
        return self.replaced(first_users(self, users))

    def __hash__(self) -> int:
        return hash(self.sha256)

    def __dir__(self) -> list[str]:
        return sorted({*object.__dir__(self), *self.sections, *known_fields(self)})

    @cached_property
    def sha256(self) -> str:
        """Hash of the canonical content, see :func:`instances.files.digest.digest`."""
        return digest(self)
