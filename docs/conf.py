"""Configuration of the documentation site: ``python -m sphinx -W -b html docs docs/_build/html``."""

from __future__ import annotations

import re
import sys
from importlib.metadata import version as package_version
from importlib.util import find_spec
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent))

project = "diffload"
author = "the diffload developers"
release = package_version("diffload")

extensions = [
    "myst_parser",
    "numpydoc",
    "sphinx.ext.autodoc",
    "sphinx.ext.autosummary",
    "sphinx.ext.mathjax",
    "sphinx.ext.viewcode",
    "sphinx_design",
    "sphinx_gallery.gen_gallery",
    "sphinx_proof",
    "sphinxcontrib.bibtex",
    "symbol_links",
]
exclude_patterns = ["_build", "examples/**/README.md", "gallery/*"]
templates_path = ["_templates"]
myst_enable_extensions = ["amsmath", "attrs_inline", "colon_fence", "dollarmath"]
myst_heading_anchors = 3
bibtex_bibfiles = ["references.bib"]
prf_realtyp_to_countertyp = dict.fromkeys(["theorem", "lemma", "corollary", "proposition"], "theorem")

autosummary_generate = True
# A name is described in the module that defines it, and on the page of the front door.
autodoc_default_options = {"members": True, "show-inheritance": True, "ignore-module-all": True}
autodoc_member_order = "bysource"
autodoc_typehints = "none"  # the parameters below each signature say the types in words
autodoc_mock_imports = [
    name for name in ("diffusers", "gymnasium", "nicegui", "starlette", "torch") if find_spec(name) is None
]
numpydoc_show_class_members = False
numpydoc_class_members_toctree = False

# Formulas are drawn by a file of the site itself, so that it can be read offline. SVG needs no font files.
MATHJAX = find_spec("sphinx-mathjax-offline")
if MATHJAX is None or MATHJAX.origin is None:
    raise ImportError("the site needs sphinx-mathjax-offline: python -m pip install '.[docs]'")
mathjax_path = "tex-svg.js"
html_static_path = ["_static", str(Path(MATHJAX.origin).parent / "static/mathjax/tex-svg.js")]

sphinx_gallery_conf = {
    "examples_dirs": ["gallery"],
    "gallery_dirs": ["_gallery"],
    "filename_pattern": r"\.py$",
    "download_all_examples": False,
    "write_computation_times": False,  # its table loads scripts from another host
    "remove_config_comments": True,
    "show_signature": False,
    "within_subsection_order": "FileNameSortKey",
}

html_theme = "pydata_sphinx_theme"
html_theme_options = {
    "navigation_with_keys": False,
    "show_prev_next": False,
    "secondary_sidebar_items": ["page-toc"],
}
html_sidebars = {
    "_api/**": [],
    "_modules/**": [],
    **{page: [] for page in ("index", "start", "api", "glossary", "references")},  # no page is below them
}  # a tree of all modules on each of their pages takes minutes
html_context = {"default_mode": "auto"}
html_title = f"diffload {release}"
html_show_search_summary = False  # a page from a file may not read the others for their first words
html_css_files = ["site.css"]


def escape_bars(app: Any, what: str, name: str, obj: Any, options: Any, lines: list[str]) -> None:
    """Keep |x|, an absolute value, from being read as a substitution."""
    lines[:] = [re.sub(r"\|([^|]+)\|", r"\\|\1\\|", line) for line in lines]


def setup(app: Any) -> None:
    """Hook into autodoc."""
    app.connect("autodoc-process-docstring", escape_bars)
