"""Instances: what is solved, their files, and how they are made."""

from pathlib import Path
from runpy import run_path

# Run by its path: a file of the user may stand where our package 'formulations' is looked for.
_shadow = run_path(str(Path(__file__).parents[1] / "formulations/runtime/shadow.py"))
_shadow["refuse_shadows"]("formulations")

from formulations.errors import InstanceError  # noqa: E402
from instances.files.documents import load, save  # noqa: E402
from instances.schema import Instance  # noqa: E402

__all__ = ["Instance", "InstanceError", "load", "save"]
