"""What people have in place of a file: the fields of a problem without its section, or a table of users."""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module
from typing import TYPE_CHECKING, Any

import numpy as np

from formulations.constraints.evaluation import listed
from formulations.constraints.registry import constraint_types
from formulations.errors import InstanceError, UnknownNameError, suggestion
from formulations.fields import per_user_labels, per_user_ranges, plain, show
from formulations.problems import HEADER, problem, section_types

if TYPE_CHECKING:
    import pandas as pd

    from formulations.section import Section
    from instances.schema import Instance

UNNAMED = "unnamed"
"""Name of an instance that is given none."""


def with_sections(fields: Mapping[str, Any]) -> dict[str, Any]:
    """Return the document that fields given in Python stand for: with a version, a name, and a section.

    Fields of no section are taken to be those of the one that has most of them; how many users there are is read
    off the first column of numbers where it is not said.
    """
    document = {"schema_version": 1, "name": UNNAMED}
    loose: dict[str, Any] = {}
    for name, value in fields.items():
        (document if name in HEADER or name in section_types() or name == "$schema" else loose)[name] = value
    kinds = section_types()
    owner = max(kinds, key=lambda name: _known(kinds[name], loose))
    if not loose or not _known(kinds[owner], loose):
        return document | loose
    if owner in document:
        name = next(iter(loose))
        raise refused(name, f"expected either {owner} or fields of it, got both")
    return document | {owner: _with_users(owner, loose)}


def columns_of(
    frame: pd.DataFrame, chosen: str | None, columns: Mapping[str, str] | None, fields: Mapping[str, Any]
) -> dict[str, Any]:
    """Return the fields that the columns of a table and some others stand for.

    Raises
    ------
    InstanceError
        If a column is not there, or is no field of a problem.
    """
    kinds = section_types()
    if not hasattr(frame, "columns"):
        raise TypeError(f"frame: expected a table of pandas with a row per user, got {type(frame).__name__}")
    if chosen is not None and chosen not in kinds:
        raise UnknownNameError("problem", chosen, kinds)
    if columns is not None and not isinstance(columns, Mapping):
        raise TypeError(f"columns: expected a mapping of fields to columns, got {type(columns).__name__}")
    for field, column in (columns or {}).items():
        if column not in frame.columns:
            hint = suggestion(str(column), map(str, frame.columns))
            raise refused(f"columns.{field}", f"expected a column of the table, got '{column}'{hint}")
    given = {str(name): frame[name] for name in frame.columns}
    if columns is not None:
        given = {field: frame[column] for field, column in columns.items()}
    for name in given.keys() & fields.keys():
        raise refused(name, "expected either a column or one value for all, got both")
    names = {**fields, **given}
    owner = chosen or max(kinds, key=lambda name: _known(kinds[name], names))
    per_user = (*per_user_ranges(kinds[owner]), *per_user_labels(kinds[owner]))
    for name in given:
        if name not in per_user:
            hint = suggestion(name, per_user)
            raise refused(
                name,
                f"expected columns that are fields of each user of {owner}{hint}, or columns={{field: column}}, "
                "got another",
            )
    own = {name: value for name, value in fields.items() if name in HEADER}
    rest = {name: value for name, value in fields.items() if name not in HEADER}
    return {**own, owner: {problem(owner).users: len(frame), **rest, **given}}


def section_frame(instance: Instance, chosen: str | None) -> pd.DataFrame:
    """Return a table of one problem with one row per user.

    Raises
    ------
    ValueError
        If the instance poses several problems and none is named, or not the one named.
    """
    import pandas as pd

    if chosen is None and len(instance.problems) > 1:
        choices = " or ".join(f"problem='{name}'" for name in instance.problems)
        raise ValueError(f"instance '{instance.name}' poses several problems: expected {choices}, got neither")
    name = chosen or instance.problems[0]
    if name not in instance.problems:
        raise UnknownNameError("problem", name, instance.problems)
    data = instance.sections[name]
    names = [*per_user_labels(type(data)), *per_user_ranges(type(data))]
    values = {field: getattr(data, field) for field in names}
    columns = {field: np.asarray(value) for field, value in values.items() if len(value)}
    if not columns:  # a problem with tables for its numbers, as the GQAP, has those with a row per item
        rows = getattr(data, problem(name).users)
        for field in type(data).model_fields:
            value = np.asarray(getattr(data, field))
            if value.ndim == 1 and value.size == rows:
                columns[field] = value
    frame = pd.DataFrame(columns)
    frame.index = pd.RangeIndex(len(frame), name=problem(name).users.removesuffix("s"))
    return frame


def known_fields(instance: Instance) -> list[str]:
    """Return the fields of all sections, which :func:`common_field` finds by their names alone."""
    return [name for data in instance.sections.values() for name in type(data).model_fields]


def first_users(instance: Instance, count: int) -> dict[str, Section]:
    """Return the sections of an instance with their first users alone.

    Raises
    ------
    InstanceError
        If there are fewer users, or a section has numbers of other things than users.
    """
    if isinstance(count, bool) or not isinstance(count, int):
        raise TypeError(f"users: expected a whole number, got {show(count)}")
    found = {}
    for name, data in instance.sections.items():
        kind, field = type(data), problem(name).users
        per_user = [*per_user_ranges(kind), *per_user_labels(kind)]
        arrays = [each for each in kind.model_fields if isinstance(getattr(data, each), np.ndarray)]
        if not per_user or not set(arrays) <= set(per_user):
            raise refused("users", f"expected problems with numbers per user alone, got {name}")
        most = getattr(data, field)
        if not 1 <= count <= most:
            raise refused("users", f"expected 1 to {most}, which {name} has, got {count}")
        found[name] = data.replace(**{field: count} | {each: getattr(data, each)[:count] for each in per_user})
    return found


def common_field(instance: Instance, name: str) -> Any:
    """Return a field of the sections by its name alone, as ``instance.users``.

    Raises
    ------
    AttributeError
        If no section has it, or several have different values of it.
    """
    found = {
        posed: getattr(data, name) for posed, data in instance.sections.items() if name in type(data).model_fields
    }
    if not found:
        hint = suggestion(name, known_fields(instance))
        raise AttributeError(f"instance '{instance.name}' has no field '{name}'{hint}")
    first, *others = found.values()
    if any(not np.array_equal(first, other) for other in others):
        ways = " or ".join(f"instance.{posed}.{name}" for posed in found)
        raise AttributeError(f"instance '{instance.name}' has several '{name}': expected {ways}")
    return first


def section_of(instance: Instance, field: str) -> str:
    """Return the one section of an instance that has a field of this name.

    Raises
    ------
    InstanceError
        If none has, or several have.
    """
    posed = {name: type(data).model_fields for name, data in instance.sections.items()}
    owners = [name for name, fields in posed.items() if field in fields]
    if len(owners) == 1:
        return owners[0]
    if len(owners) > 1:
        way = f"replace({owners[0]}=instance.{owners[0]}.replace({field}=...))"
        raise refused(field, f"expected a field of one section, such as {way}, got one of {' and '.join(owners)}")
    elsewhere = [name for name, kind in section_types().items() if field in kind.model_fields]
    if elsewhere:
        got = f"one of {' and '.join(elsewhere)}"
        raise refused(field, f"expected a field of a problem that the instance poses, got {got}")
    hint = suggestion(field, [*HEADER, *section_types(), *known_fields(instance)])
    raise refused(field, f"expected a field of the instance or of its sections, got an unknown one{hint}")


def problem_with(instance: Instance, type: str) -> str:
    """Return the one problem posed that has a type of constraint, or the first to be refused there."""
    having = [name for name in instance.problems if (name, type) in constraint_types()]
    if len(having) > 1:
        raise refused("on", f"expected one of {' and '.join(having)}, which both have '{type}', got none")
    if having:
        return having[0]
    known = list(dict.fromkeys(kind for name, kind in constraint_types() if name in instance.problems))
    posed = " and ".join(instance.problems)
    if not known:
        raise refused("constraints", f"expected a problem that takes further constraints, got {posed}")
    hint = suggestion(type, known) if isinstance(type, str) else ""
    raise refused("type", f"expected one of {', '.join(known)}, which {posed} takes, got {show(type)}{hint}")


def described(instance: Instance) -> str:
    """Return an instance in a few lines: its name, its problems with their sizes, and its constraints."""
    lines = [f"{instance.name} (hash {instance.sha256[:8]})"]
    for name in instance.problems:
        known = problem(name)
        data: Section = instance.section(name)
        lines.append(f"  {known.title}: {import_module(known.evaluation).describe(data)}")
        if data.constraints:
            lines.append(f"    with {listed(data)}")
    return "\n".join(lines)


def _known(kind: type[Section], names: Mapping[str, Any]) -> int:
    """Return how many of the names are fields of a section."""
    return sum(name in kind.model_fields for name in names)


def _with_users(owner: str, fields: Mapping[str, Any]) -> dict[str, Any]:
    """Return the fields of a section with their number of users, which a column tells."""
    count = problem(owner).users
    if count in fields:
        return dict(fields)
    for name in per_user_ranges(section_types()[owner]):
        value = plain(fields.get(name))
        if isinstance(value, list | tuple | np.ndarray) and np.ndim(value) == 1:
            return {count: len(value), **fields}
    return dict(fields)


def refused(field: str, explanation: str) -> InstanceError:
    """Return the error that a field is refused with."""
    return InstanceError(f"{field}: {explanation}", field, None, explanation)
