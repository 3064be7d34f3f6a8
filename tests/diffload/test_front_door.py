"""The names of ``diffload``: what there is, that it is documented, and that every example runs."""

from __future__ import annotations

import doctest
import importlib
import inspect
import re
import subprocess
import sys
from pathlib import Path

import pytest
from pydantic import BaseModel

import diffload

ROOT = Path(__file__).parents[2]

PLAIN = {"InstanceError", "Status", "plot"}
"""Names that take no arguments of a user: an error, an enumeration, a module."""

PLOTS = [getattr(diffload.plot, name) for name in diffload.plot.__all__]
FUNCTIONS = [getattr(diffload, name) for name in diffload.__all__ if name not in PLAIN]
METHODS = [
    method
    for kind in (getattr(diffload, name) for name in diffload.__all__)
    if inspect.isclass(kind)
    for name, method in inspect.getmembers(
        kind, lambda value: inspect.isfunction(value) or inspect.ismethod(value)
    )
    if name[0] != "_" and not hasattr(BaseModel, name) and not issubclass(kind, Exception | str)
]
"""Methods of public classes; what pydantic asks for is documented there."""

NAMED_IN_GUIDES = [
    "formulations.split_offloading.models.gqap_reduction.as_gqap",
    "formulations.step_allocation.best_response.best_steps_at_price",
    "instances.files.solution_files.load_solution",
    "solvers.core.infeasibility.explain",
    "solvers.external.algebraic.solve_model",
    "solvers.step_allocation.fixed_offloading.best_steps",
]
"""Functions outside diffload that CONTRIBUTING or a page names."""

GUIDES = [
    getattr(importlib.import_module(module), name)
    for module, _, name in (name.rpartition(".") for name in NAMED_IN_GUIDES)
]
MODULES = sorted({item.__module__ for item in (*FUNCTIONS, *PLOTS, *METHODS, *GUIDES)} | {"diffload"})


def test_the_page_of_the_api_lists_every_name_and_no_other():
    page = (ROOT / "docs" / "api.md").read_text(encoding="utf-8")
    listed = re.findall(r"^ +~?diffload\.([\w.]+)$", page, re.MULTILINE)
    plots = [f"plot.{name}" for name in diffload.plot.__all__]
    assert sorted(listed) == sorted([name for name in diffload.__all__ if name != "plot"] + plots)


def test_editors_see_every_name():
    source = (ROOT / "diffload" / "__init__.py").read_text(encoding="utf-8")
    assert sorted(re.findall(r" import \w+ as (\w+)$", source, re.MULTILINE)) == sorted(diffload.__all__)
    assert set(diffload.__all__) <= set(dir(diffload))


def test_unknown_names_are_attribute_errors():
    with pytest.raises(AttributeError, match="has no attribute 'slove'"):
        diffload.slove  # noqa: B018


@pytest.mark.parametrize("item", [*FUNCTIONS, *PLOTS], ids=lambda item: item.__name__)
def test_every_name_has_a_signature_and_a_page(item):
    kinds = {parameter.kind for parameter in inspect.signature(item).parameters.values()}
    if item not in (diffload.Instance,):
        assert not kinds & {inspect.Parameter.VAR_POSITIONAL, inspect.Parameter.VAR_KEYWORD}
    text = inspect.getdoc(item)
    assert "Examples\n--------" in text
    for name in inspect.signature(item).parameters if inspect.isfunction(item) else ():
        assert re.search(rf"^(.*, )?{name}\b.*( : |$)", text, re.MULTILINE), name


@pytest.mark.parametrize("item", [*METHODS, *GUIDES], ids=lambda item: item.__qualname__)
def test_methods_and_what_the_guides_name_have_an_example(item):
    assert "Examples\n--------" in inspect.getdoc(item)


def test_the_guides_name_what_has_an_example():
    guides = [ROOT / "CONTRIBUTING.md", ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
    text = "\n".join(path.read_text(encoding="utf-8") for path in guides if path.name != "changelog.md")
    for item in GUIDES:
        assert re.search(rf"\b{item.__module__}(\.{item.__name__}\b| import .*\b{item.__name__}\b)", text), item


@pytest.mark.parametrize("name", MODULES)
def test_every_example_runs(name, monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    module = importlib.import_module(name)
    finder = doctest.DocTestFinder()
    tests = [test for test in finder.find(module) if test.examples]
    runner = doctest.DocTestRunner(optionflags=doctest.IGNORE_EXCEPTION_DETAIL)
    for test in tests:
        runner.run(test)
    assert tests
    assert runner.failures == 0


def test_the_import_alone_loads_nothing():
    heavy = ("numpy", "pandas", "pydantic", "numba", "pyomo", "matplotlib", "solvers", "instances")
    program = f"import sys, diffload; print([name for name in {heavy} if name in sys.modules])"
    ran = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, cwd=ROOT, check=True)
    assert ran.stdout == "[]\n"


def test_a_solve_loads_neither_models_nor_pictures():
    heavy = ("pandas", "pyomo", "matplotlib", "torch", "cvxpy")
    program = (
        "import sys, diffload; print(diffload.solve('n10').status); "
        f"print([name for name in {heavy} if name in sys.modules])"
    )
    ran = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, cwd=ROOT, check=True)
    assert ran.stdout == "optimal\n[]\n"
