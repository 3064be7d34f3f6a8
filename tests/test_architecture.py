"""The layout that CONTRIBUTING.md draws, read from the source: imports, circles, sizes of files and folders."""

from __future__ import annotations

import ast
import re
from collections import Counter
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]

LAYERS = ("formulations", "instances", "solvers", "reports", "diffload")
"""Packages from the lowest to the highest: each may import itself and those before it."""

DOORS = {"solvers.compare", "solvers.step_allocation.sensitivity"}
"""Modules of ``solvers`` that print, and therefore may import ``reports``; they hold nothing but a call each."""

MOST_MODULES = 12
"""Most modules of a folder."""

MOST_LINES = 400


def modules() -> dict[str, Path]:
    """File of every module, by its dotted name."""
    found = {}
    for layer in LAYERS:
        for path in (ROOT / layer).rglob("*.py"):
            parts = path.relative_to(ROOT).with_suffix("").parts
            found[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = path
    return found


MODULES = modules()


@cache
def imported(name: str) -> set[str]:
    """Modules of ours that a module imports anywhere, inside functions included; not for types alone."""
    tree = ast.parse(MODULES[name].read_text(encoding="utf-8"))
    for_types = {
        id(inner)
        for node in ast.walk(tree)
        if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test)
        for statement in node.body
        for inner in ast.walk(statement)
    }
    found: set[str] = set()
    for node in ast.walk(tree):
        if id(node) in for_types:
            continue
        if isinstance(node, ast.Import):
            found.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module is not None:
            for alias in node.names:
                inner = f"{node.module}.{alias.name}"
                found.add(inner if inner in MODULES else node.module)
    return {module for module in found if module in MODULES and module != name}


def circles() -> Iterator[list[str]]:
    """Every circle of imports that a walk in depth meets."""
    done: set[str] = set()

    def walk(name: str, path: list[str]) -> Iterator[list[str]]:
        if name in path:
            yield path[path.index(name) :]
        elif name not in done:
            for other in sorted(imported(name)):
                yield from walk(other, [*path, name])
            done.add(name)

    for name in MODULES:
        yield from walk(name, [])


def test_imports_form_no_circle() -> None:
    assert list(circles()) == []


@pytest.mark.parametrize("layer", LAYERS)
def test_imports_go_down(layer: str) -> None:
    higher = LAYERS[LAYERS.index(layer) + 1 :]
    upwards = [
        (name, other)
        for name in MODULES
        if name.partition(".")[0] == layer
        for other in imported(name)
        if other.partition(".")[0] in higher and not (name in DOORS and other.startswith("reports"))
    ]
    assert upwards == []


@pytest.mark.parametrize("name", sorted(DOORS))
def test_doors_hold_nothing_else(name: str) -> None:
    tree = ast.parse(MODULES[name].read_text(encoding="utf-8"))
    defined = [node.name for node in tree.body if isinstance(node, ast.FunctionDef)]
    assert set(defined) <= {"main", "script"}
    classes = [node.name for node in tree.body if isinstance(node, ast.ClassDef)]
    assert set(classes) <= {"_CallableModule"}, "solvers.compare bears the name of a function"


def test_folders_can_be_seen_at_a_glance() -> None:
    counts = Counter(path.parent for path in MODULES.values() if path.name != "__init__.py")
    assert {folder: count for folder, count in counts.items() if count > MOST_MODULES} == {}


def test_no_file_is_too_long() -> None:
    lengths = {name: len(path.read_text(encoding="utf-8").splitlines()) for name, path in MODULES.items()}
    assert {name: length for name, length in lengths.items() if length > MOST_LINES} == {}


def test_tests_mirror_the_tree() -> None:
    tests = ROOT / "tests"
    folders = {path.parent.relative_to(tests) for path in tests.rglob("test_*.py")}
    assert {folder for folder in folders if not (ROOT / folder).is_dir()} == {Path("pages")}, "pages of the site"


def test_contributing_names_every_folder() -> None:
    picture = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8").split("## How the code is laid out")[1]
    named = set(re.findall(r"[\w<>]+(?=/)", picture.split("Imports go up")[0]))
    folders = {path.parent.relative_to(ROOT).parts[:3] for path in MODULES.values()}
    methods = {parts[2] for parts in folders if parts[0] == "solvers" and len(parts) == 3}
    seconds = {parts[1] for parts in folders if len(parts) > 1}
    assert (methods | seconds) - named == set()
