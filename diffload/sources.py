"""Where instances come from: files, the library, and the generators."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import fields
from typing import Any

from formulations.errors import InstanceError, suggestion
from formulations.fields import as_number, show
from instances import Instance
from instances.files import shipped
from instances.files.documents import load, save
from instances.generation import generator
from instances.generation.edge_servers import EdgeServers
from instances.generation.presets import PRESETS
from instances.generation.split_scenario import SplitScenario
from solvers.core.limits import LARGEST_SEED, name_of, seed_of, whole_number

__all__ = ["generate", "library", "load", "save"]

_TAKEN_BY = {
    "preset": ("step_allocation",),
    "tightness": ("step_allocation",),
    "spread": ("step_allocation",),
    "integer_steps": ("step_allocation",),
    "gpus": ("split_offloading",),
    "max_batch": ("split_offloading", "multi_edge_offloading"),
    "servers": ("gqap", "multi_edge_offloading"),
}
"""Problems whose generators take an argument."""

_OPTIONS: dict[str, dict[str, Any]] = {
    "step_allocation": dict.fromkeys(("weights", "cost_utility_weights", "local_max_steps")),
    "split_offloading": {each.name: each.default for each in fields(SplitScenario)},
    "gqap": {each.name: each.default for each in fields(EdgeServers)},
}
"""Options of our own problems' generators with what they usually are; other generators check theirs."""


def library() -> tuple[str, ...]:
    """Return the names of the instances that come with the package; :func:`load` takes each of them.

    Returns
    -------
    tuple of str
        In alphabetical order.

    Examples
    --------
    >>> import diffload
    >>> "n30" in diffload.library()
    True
    """
    return shipped.names()


def generate(
    problem: str | Iterable[str] = "step_allocation",
    *,
    users: int | None = None,
    seed: int = 0,
    name: str | None = None,
    preset: str | None = None,
    tightness: float | None = None,
    spread: float | None = None,
    integer_steps: bool | None = None,
    gpus: int | None = None,
    max_batch: int | None = None,
    servers: int | None = None,
    options: Mapping[str, Any] | None = None,
) -> Instance:
    """Make an instance of random numbers; the same arguments make the same one.

    Parameters
    ----------
    problem : str, or several
        What it poses, of :func:`problems`; several problems share their users.
    users : int, optional
        How many; each problem has a usual number.
    seed : int
        Seed of the draws.
    name : str, optional
        Name of the instance; made of preset or problem, users and seed by default.
    preset : str, optional
        Of step allocation: ``paper`` (default), ``fig2``, ``contended`` or ``subset-sum``.
    tightness : float, optional
        Of step allocation: the edge budget as a share of the steps used while it is free; from 1 on it does not
        bind.
    spread : float, optional
        Of step allocation: 0 for identical users, 1 (default) for the preset's full ranges.
    integer_steps : bool, optional
        Of step allocation: whether steps are whole numbers.
    gpus : int, optional
        Of split offloading: GPUs of the edge server.
    max_batch : int, optional
        Of split offloading, with one server or several: most users that a server is granted.
    servers : int, optional
        Of the GQAP and of split offloading with several servers: how many.
    options : Mapping, optional
        Further options of the generator, by their names, where one problem is posed.

    Returns
    -------
    Instance
        With where it comes from in ``provenance``.

    Raises
    ------
    InstanceError
        Naming the argument that cannot be used, and what was expected.

    Examples
    --------
    >>> import diffload
    >>> diffload.generate(users=5, seed=3).name
    'paper-n5-seed3'
    >>> diffload.generate("split_offloading", users=8, gpus=2).problems
    ('split_offloading',)
    """
    posed = _posed(problem)
    given = {
        argument: value
        for argument, value in {
            "preset": None if preset is None else name_of("preset", preset, "the name of a preset"),
            "tightness": tightness,
            "spread": spread,
            "integer_steps": integer_steps,
            "gpus": gpus,
            "max_batch": max_batch,
            "servers": servers,
        }.items()
        if value is not None
    }
    for argument in given:
        if not set(_TAKEN_BY[argument]) & set(posed):
            takers = " or ".join(_TAKEN_BY[argument])
            raise InstanceError(f"{argument}: expected {takers} with it, got {' and '.join(posed)}")
    for argument in ("tightness", "spread"):
        if argument in given and as_number(given[argument]) is None:
            raise TypeError(f"{argument}: expected a number, got {show(given[argument])}")
    for argument in ("gpus", "max_batch", "servers", "users"):
        value = {**given, "users": users}.get(argument)
        if value is not None:
            whole_number(argument, value, 1, LARGEST_SEED)
    by_problem = {each: {name: given[name] for name in given if each in _TAKEN_BY[name]} for each in posed}
    if options is not None:
        _add(by_problem, options)
    return _made(by_problem, users=users, seed=seed_of(seed), name=name)


def _posed(problem: str | Iterable[str]) -> tuple[str, ...]:
    """The problems asked for, by name.

    Raises
    ------
    TypeError, InstanceError
        If there is no such problem, or none.
    """
    if not isinstance(problem, Iterable):
        raise TypeError(f"problem: expected the name of a problem or several, got {type(problem).__name__}")
    posed = (problem,) if isinstance(problem, str) else tuple(problem)
    known = generator.posable()
    for each in posed:
        if name_of("problem", each, "the name of a problem") not in known:
            hint = f" (did you mean preset='{each}'?)" if each in PRESETS else suggestion(each, known)
            raise InstanceError(f"problem: expected one of {', '.join(known)}, got {show(each)}{hint}")
    if not posed:
        raise InstanceError("problem: expected at least one, got none")
    return posed


def _add(by_problem: dict[str, dict[str, Any]], options: Mapping[str, Any]) -> None:
    """Put further options beside those of the one problem posed."""
    if not isinstance(options, Mapping):
        raise TypeError(f"options: expected a mapping of names to values, got {type(options).__name__}")
    if len(by_problem) > 1:
        raise InstanceError(f"options: expected one problem with them, got {' and '.join(by_problem)}")
    ((posed, own),) = by_problem.items()
    known = _OPTIONS.get(posed, {})
    for option, value in options.items():
        if option in own:
            raise InstanceError(f"options.{option}: expected it once, got it twice")
        if known and option not in known:
            hint = suggestion(str(option), known)
            raise InstanceError(f"options: expected some of {', '.join(known)}, got {show(option)}{hint}")
        if isinstance(known.get(option), int | float) and as_number(value) is None:
            raise InstanceError(f"options.{option}: expected a number, got {show(value)}")
    own |= options


def _made(by_problem: Mapping[str, dict[str, Any]], *, users: int | None, seed: int, name: str | None) -> Instance:
    """The instance, each problem's options where the generator takes them."""
    steps = by_problem.get("step_allocation", {})
    others = {each: own for each, own in by_problem.items() if each not in generator.SECTIONS}
    for own in others.values():
        if users is not None:
            own.setdefault("users", users)
    return generator.generate(
        problems=tuple(by_problem),
        users=users,
        seed=seed,
        name=name,
        split_offloading=by_problem.get("split_offloading"),
        gqap=by_problem.get("gqap"),
        others=others,
        **steps,
    )
