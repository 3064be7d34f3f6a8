from __future__ import annotations

from importlib import import_module

import pytest

from formulations.evaluation import Metric
from formulations.problems import section_types
from solvers.core import registry


@pytest.mark.parametrize("problem", registry.PROBLEMS, ids=lambda p: p.name)
def test_a_problem_has_all_its_parts(problem):
    evaluation = import_module(problem.evaluation)
    assert callable(evaluation.evaluate_solution)
    assert callable(evaluation.describe)
    assert all(isinstance(metric, Metric) for metric in evaluation.METRICS)
    assert section_types()[problem.name].problem == problem.name
    assert problem.summary
    methods = registry.methods_for(problem.name)
    assert any(method.exact for method in methods)
    for auxiliary in problem.auxiliary_tables:
        assert callable(registry.load(auxiliary.function))
        assert callable(registry.load(auxiliary.table))
        assert auxiliary.beside in {method.name for method in methods}


@pytest.mark.parametrize("method", registry.METHODS, ids=lambda m: f"{m.problem}-{m.name}")
def test_a_method_is_where_the_registry_says(method):
    assert callable(method.load())
    assert registry.method(method.name, method.problem) is method
    assert method.problem in {problem.name for problem in registry.PROBLEMS}


def test_names_are_unique_within_a_problem():
    names = [(method.problem, method.name) for method in registry.methods()]
    assert len(set(names)) == len(names)


def test_an_unknown_name_lists_what_there_is():
    with pytest.raises(KeyError, match="price-search"):
        registry.method("magic")


@pytest.mark.parametrize("problem", registry.PROBLEMS, ids=lambda p: p.name)
def test_a_problem_shows_gaps_that_there_are(problem):
    from reports.tables.gap_measures import MEASURES

    assert "absolute_gap" in problem.gap_measures
    assert set(problem.gap_measures) <= set(MEASURES)
