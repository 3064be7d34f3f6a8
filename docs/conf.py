"""Configuration of the documentation site: ``python -m sphinx -W -b html docs docs/_build/html``."""

from __future__ import annotations

from importlib.metadata import version as package_version

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
autodoc_mock_imports = ["torch", "gymnasium", "diffusers"]
numpydoc_show_class_members = False
numpydoc_class_members_toctree = False

html_theme = "furo"
html_title = f"diffload {release}"
