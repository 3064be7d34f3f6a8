"""Figures as data, and how they are drawn, whatever backend the surroundings ask for."""

from __future__ import annotations

import contextlib
import os


def _import_matplotlib() -> None:
    """Import it whatever backend the surroundings ask for: files need none, and theirs may not exist here."""
    asked = os.environ.pop("MPLBACKEND", None)
    try:
        import matplotlib as mpl
    finally:
        if asked is not None:
            os.environ["MPLBACKEND"] = asked
    if asked is not None:
        with contextlib.suppress(ValueError):
            mpl.rcParams["backend"] = asked


_import_matplotlib()
