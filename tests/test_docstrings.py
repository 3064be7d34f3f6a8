"""Docstrings as the pages of the API show them: every parameter with a type, and no other ones."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
FILES = [
    path
    for folder in ("diffload", "formulations", "instances", "solvers", "reports")
    for path in sorted((ROOT / folder).rglob("*.py"))
]
SECTION = re.compile(r"^Parameters\n-+\n(.*?)(?=^\w[\w ]*\n-+\n|\Z)", re.DOTALL | re.MULTILINE)
MARKED = re.compile(r":[\w:]+:`[^`]*`|``.*?``|`[^`]+`_", re.DOTALL)


def described(path: Path) -> Iterator[tuple[ast.AST, str, str]]:
    """What has a docstring in a file, with its place and the docstring."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.FunctionDef | ast.ClassDef | ast.Module) and (text := ast.get_docstring(node)):
            place = f"{path.relative_to(ROOT)}:{getattr(node, 'name', '')}"
            yield node, place, text


def entries(text: str) -> list[tuple[set[str], bool]]:
    """Names and whether they have a type, of each entry among the parameters."""
    found = SECTION.search(text)
    heads = [line for line in (found[1].splitlines() if found else ()) if line and not line.startswith(" ")]
    parts = [head.partition(" : ") for head in heads]
    return [({name.strip().lstrip("*") for name in names.split(",")}, bool(kind)) for names, _, kind in parts]


def faults(node: ast.AST, text: str) -> Iterator[str]:
    listed = entries(text)
    names = set[str]().union(*(some for some, _ in listed))
    yield from (f"no type: {sorted(some)}" for some, typed in listed if not typed)
    if listed and isinstance(node, ast.FunctionDef):
        taken = node.args
        positional = [each.arg for each in (*taken.posonlyargs, *taken.args, *taken.kwonlyargs)]
        others = {each.arg for each in (taken.vararg, taken.kwarg) if each}
        yield from (f"not described: {name}" for name in sorted(set(positional) - {"self", "cls"} - names))
        yield from (f"no such parameter: {name}" for name in sorted(names - set(positional) - others))
    plain = MARKED.sub("", text)
    yield from (f"raw markup: {found}" for found in re.findall(r"\\\(|\$[^$\n]+\$|`[^`\n]*`", plain))


def test_docstrings_describe_what_there_is() -> None:
    found = {
        place: wrong
        for path in FILES
        for node, place, text in described(path)
        if (wrong := list(faults(node, text)))
    }
    assert len(FILES) > 200
    assert found == {}


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("Parameters\n----------\na\n    One.\n", "no type: ['a']"),
        ("Parameters\n----------\nb : int\n    One.\n", "not described: a"),
        ("Parameters\n----------\na, b : int\n    One.\n", "no such parameter: b"),
        ("With `code` and ``code``.", "raw markup: `code`"),
        (r"With \(x\).", r"raw markup: \("),
    ],
)
def test_a_fault_is_found(text: str, fault: str) -> None:
    (function,) = ast.parse("def f(self, a): ...").body
    assert fault in list(faults(function, text))
