"""Shadow prices of P1: what one more unit of each limit is worth at the certified optimum, with its unit.

Three numbers answer three questions about the edge's budget, or another limit that users share, and differ:

* The multiplier at the fixed optimal a is the derivative of the optimum while nobody changes place.
* The convexified price delta* maximises the Lagrangian bound. It is the slope of the convex hull of the optimum as
  a function of the limit, not that derivative.
* The true value of one more unit lets everybody change place: P1 is solved again.

Limits of single users have a derivative at the fixed optimal a too, where they are what keeps a user's steps.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from formulations.checked import unchecked
from formulations.constraints.base import Interval
from formulations.constraints.evaluation import families
from formulations.constraints.step_allocation.base import Row, StepConstraint, usable_row
from formulations.fields import FloatArray
from formulations.step_allocation import costs
from formulations.step_allocation.cost_scale import search_unit
from formulations.step_allocation.decisions import ONE_OF
from formulations.step_allocation.domain import allowed_steps, budget_row, coupling_rows
from formulations.step_allocation.evaluation import evaluate_solution
from formulations.step_allocation.parameters import EDGE, LOCAL, StepAllocation
from solvers.core.limits import Limits
from solvers.core.result import Solution
from solvers.step_allocation import price_search
from solvers.step_allocation.coupled.dual_function import maximise_prices
from solvers.step_allocation.coupled.limit_of_row import NUDGE, RowLimit, limit_of_row, single_limit
from solvers.step_allocation.coupled.row_offloading import multiplier_bound
from solvers.step_allocation.coupled.row_problem import BUDGET, row_problem
from solvers.step_allocation.lagrangian.budget import edge_shares
from solvers.step_allocation.lagrangian.cardinality_branching import NO_RANGES
from solvers.step_allocation.lagrangian.stopping import NEVER

if TYPE_CHECKING:
    import pandas as pd

AT_END = 1e-7
"""Share of an end by which steps may miss it and still count as kept by it."""

PLACES = {LOCAL: "local", EDGE: "edge"}
"""Names of the places."""


@dataclass(frozen=True)
class SharedPrice:
    """Prices of a limit that users share.

    Attributes
    ----------
    title, unit : str
        What is limited, and the unit of the limit.
    limit : float
        Its size [unit].
    used : float
        How much of it the optimum uses [unit].
    multiplier : float or None
        Fall of the optimum per unit of the limit while a stays [1/unit]; None where steps are whole.
    convexified : float or None
        delta* [1/unit], which is not that derivative.
    one_more : float or None
        What the optimum falls by when the limit is one unit larger and P1 is solved again [-].
    """

    title: str
    unit: str
    limit: float
    used: float
    multiplier: float | None
    convexified: float | None
    one_more: float | None


@dataclass(frozen=True)
class EndPrice:
    """Price of a limit that keeps the steps of one user.

    Attributes
    ----------
    title, unit : str
        The limit in words, with user and size, and its unit.
    user, place : int, str
        Whose it is, and where the user is.
    steps : float
        s_n [steps], which it keeps.
    per_step : float
        Fall of the optimum per step that this end moves up, while a stays [1/step]; negative at a lower end.
    per_unit : float
        The same per unit of the limit [1/unit].
    """

    title: str
    unit: str
    user: int
    place: str
    steps: float
    per_step: float
    per_unit: float


@dataclass(frozen=True, repr=False)
class Sensitivity:
    """Shadow prices at an optimum.

    Attributes
    ----------
    objective, bound : float
        Certified optimum and its bound [-].
    shared : tuple of SharedPrice
        The edge's budget first, then the rows of further constraints.
    ends : tuple of EndPrice
        By user; empty where steps are whole, which have no derivative.
    """

    objective: float
    bound: float
    shared: tuple[SharedPrice, ...]
    ends: tuple[EndPrice, ...]

    def __str__(self) -> str:
        """Return a line for each price; a price is what the objective falls by for a unit more."""
        return "\n".join(
            (
                f"objective  {self.objective:.6f}, bound {self.bound:.6f}; prices are falls of it for a unit more",
                *(f"{one.title}: {_priced(one)}" for one in self.shared),
                *(f"{end.title}: {end.per_unit:.6g} per {end.unit}, nobody moving" for end in self.ends),
            )
        )

    def to_frame(self) -> pd.DataFrame:
        """Return a table with a row per limit; prices are falls of the objective per unit of that limit.

        ``multiplier`` is that of a fixed a, ``one_more`` the fall for one unit more where P1 is solved again.
        """
        import pandas as pd

        shared = [(one.title, one.unit, one.multiplier, one.convexified, one.one_more) for one in self.shared]
        ends = [(end.title, end.unit, end.per_unit, None, None) for end in self.ends]
        frame = pd.DataFrame([*shared, *ends], columns=["limit", "unit", "multiplier", "convexified", "one_more"])
        return frame.astype(dict.fromkeys(("multiplier", "convexified", "one_more"), np.float64))

    def __repr__(self) -> str:
        return f"<Sensitivity at {self.objective:.6f}: {len(self.shared)} shared limits, {len(self.ends)} single>"


def _priced(price: SharedPrice) -> str:
    """Return the prices of a limit that users share, in words."""
    known = (
        (price.one_more, "if solved again"),
        (price.multiplier, "while nobody moves"),
        (price.convexified, "as convexified price"),
    )
    texts = [f"{value:.6g} {when}" for value, when in known if value is not None]
    return f"{price.used:.6g} of {price.limit:.6g} {price.unit} used; {', '.join(texts) or 'no price'}"


def analyse(data: StepAllocation, limits: Limits) -> Sensitivity | None:
    """Shadow prices of every limit of a scenario; None where it has no solution, or none was found in time."""
    found = price_search.solve(data, limits, 0)
    if found.solution is None or found.bound is None:
        return None
    objective = evaluate_solution(data, found.solution).objective
    multipliers = fixed_multipliers(data, found.solution["a"])
    shared = [
        _shared(data, limits, found.solution, objective, name, multipliers.get(name), found.duals.get(name))
        for name in multipliers
    ]
    ends = [] if data.integer_steps else _ends(data, found.solution, multipliers)
    return Sensitivity(objective, found.bound, tuple(shared), tuple(ends))


def fixed_multipliers(data: StepAllocation, offload: FloatArray) -> dict[str, float]:
    """Multipliers of the budget (``delta``) and of every row while a stays, in 1 / unit of their limits."""
    offloaded = np.asarray(offload) > 0.5
    if not coupling_rows(data):
        _, price = edge_shares(data, np.flatnonzero(offloaded))
        return {BUDGET: price}
    problem, scale = row_problem(data, search_unit(data))
    fixed = problem._replace(
        stay=np.flatnonzero(~offloaded), forced=np.flatnonzero(offloaded), free=np.empty(0, dtype=np.int64)
    )
    point = maximise_prices(
        fixed, NO_RANGES, np.zeros(problem.right_hand_side.size), multiplier_bound(fixed), np.inf, NEVER
    )
    return dict(zip(scale.names, scale.price(point.price).tolist(), strict=True))


def _shared(
    data: StepAllocation,
    limits: Limits,
    solution: Solution,
    objective: float,
    name: str,
    multiplier: float | None,
    convexified: float | None,
) -> SharedPrice:
    constraint, index, row = _row_named(data, name)
    per_unit = limit_of_row(data, constraint, index, row, solution)
    raised = _raised(data, constraint)
    again = None if raised is None else price_search.solve(raised, limits, 0)
    one_more = None
    if raised is not None and again is not None and again.solution is not None:
        one_more = objective - evaluate_solution(raised, again.solution).objective
    return SharedPrice(
        title="edge budget" if constraint is None else constraint.title,
        unit="step" if constraint is None else ONE_OF.get(constraint.unit, constraint.unit),
        limit=per_unit.limit,
        used=per_unit.used,
        multiplier=None if data.integer_steps or not _moves_steps(row) else _times(multiplier, per_unit),
        convexified=_times(convexified, per_unit),
        one_more=one_more,
    )


def _times(price: float | None, per_unit: RowLimit) -> float | None:
    """Price of a row per unit of its limit [1/unit]."""
    return None if price is None else price * per_unit.slack_per_unit + 0.0


def _moves_steps(row: Row) -> bool:
    """Whether a row limits steps: one on a_n alone says nothing once a is fixed."""
    return bool(row.local_steps.any() or row.edge_steps.any())


def _row_named(data: StepAllocation, name: str) -> tuple[StepConstraint | None, int, Row]:
    """The constraint, None for the budget, and which of its rows a multiplier belongs to."""
    rows: dict[str, tuple[StepConstraint | None, int, Row]] = {BUDGET: (None, 0, budget_row(data))}
    for family, constraint in families(data):
        for index, given in enumerate(constraint.rows(data)):
            row = usable_row(family, given, data.users)
            rows[family if family not in rows else f"{family}, row {len(rows)}"] = (constraint, index, row)
    return rows[name]


def _raised(data: StepAllocation, constraint: StepConstraint | None) -> StepAllocation | None:
    """The scenario with one unit more of a limit; None where a limit is no single number."""
    if constraint is None:
        return data.replaced({"edge_step_capacity": data.edge_step_budget + 1.0})
    limit = single_limit(constraint)
    if limit is None:
        return None
    raised = constraint.replaced({constraint.limit: limit + 1})
    return data.replaced({"constraints": tuple(raised if c is constraint else c for c in data.constraints)})


def _ends(data: StepAllocation, solution: Solution, multipliers: Mapping[str, float]) -> list[EndPrice]:
    offloaded = solution["a"] > 0.5
    found: list[EndPrice] = []
    for place, here in ((LOCAL, ~offloaded), (EDGE, offloaded)):
        slope = reduced_slope(data, solution["s"], place, multipliers)
        for n in np.flatnonzero(here).tolist():
            found += _ends_of(data, n, place, float(solution["s"][n]), float(slope[n]))
    return sorted(found, key=lambda end: end.user)


def reduced_slope(
    data: StepAllocation, steps: FloatArray, place: int, multipliers: Mapping[str, float]
) -> FloatArray:
    """R_{n,r}'(s_n) plus what a step takes of every shared limit, times its multiplier [1/step], shape (N,)."""
    slope = costs.cost_per_step(data, place) + costs.quality_slope(data, steps)
    for name, multiplier in multipliers.items():
        _, _, row = _row_named(data, name)
        slope = slope + multiplier * (row.edge_steps if place == EDGE else row.local_steps)
    return np.asarray(slope)


def _ends_of(data: StepAllocation, n: int, place: int, steps: float, slope: float) -> Iterator[EndPrice]:
    """Yield the limits that bind a user's steps: without them the user would take more, or fewer, steps."""
    allowed = allowed_steps(data, place)
    side = int(slope < 0.0)  # the lower end keeps steps that would fall, the upper one those that would rise
    end = float(allowed[side][n])
    if abs(steps - end) > AT_END * max(1.0, abs(end)) or (side == 0 and end == 0.0):
        return
    own = float(costs.step_limit(data, place)[n])
    if side == 1 and _same(own, end):
        title = f"{PLACES[place]} step limit of user {n} ({own:.6g} steps)"
        yield EndPrice(title, "step", n, PLACES[place], steps, -slope, -slope)
    for _, constraint in families(data):
        if _same(float(constraint.interval(data, place)[side][n]), end):
            per_unit = -slope * end_per_unit(data, constraint, place, side, n)
            unit = "" if constraint.unit == "-" else constraint.unit
            yield EndPrice(constraint.describe(n), unit, n, PLACES[place], steps, -slope, per_unit)


def _same(one: float, other: float) -> bool:
    return abs(one - other) <= AT_END * max(1.0, abs(other))


def end_per_unit(data: StepAllocation, constraint: StepConstraint, place: int, side: int, n: int) -> float:
    """Steps by which a user's end moves per unit of a constraint's limit [step/unit]."""
    limit: Any = getattr(constraint, constraint.limit)

    def end(change: float) -> float:
        nudged: Interval = unchecked(constraint, **{constraint.limit: limit + change}).interval(data, place)
        return float(nudged[side][n])

    size = float(constraint.spread(np.asarray(limit, dtype=np.float64), data.users, np.nan)[n])
    nudge = NUDGE * (abs(size) or 1.0)
    return (end(nudge) - end(-nudge)) / (2.0 * nudge)
