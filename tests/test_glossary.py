"""The glossary names every field of every problem's data."""

from pathlib import Path

import pytest

from formulations.problem import Problem, load
from formulations.section import Section
from solvers.core import registry

GLOSSARY = Path(__file__).resolve().parents[1] / "docs" / "glossary.md"


@pytest.mark.parametrize("problem", registry.PROBLEMS, ids=lambda problem: problem.name)
def test_every_field_is_in_the_glossary(problem: Problem) -> None:
    text = GLOSSARY.read_text(encoding="utf-8")
    own = load(problem.data).model_fields.keys() - Section.model_fields.keys()
    assert own
    assert sorted(name for name in own if f"`{name}`" not in text) == []
