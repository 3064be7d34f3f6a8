"""P2 (16) of step allocation as an explicit CVXPY model, parametrised so that it is compiled once.

The scenario is built in; what changes from one subproblem of Algorithms 1 and 3 to the next (u, v, z and the
slope of the penalty) are parameters, so that a re-solve does not compile again (DPP). Rewritings that make the
problem disciplined without changing it (docs/theory/step_allocation):

* The quality cost phi_n that both places share is an epigraph variable. R_0
  and R_1 are then affine, and their squares convex; as shifted costs are positive, phi is at its epigraph.
* x^2 q is written (sqrt(q) x)^2, with sqrt(q) and 1/(2 sqrt(q)) as parameters: squaring after scaling keeps
  the cones well scaled when u, v or z are tiny.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import cvxpy as cp
import numpy as np

from formulations.fields import FloatArray
from formulations.step_allocation import costs
from formulations.step_allocation.domain import coupling_rows, model_steps
from formulations.step_allocation.models.surrogate import Subproblem, offload_range
from formulations.step_allocation.parameters import EDGE, LOCAL, StepAllocation
from formulations.step_allocation.quality.models import cvxpy_error_left, cvxpy_utility_missing


@dataclass(frozen=True)
class P2Model:
    """The native problem and its parts by name.

    Attributes
    ----------
    problem : cvxpy.Problem
        Minimise G - tau H, but for the constant of H; extend it by building another ``cvxpy.Problem`` from its
        objective and constraints.
    variables : dict
        ``a``, ``s`` and ``phi``, each of shape (N,).
    parameters : dict
        ``sqrt_u``, ``half_inverse_sqrt_u`` and the same of v and z; ``penalty_slope``; each of shape (N,).
    constraints : dict
        ``offload_nonnegative``, ``offload_at_most_one`` (16a), ``capacity`` (16b), ``step_limit`` (16c),
        ``steps_at_least`` and ``quality``; after a solve, the ``dual_value`` of the first five is beta, gamma,
        delta, zeta and nu. Rows of further constraints follow, by family and number.
    """

    problem: cp.Problem
    variables: Mapping[str, cp.Variable]
    parameters: Mapping[str, cp.Parameter]
    constraints: Mapping[str, cp.Constraint]


def build(data: StepAllocation, shift: FloatArray) -> P2Model:
    """Model of P2 for one scenario and shift M_n; :func:`load` sets the parameters.

    Raises
    ------
    ValueError
        If a further constraint couples users in a way that has no convex surrogate, see :func:`not_convex`.
    """
    variables = {name: cp.Variable(data.users, name=name) for name in ("a", "s", "phi")}
    parameters = declare_parameters(data.users)
    lower, upper = offload_range(data)
    constraints = {
        "offload_nonnegative": variables["a"] >= lower,  # (16a)
        "offload_at_most_one": variables["a"] <= upper,  # (16a)
        "capacity": capacity(variables, parameters, data),  # (16b)
        "step_limit": step_limit(variables, data),  # (16c)
        "steps_at_least": steps_at_least(variables, data),
        "quality": quality(variables, data),
        **coupling(variables, parameters, data),
    }
    for name, constraint in constraints.items():
        constraint.set_label(name)
    goal = surrogate_cost(variables, parameters, data, shift) - penalty(variables, parameters)  # (15), (16)
    return P2Model(cp.Problem(cp.Minimize(goal), list(constraints.values())), variables, parameters, constraints)


def declare_parameters(users: int) -> dict[str, cp.Parameter]:
    """sqrt(q) and 1/(2 sqrt(q)) of q = u, v, z, and the slope of tau H."""
    parameters = {}
    for symbol in ("u", "v", "z"):
        for name in (f"sqrt_{symbol}", f"half_inverse_sqrt_{symbol}"):
            parameters[name] = cp.Parameter(users, name=name, nonneg=True)
    parameters["penalty_slope"] = cp.Parameter(users, name="penalty_slope")
    return parameters


def load(model: P2Model, p2: Subproblem) -> None:
    """Set every parameter of the model to one subproblem's value."""
    for symbol, auxiliary in (("u", p2.u), ("v", p2.v), ("z", p2.z)):
        model.parameters[f"sqrt_{symbol}"].value = np.sqrt(auxiliary)
        model.parameters[f"half_inverse_sqrt_{symbol}"].value = 0.5 / np.sqrt(auxiliary)
    model.parameters["penalty_slope"].value = p2.penalty_slope


def surrogate_cost(
    variables: Mapping[str, cp.Variable],
    parameters: Mapping[str, cp.Parameter],
    data: StepAllocation,
    shift: FloatArray,
) -> cp.Expression:
    """G = sum R_0^2 u + (1-a)^2/(4u) + R_1^2 v + a^2/(4v) [-], (10)."""
    offload = variables["a"]
    local = product_bound(place_cost(variables, data, shift, LOCAL), 1.0 - offload, parameters, "u")
    edge = product_bound(place_cost(variables, data, shift, EDGE), offload, parameters, "v")
    return local + edge


def place_cost(
    variables: Mapping[str, cp.Variable], data: StepAllocation, shift: FloatArray, place: int
) -> cp.Expression:
    """Shifted cost R_{n,r} + M_n = lam_{n,r} s_n + phi_n + M_n [-], shape (N,)."""
    return cp.multiply(costs.cost_per_step(data, place), variables["s"]) + variables["phi"] + shift


def product_bound(
    x: cp.Expression,
    y: cp.Expression,
    parameters: Mapping[str, cp.Parameter],
    symbol: str,
    weight: FloatArray | None = None,
) -> cp.Expression:
    """(Weighted) sum over users of x^2 q + y^2 / (4 q), the bound of x y in (10) and (11), with q = u, v or z."""
    scaled_x = cp.multiply(parameters[f"sqrt_{symbol}"], x)
    scaled_y = cp.multiply(parameters[f"half_inverse_sqrt_{symbol}"], y)
    bound = cp.square(scaled_x) + cp.square(scaled_y)
    return cp.sum(bound if weight is None else cp.multiply(weight, bound))


def penalty(variables: Mapping[str, cp.Variable], parameters: Mapping[str, cp.Parameter]) -> cp.Expression:
    """Penalty tau H without its constant, sum tau (2 a_n^(i) - 1) a_n [-], (15)."""
    return parameters["penalty_slope"] @ variables["a"]


def capacity(
    variables: Mapping[str, cp.Variable], parameters: Mapping[str, cp.Parameter], data: StepAllocation
) -> cp.Constraint:
    """Surrogate use sum s^2 z + a^2/(4z) of the edge within S_e [steps], (16b)."""
    return product_bound(variables["s"], variables["a"], parameters, "z") <= data.edge_step_budget


def step_limit(variables: Mapping[str, cp.Variable], data: StepAllocation) -> cp.Constraint:
    """s_n <= (1 - a_n) S0_n + a_n S1_n [steps], (16c), with what constraints leave of S_{n,r}."""
    local = cp.multiply(1.0 - variables["a"], model_steps(data, LOCAL).upper)
    return variables["s"] <= local + cp.multiply(variables["a"], model_steps(data, EDGE).upper)


def steps_at_least(variables: Mapping[str, cp.Variable], data: StepAllocation) -> cp.Constraint:
    """s_n >= (1 - a_n) L0_n + a_n L1_n [steps], the lower bound from constraints; 0 without any."""
    local, edge = model_steps(data, LOCAL).lower, model_steps(data, EDGE).lower
    if not (local.any() or edge.any()):
        return variables["s"] >= 0.0
    return variables["s"] >= cp.multiply(1.0 - variables["a"], local) + cp.multiply(variables["a"], edge)


def not_convex(data: StepAllocation) -> str:
    """Family of the first row that has no convex surrogate, empty where all have one.

    a_n s_n has the surrogate of (11) where its coefficient is not negative. (1 - a_n) s_n would need one of its
    own, which paper A does not have.
    """
    for family, row in coupling_rows(data):
        if row.local_steps.any() or (row.edge_steps < 0.0).any():
            return family
    return ""


def coupling(
    variables: Mapping[str, cp.Variable], parameters: Mapping[str, cp.Parameter], data: StepAllocation
) -> dict[str, cp.Constraint]:
    """Rows of further constraints, each a_n s_n in them bounded by its surrogate of (11)."""
    refused = not_convex(data)
    if refused:
        raise ValueError(f"'{refused}' has no convex surrogate")
    found = {}
    for index, (family, row) in enumerate(coupling_rows(data)):
        used = product_bound(variables["s"], variables["a"], parameters, "z", row.edge_steps)
        found[f"{family} {index}"] = row.offload @ variables["a"] + used <= row.right_hand_side
    return found


def quality(variables: Mapping[str, cp.Variable], data: StepAllocation) -> cp.Constraint:
    """Epigraph phi_n >= w1 c2 err_n(s_n) + w2 (1 - U_n(s_n)) - w2 of error and utility, (4) and (7) [-]."""
    utility = np.full(data.users, data.utility_weight)
    error_term = cvxpy_error_left(costs.error_coefficient(data), data.error_decay_per_step, variables["s"])
    utility_term = cvxpy_utility_missing(utility, data.utility_decay_per_step, variables["s"])
    return variables["phi"] >= error_term + utility_term - utility
