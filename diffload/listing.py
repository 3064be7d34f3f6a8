"""What there is: problems and methods, each with what it is in a line."""

from __future__ import annotations

from formulations.fields import show
from solvers.core import registry
from solvers.core.limits import name_of


def problems() -> dict[str, str]:
    """Return every problem by name, with what is decided in it.

    Returns
    -------
    dict of str
        The package's own problems first, then those of other packages.

    Examples
    --------
    >>> import diffload
    >>> list(diffload.problems())[:2]
    ['step_allocation', 'split_offloading']
    """
    return {known.name: known.summary for known in registry.problems()}


def methods(problem: str | None = None, *, exact: bool | None = None) -> dict[str, str]:
    """Return the methods by name, with what each does in a line.

    Parameters
    ----------
    problem : str, optional
        Only those of this problem; of several that have a name in common, the first is described.
    exact : bool, optional
        Only those that prove a bound, or only those that do not.

    Returns
    -------
    dict of str
        In the order in which they run; :func:`solve` takes the first exact one by default.

    Raises
    ------
    ValueError
        If there is no such problem.

    Examples
    --------
    >>> import diffload
    >>> list(diffload.methods("split_offloading", exact=True))[:2]
    ['batch-scan', 'scip-minlp']
    """
    if exact is not None and not isinstance(exact, bool):
        raise TypeError(f"exact: expected True, False or None, got {show(exact)}")
    if problem is not None:
        problem = registry.problem(name_of("problem", problem, "the name of a problem")).name
    found: dict[str, str] = {}
    for method in registry.methods():
        if problem in (None, method.problem) and exact in (None, method.exact):
            found.setdefault(method.name, method.summary)
    return found
