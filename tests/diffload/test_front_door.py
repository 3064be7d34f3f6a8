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

import diffload

ROOT = Path(__file__).parents[2]

PLAIN = {"InstanceError", "Status", "plot"}
"""Names that take no arguments of a user: an error, an enumeration, a module."""

PLOTS = [getattr(diffload.plot, name) for name in diffload.plot.__all__]
FUNCTIONS = [getattr(diffload, name) for name in diffload.__all__ if name not in PLAIN]
MODULES = sorted({item.__module__ for item in (*FUNCTIONS, *PLOTS, diffload.Result)} | {"diffload"})


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
