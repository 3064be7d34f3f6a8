"""The packages with utility (7) replaced by C2 s / (1 + C2 s), and agreement tests to be run with them.

    python another_utility.py CHECK   # in the folder that `copy_packages` has filled

A formula of utility that is left anywhere else disagrees with the replaced ones.
"""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]

REPLACED = {
    "formulations/step_allocation/quality/arrays.py": """

class Hyperbolic(Exponential):
    def left(self, decay, steps):
        return 1.0 / (1.0 + decay * steps)

    def gone(self, decay, steps):
        return decay * steps / (1.0 + decay * steps)

    def fall(self, decay, first, last):
        return self.gone(decay, last) - self.gone(decay, first)

    def slope(self, decay, steps):
        return decay / (1.0 + decay * steps) ** 2

    def curvature(self, decay, steps):
        return 2.0 * decay**2 / (1.0 + decay * steps) ** 3

    def steps_to_leave(self, decay, share):
        return (1.0 / share - 1.0) / decay

    def steps_to_lose(self, decay, share):
        return share / (1.0 - share) / decay

    def steps_at_slope(self, decay, slope):
        return (np.sqrt(decay / slope) - 1.0) / decay


UTILITY = Hyperbolic()
""",
    "formulations/step_allocation/quality/kernels.py": """

@inlined
def utility_terms(weight, decay, steps):
    left = 1.0 / (1.0 + decay * steps)
    slope = weight * decay * left * left
    curvature = 2.0 * slope * decay * left
    return weight * left, -weight * decay * steps * left, slope, curvature, 3.0 * curvature * decay * left


@inlined
def utility_start(weight, decay):
    slope = weight * decay
    return slope, 2.0 * slope * decay


@inlined
def utility_step(weight, decay, steps):
    return -weight * decay / ((1.0 + decay * steps) * (1.0 + decay * (steps + 1.0)))


@inlined
def utility_steps_at(weight, decay, slope):
    steepest = weight * decay
    return float((np.sqrt(steepest / slope) - 1.0) / decay) if steepest > slope else 0.0
""",
    "formulations/step_allocation/quality/models.py": """

def pyomo_utility_missing(decay, steps, lower):
    return 1.0 / (1.0 + decay * steps)


def cvxpy_utility_missing(weight, decay, steps):
    import cvxpy as cp

    return cp.multiply(weight, cp.inv_pos(1.0 + cp.multiply(decay, steps)))


def scip_utility_missing(weight, decay, steps):
    return weight / (1.0 + decay * steps)
""",
    "solvers/step_allocation/certificates/quality.py": """

def utility(weight, decay, steps):
    return weight * decay * steps / (1.0 + decay * steps)


def utility_slope(weight, decay, steps):
    return weight * decay / (1.0 + decay * steps) ** 2


def utility_gained(weight, decay, lower, upper):
    return utility(weight, decay, upper) - utility(weight, decay, lower)


def steps_to_utility(level, decay):
    return level / (1.0 - level) / decay
""",
}
"""What is appended to each of the files that hold the formula; later definitions replace earlier ones."""


def copy_packages(folder: Path, *kept: str) -> None:
    """Fill a folder with the packages, utility replaced in every file that holds it but the ``kept`` ones."""
    for package in ("formulations", "instances", "solvers"):
        for source in (ROOT / package).rglob("*.py"):
            copy = folder / source.relative_to(ROOT)
            copy.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(source, copy)
    for name, text in REPLACED.items():
        if name not in kept:
            # Kernels bind what they call when they are compiled, so that the end of the file is early enough.
            with (folder / name).open("a") as file:
                file.write(text)


def instance(users: int = 4, seed: int = 0, **fields):
    """A contended instance with the other utility; in SciPy's reach where steps are whole and few."""
    from builders import step_allocation

    return step_allocation(users, seed, edge_step_capacity=8.0 * users, cost_weight=0.3, **fields)


def whole(seed: int):
    return instance(3, seed, integer_steps=True, local_max_steps=12.0, edge_max_steps=20.0)


def check_models() -> None:
    """Pyomo and CVXPY expressions, and the validation of padded arrays, have the evaluator's values."""
    import cvxpy as cp
    import numpy as np
    import pyomo.environ as pyo

    from formulations.step_allocation import costs
    from formulations.step_allocation.evaluation import evaluate
    from formulations.step_allocation.models import expressions, p2
    from solvers.snapshots import arrays
    from solvers.step_allocation.lagrangian.many import stack

    data, steps = instance(), np.array([0.5, 3.0, 20.0, 41.0])
    utility = data.utility_decay_per_step * steps / (1.0 + data.utility_decay_per_step * steps)
    np.testing.assert_allclose(costs.utility(data, steps), utility, rtol=1e-14)
    variable = pyo.Var(initialize=0.0)
    variable.construct()
    for n in range(data.users):
        variable.value = float(steps[n])
        for lower in (0.0, 0.25):
            value = pyo.value(expressions.quality_cost(data, n, variable, lower))
            np.testing.assert_allclose(value, costs.quality_cost(data, steps)[n], rtol=1e-12)
    variables = {"s": cp.Variable(data.users), "phi": cp.Variable(data.users)}
    variables["s"].value, variables["phi"].value = steps, costs.quality_cost(data, steps)
    np.testing.assert_allclose(p2.quality(variables, data).expr.value, 0.0, atol=1e-12)
    offload = np.array([0.0, 1.0, 0.0, 1.0])
    of_arrays = arrays.step_allocation(stack([data]), offload[None], steps[None])
    np.testing.assert_allclose(of_arrays.objective, evaluate(data, offload, steps).objective, rtol=1e-12)


def check_searches() -> None:
    """Every engine agrees with enumeration and with the others; certificates prove the bounds."""
    import numpy as np
    from engines import ENGINES, WRITE_CERTIFICATES
    from reference import brute_force

    from formulations.step_allocation.evaluation import evaluate_solution
    from solvers.core.limits import Limits
    from solvers.step_allocation.certificates.check import check

    limits = Limits(time_limit=60.0, gap=1e-9)
    for data in [whole(seed) for seed in range(3)] + [instance(20)]:
        found = []
        for engine, solve in ENGINES.items():
            outcome = solve(data, limits)
            value = evaluate_solution(data, outcome.solution).objective
            assert value - outcome.bound <= 1e-8 * abs(value), engine
            if engine in WRITE_CERTIFICATES:
                checked = check(data, outcome.certificate, outcome.solution)
                assert value - checked.bound <= 1e-7 * abs(value), engine
            found.append(value)
        if data.integer_steps:
            found.append(brute_force(data))
        np.testing.assert_allclose(found, found[0], rtol=1e-8)


def check_kkt() -> None:
    """The KKT solver's points satisfy the conditions, and CVXPY finds the same objective."""
    from subproblems import random_subproblem

    from solvers.step_allocation.kkt import bisection
    from solvers.step_allocation.kkt.p2_cvxpy import CvxpyP2

    for seed in range(3):
        p2 = random_subproblem(instance(seed=seed), seed, tau=0.1)
        point = bisection.solve(p2)
        assert point.residuals.worst <= 1e-8, point.residuals
        theirs = CvxpyP2(p2.data, p2.shift).solve(p2)
        assert abs(theirs.objective - point.objective) <= 1e-5 * max(1.0, abs(point.objective))


def check_scip() -> None:
    """All models by SCIP and the outer approximation by HiGHS have the price search's optimum."""
    import numpy as np

    from formulations.step_allocation.evaluation import evaluate_solution
    from solvers.core.limits import Limits
    from solvers.step_allocation import price_search
    from solvers.step_allocation.mip import highs_outer_approximation, scip, scip_reduced

    data, limits = instance(4), Limits(time_limit=60.0, gap=1e-6)
    models = (scip.solve_convex, scip.solve_literal, scip_reduced.solve, highs_outer_approximation.solve)
    methods = (price_search.solve, *models)
    found = [evaluate_solution(data, method(data, limits, 0).solution).objective for method in methods]
    np.testing.assert_allclose(found, found[0], rtol=2e-5)


def check_refusal() -> None:
    """A checker that still has the old utility, kept in its file, refuses to prove the bound."""
    from formulations.step_allocation.evaluation import evaluate_solution
    from solvers.core.limits import Limits
    from solvers.step_allocation import price_search
    from solvers.step_allocation.certificates.check import check

    data = instance(6)
    outcome = price_search.solve(data, Limits(time_limit=60.0, gap=1e-9), 0)
    value = evaluate_solution(data, outcome.solution).objective
    assert abs(check(data, outcome.certificate, outcome.solution).objective - value) > 1e-3 * abs(value)


CHECKS = {
    "models": check_models,
    "searches": check_searches,
    "kkt": check_kkt,
    "solvers": check_scip,
    "refusal": check_refusal,
}


if __name__ == "__main__":
    sys.path.insert(0, str(Path.cwd()))
    import formulations

    assert Path(formulations.__file__).is_relative_to(Path.cwd())
    CHECKS[sys.argv[1]]()
