"""One vocabulary, and a sentence for what cannot be used: nothing is ignored, nothing ends as an error row."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import diffload
import solvers

CALLS = {
    "solve": lambda **options: diffload.solve("n10", **options),
    "compare": lambda **options: diffload.compare("n10", "price-search", **options),
    "solve_many": lambda **options: diffload.solve_many(["n10"], **options),
    "sensitivity": lambda **options: diffload.sensitivity("n10", **options),
    "simulate": lambda **options: diffload.simulate(intervals=1, **options),
    "tradeoff": lambda **options: diffload.plot.tradeoff("n10", "edge_step_capacity", [1.0], **options),
    "solve_native": lambda **options: diffload.solve_native(None, **options),
    "solvers.compare": lambda **options: solvers.compare("n10", "price-search", **options),
}


@pytest.mark.parametrize("call", CALLS)
@pytest.mark.parametrize(
    ("options", "error", "sentence"),
    [
        ({"limits": 3}, TypeError, r"limits: expected Limits\(...\), got 3"),
        ({"time_limit": "1 s"}, TypeError, 'time_limit: expected seconds, got "1 s"'),
        ({"time_limit": 0}, ValueError, "time_limit: expected seconds above 0, got 0"),
        ({"time_limit": float("nan")}, ValueError, "time_limit: expected seconds above 0, got NaN"),
        ({"gap": "small"}, TypeError, 'gap: expected a fraction, got "small"'),
        ({"gap": 1.0}, ValueError, "gap: expected a fraction from 0 to below 1, got 1.0"),
        ({"threads": 1.5}, TypeError, "threads: expected a whole number, got 1.5"),
        ({"threads": 0}, ValueError, "threads: expected 1 to 1024, got 0"),
        ({"limits": diffload.Limits(), "gap": 0.1}, TypeError, "gap: expected either limits or gap, got both"),
    ],
)
def test_limits_are_the_same_everywhere(call, options, error, sentence):
    with pytest.raises(error, match=sentence):
        CALLS[call](**options)


@pytest.mark.parametrize(
    ("call", "error", "sentence"),
    [
        (lambda: diffload.solve("n10", seed="x"), TypeError, 'seed: expected a whole number, got "x"'),
        (lambda: diffload.solve("n10", seed=True), TypeError, "seed: expected a whole number, got true"),
        (lambda: diffload.solve("n10", seed=-1), ValueError, "seed: expected a whole number from 0"),
        (lambda: diffload.compare("n10", seeds=1.5), TypeError, "seeds: expected a whole number, got 1.5"),
        (
            lambda: diffload.compare("n10", 3),
            TypeError,
            "method: expected the name of a method or several, got int",
        ),
        (lambda: diffload.compare("n10", [3]), TypeError, "method: expected names of methods, got 3"),
        (lambda: diffload.compare(3), TypeError, "instances: expected an instance or several, got int"),
        (lambda: diffload.solve(3), TypeError, "instance: expected an instance, a file"),
        (
            lambda: diffload.solve("n10", pd.Series(["random"])),
            TypeError,
            "expected the name of a method, got Series",
        ),
        (lambda: diffload.solve("n10", "prize-search"), ValueError, r"did you mean price-search\?"),
        (lambda: diffload.solve("n10", "batch-scan"), ValueError, "poses step_allocation, which 'batch-scan'"),
        (lambda: diffload.solve("n10", problem="gqap"), ValueError, "does not pose 'gqap'"),
        (lambda: diffload.solve("n30"), ValueError, "problem='step_allocation' or problem='split_offloading'"),
        (lambda: diffload.solve_many(["n30"]), ValueError, "several problems: expected problem='step_allocation'"),
        (lambda: diffload.solve_many([]), ValueError, "expected at least one, got none"),
        (lambda: diffload.solve_many(["n10", "split_i5_g1"]), ValueError, "expected all of step_allocation or"),
        (lambda: diffload.load("n31"), diffload.InstanceError, r"did you mean n30\?"),
        (lambda: diffload.methods("step_alocation"), ValueError, "did you mean step_allocation"),
        (lambda: diffload.build("p2", "n10"), ValueError, "unknown model 'p2', expected one of"),
        (lambda: diffload.build("gqap/rlt1", "n10"), ValueError, "poses step_allocation, expected gqap"),
        (lambda: diffload.solution(3), TypeError, "expected one that diffload.build has made, got int"),
        (lambda: diffload.compare([]), ValueError, "instances: expected at least one, got none"),
        (lambda: diffload.compare("n10", []), ValueError, "method: expected at least one name, got none"),
        (lambda: diffload.methods(exact="yes"), TypeError, 'exact: expected True, False or None, got "yes"'),
        (lambda: diffload.save("n10", "n10.json"), TypeError, "instance: expected an Instance, got str"),
        (lambda: diffload.save(diffload.load("n10"), 3), TypeError, "path: expected the path of a file or folder"),
        (lambda: diffload.export("n10", "n10.nl"), TypeError, "model: expected a model of Pyomo, .* got str"),
        (
            lambda: diffload.export(diffload.build("p1-convex", "n10"), "no folder/n10.nl"),
            ValueError,
            r"cannot write 'no folder/n10.nl' \(No such file or directory\)",
        ),
        (
            lambda: diffload.solve_native(diffload.build("p1-convex", "n10"), 3),
            TypeError,
            "solver: expected the name of a solver, got 3",
        ),
        (lambda: diffload.solve_sharded(3, []), TypeError, "client: expected a distributed.Client, got int"),
        (lambda: diffload.check_certificate("n10", 3), TypeError, "result: expected a Result, got int"),
        (lambda: diffload.solve_many(["n10"])[1], IndexError, "snapshots: expected a place below 1, got 1"),
        (lambda: diffload.solve("n10").to_frame(3), TypeError, "instance: expected an Instance, got int"),
        (lambda: diffload.solve("n10").plot(3), TypeError, "ax: expected axes of matplotlib, got int"),
        (lambda: diffload.plot.solution(3), TypeError, "result: expected a Result, got int"),
        (lambda: diffload.plot.gaps(3), TypeError, "comparison: expected a Comparison, got int"),
        (lambda: diffload.plot.convergence(3), TypeError, "results: expected a Result or several, got int"),
        (lambda: diffload.plot.tradeoff("n10", 3, [1]), TypeError, "field: expected the name of a field, got 3"),
        (lambda: diffload.plot.tradeoff("n10", "users", 3), TypeError, "values: expected several values"),
        (
            lambda: diffload.plot.tradeoff("n10", "users", []),
            ValueError,
            "values: expected at least one, got none",
        ),
        (lambda: diffload.simulate(users_per_interval="x"), TypeError, 'expected a mean number of users, got "x"'),
        (
            lambda: diffload.simulate(users_per_interval=np.nan),
            ValueError,
            "users above 0 and up to 1e.06, got NaN",
        ),
        (lambda: diffload.train(out=3), TypeError, "out: expected the path of a file or folder, got int"),
        (lambda: diffload.train(out="x", minutes=np.nan), ValueError, "minutes: expected minutes above 0"),
        (lambda: diffload.train(out="x", minutes=-1), ValueError, "minutes: expected minutes above 0"),
        (lambda: diffload.train("case", out="x"), ValueError, "^instance: expected a value with scope case$"),
        (lambda: diffload.compare("n10", progress=3), TypeError, "progress: expected True, False or None"),
        (
            lambda: diffload.compare("n10", progress=np.ones(2)),
            TypeError,
            "progress: expected True, False or None",
        ),
    ],
)
def test_what_cannot_be_used_is_one_sentence(call, error, sentence):
    with pytest.raises(error, match=sentence) as caught:
        call()
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    "call",
    [lambda: solvers.solve("n10", method_name="random"), lambda: solvers.compare("n10", solvers=["random"])],
)
def test_former_keywords_name_the_new_one(call):
    with pytest.raises(TypeError, match="is now 'method'"):
        call()


def test_the_former_name_of_the_time_limit_names_the_new_one():
    with pytest.raises(TypeError, match="'time_seconds' is now 'time_limit'"):
        diffload.Limits(time_seconds=1.0)
    with pytest.raises(AttributeError, match="'time_seconds' is now 'time_limit'"):
        _ = diffload.Limits().time_seconds


def test_numbers_of_numpy_are_numbers():
    asked = {"time_limit": np.float32(5), "gap": np.float64(1e-4), "threads": np.int64(1), "seed": np.int32(3)}
    result = diffload.solve("n10", "random", **asked)
    assert result.seed == 3
    assert result.limits == diffload.Limits(5.0, 1e-4, 1)


def test_the_best_exact_method_is_the_default():
    used = {name: diffload.solve(name).method for name in ("n10", "n30_constrained", "split_i5_g1")}
    assert used == {"n10": "price-search", "n30_constrained": "price-search", "split_i5_g1": "batch-scan"}


def test_limits_can_be_given_at_once():
    limits = diffload.Limits(time_limit=3.0, gap=0.1)
    assert diffload.solve("n10", limits=limits).limits is limits
    assert {result.limits for result in diffload.compare("n10", "price-search", limits=limits)} == {limits}
