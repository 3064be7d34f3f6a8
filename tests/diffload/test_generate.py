"""Instances of random numbers by the problem's name, each argument checked before any number is drawn."""

from __future__ import annotations

import pytest

import diffload
from instances.generation import generator


@pytest.mark.parametrize("problem", diffload.problems())
def test_every_problem_is_made_by_its_name(problem):
    made = diffload.generate(problem, users=6, seed=1)
    assert made.problems == (problem,)
    assert made.users == 6 if problem != "gqap" else made.items == 6
    assert made.sha256 == diffload.generate(problem, users=6, seed=1).sha256
    assert made.sha256 != diffload.generate(problem, users=6, seed=2).sha256


def test_arguments_reach_the_generators():
    assert diffload.generate().sha256 == generator.generate().sha256
    contended = diffload.generate(preset="contended", users=7, tightness=0.3, integer_steps=True)
    assert contended.sha256 == generator.generate("contended", users=7, tightness=0.3, integer_steps=True).sha256
    assert diffload.generate("split_offloading", users=4, gpus=2, max_batch=3).split_offloading.max_batch == 3
    assert diffload.generate("gqap", users=6, servers=2, options={"fill": 0.5}).places == 2
    assert diffload.generate("multi_edge_offloading", users=6, servers=3, max_batch=2).servers == 3
    both = diffload.generate(["step_allocation", "split_offloading"], users=5, gpus=1)
    assert both.problems == ("step_allocation", "split_offloading")


@pytest.mark.parametrize(
    ("call", "sentence"),
    [
        (
            lambda: diffload.generate("step_alocation"),
            r"problem: expected one of .*did you mean step_allocation\?",
        ),
        (lambda: diffload.generate("contended"), r"did you mean preset='contended'\?"),
        (lambda: diffload.generate([]), "problem: expected at least one, got none"),
        (lambda: diffload.generate(preset="papr"), r"did you mean paper\?"),
        (lambda: diffload.generate(users=0), "users: expected a whole number from 1"),
        (lambda: diffload.generate(seed=-1), "seed: expected a whole number from 0"),
        (lambda: diffload.generate(tightness=float("nan")), "tightness: expected a finite number >= 0, got NaN"),
        (lambda: diffload.generate(gpus=3), "gpus: expected split_offloading with it, got step_allocation"),
        (lambda: diffload.generate("gqap", servers=0), "servers: expected a whole number from 1"),
        (lambda: diffload.generate("gqap", options={"fil": 0.5}), r"did you mean fill\?"),
        (lambda: diffload.generate("gqap", options={"fill": "x"}), 'options.fill: expected a number, got "x"'),
        (
            lambda: diffload.generate("gqap", servers=2, options={"servers": 3}),
            "options.servers: expected it once",
        ),
        (
            lambda: diffload.generate("multi_edge_offloading", options={"towers": 3}),
            "expected some of preset, users, servers",
        ),
        (
            lambda: diffload.generate(["gqap", "split_offloading"], options={"fill": 0.5}),
            "options: expected one problem with them, got gqap and split_offloading",
        ),
    ],
)
def test_what_cannot_be_used_is_one_sentence(call, sentence):
    with pytest.raises(ValueError, match=sentence) as caught:
        call()
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    "options", [{"problem": 3}, {"users": 2.5}, {"users": "x"}, {"seed": None}, {"tightness": "x"}, {"preset": 3},
                {"options": 3}, {"problem": "split_offloading", "gpus": "8"}]
)  # fmt: skip
def test_a_wrong_type_is_a_type_error(options):
    with pytest.raises(TypeError, match=": expected "):
        diffload.generate(**options)
