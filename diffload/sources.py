"""Where instances come from: files, the library, and the generator."""

from __future__ import annotations

from instances.files import shipped
from instances.files.documents import load, save
from instances.generation.generator import generate

__all__ = ["generate", "library", "load", "save"]


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
