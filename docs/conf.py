"""Configuration of the documentation site: ``python -m sphinx -W -b html docs docs/_build/html``."""

from __future__ import annotations

import re
from importlib.metadata import version as package_version
from typing import Any

project = "diffload"
author = "the diffload developers"
release = package_version("diffload")

extensions = ["myst_parser", "numpydoc", "sphinx.ext.autodoc", "sphinx.ext.autosummary", "sphinx.ext.mathjax"]
exclude_patterns = ["_build", "examples/**/README.md"]
myst_enable_extensions = ["dollarmath", "amsmath"]
myst_heading_anchors = 3

autosummary_generate = True
autodoc_member_order = "bysource"
autodoc_typehints = "none"
autodoc_mock_imports = ["dask", "diffusers", "distributed", "gymnasium", "torch"]
numpydoc_show_class_members = False
numpydoc_class_members_toctree = False

html_theme = "furo"
html_title = f"diffload {release}"


def escape_bars(app: Any, what: str, name: str, obj: Any, options: Any, lines: list[str]) -> None:
    """Keep |x|, an absolute value, from being read as a substitution."""
    lines[:] = [re.sub(r"\|([^|]+)\|", r"\\|\1\\|", line) for line in lines]


def setup(app: Any) -> None:
    """Hook into autodoc."""
    app.connect("autodoc-process-docstring", escape_bars)
