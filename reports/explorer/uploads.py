"""Instances that a browser sends: limited in size, and checked like any file."""

from __future__ import annotations

from collections.abc import Mapping

from formulations.errors import sentence
from instances import Instance, InstanceError
from instances.files import documents, json_format
from reports.explorer.controls import CONTROLS
from reports.explorer.scenario import explorable

MOST_BYTES = 4_000_000
"""Size of a file that may be sent."""

MOST_USERS = 2_000
"""Users of an instance that may be explored: of more, nobody would wait for the answer."""


def received(name: str, data: bytes) -> Instance:
    """The instance that a browser has sent as a file of that name.

    Raises
    ------
    InstanceError
        If it is too large, or no instance that can be explored.
    """
    if not name.endswith(".json"):
        raise InstanceError(sentence(name, "", None, "expected a file name that ends in .json"))
    if len(data) > MOST_BYTES:
        raise InstanceError(sentence(name, "", None, f"expected at most {MOST_BYTES} bytes, got {len(data)}"))
    document = json_format.parse(name, data)
    for problem, section in document.items():  # before a single number stands for very many users
        users = section.get("users") if isinstance(section, Mapping) else None
        if isinstance(users, int) and users > MOST_USERS:
            raise InstanceError(sentence(name, f"{problem}.users", None, _few(users)))
    try:
        return checked(name, documents.validate(name, document))
    except RecursionError:
        raise InstanceError(sentence(name, "", None, "expected less nesting, got too much")) from None


def checked(source: str, instance: Instance) -> Instance:
    """The same instance, if it can be explored.

    Raises
    ------
    InstanceError
        If it poses no problem that can be, or has too many users.
    """
    posed = explorable(instance)
    if not posed:
        got = " and ".join(instance.problems)
        raise InstanceError(sentence(source, "", None, f"expected {' or '.join(CONTROLS)}, got {got}"))
    for problem in posed:
        users = instance.sections[problem].users  # type: ignore[attr-defined]
        if users > MOST_USERS:
            raise InstanceError(sentence(source, f"{problem}.users", None, _few(users)))
    return instance


def _few(users: int) -> str:
    return f"expected at most {MOST_USERS} users to explore, got {users}"
