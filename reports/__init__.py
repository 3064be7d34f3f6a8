"""Shows results as tables, files and figures, made from results only."""

from pathlib import Path
from runpy import run_path

# Run by its path: a file of the user may stand where our package 'formulations' is looked for.
_shadow = run_path(str(Path(__file__).parents[1] / "formulations/runtime/shadow.py"))
_shadow["refuse_shadows"]("formulations", "instances", "solvers")
