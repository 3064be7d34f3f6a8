"""Compiled kernels of Algorithm 2: one user's response to a price, and the price that meets the capacity.

For a fixed capacity multiplier delta the Lagrangian (17) separates by user: minimise

    A a^2 / 2 - B a + h(s) + delta z s^2   over  0 <= a <= 1,  L0 + a (L1 - L0) <= s <= U0 + a (U1 - U0),

with A = 1/(2u) + 1/(2v) + delta/(2z), B = 1/(2u) + tau (2 a^(i) - 1) and h(s) = u R_0(s)^2 + v R_1(s)^2; in the
paper L = 0 and U = S. Where the separate minimisers violate (16c), s lies on the limit and a is the root of

    A a - B + (U1 - U0) (h'(s) + 2 delta z s) = 0,  s = U0 + a (U1 - U0),

monotone in a. By (18b) its multiplier is zeta = -(h'(s) + 2 delta z s), and the root equation is (18a) with
that zeta: it is the zeta of I_n(zeta, delta) = 0 in Algorithm 2, found without a search nested in a search. The
lower bounds are the mirror image, with nu = h'(s) + 2 delta z s.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from formulations.compiled import compiled
from formulations.step_allocation.quality.kernels import quality_terms

_CONVERGED = 1e-9
"""Relative Newton step after which the next, quadratic one is lost in rounding."""

_CAPACITY_MET = 1e-12
"""Share of the capacity by which the price search may miss it."""

_MOST_PRICES = 300
"""Prices that the capacity search may try; it needs about 8."""

_GROWTH = 1e3
"""Factor by which a price may grow or fall in one step: where the use is flat, Newton would run to infinity."""

_NO_PRICE = 1e-290
"""Price that is lost in any sum: with a slack capacity it stands for 0, which costs that underflow cannot tell."""

_UNBOUNDED = 1e9
"""Stands for an infinite bound of a and s in the printed Algorithm 2."""

_NO_DECAY = 1e-290
"""Decay rate that is none [1/step]."""

_LARGEST_EXPONENT = 300.0
"""Keeps squares of costs finite at the absurdly negative steps that the printed Algorithm 2 can try."""


USER = np.dtype(
    [
        ("local_rate", np.float64),  # lam_{n,0} [1/step]
        ("edge_rate", np.float64),  # lam_{n,1} [1/step]
        ("error", np.float64),  # w1 c2 eps_fwd [-]
        ("error_decay", np.float64),  # C1_n [1/step]
        ("utility", np.float64),  # w2 [-]
        ("utility_decay", np.float64),  # C2_n [1/step]
        ("constant", np.float64),  # M_n [-]
        ("u", np.float64),
        ("v", np.float64),
        ("z", np.float64),
        ("quadratic", np.float64),  # 1/(2u) + 1/(2v), the part of A without delta [-]
        ("linear", np.float64),  # B [-]
        ("local_limit", np.float64),  # U0_n [steps]
        ("edge_limit", np.float64),  # U1_n [steps]
        ("local_lower", np.float64),  # L0_n [steps]
        ("edge_lower", np.float64),  # L1_n [steps]
        ("least_offload", np.float64),  # 1 where the user may not run locally, else 0 [-]
        ("most_offload", np.float64),  # 0 where the user may not offload, else 1 [-]
    ],
    align=True,
)
"""One user's coefficients of the Lagrangian: a record passes between kernels as one pointer."""

RESPONSE = np.dtype(
    [
        ("offload", np.float64),  # a_n [-]
        ("steps", np.float64),  # s_n [steps]
        ("offload_rate", np.float64),  # da_n / d delta [steps]
        ("steps_rate", np.float64),  # ds_n / d delta [steps^2]
        ("at_limit", np.bool_),  # whether (16c) binds
        ("at_lower", np.bool_),  # whether the lower bound binds and depends on a_n
    ],
    align=True,
)
"""One user's answer to a price."""

SEARCH = np.dtype(
    [
        ("delta", np.float64),  # price that users respond to [1/step]
        ("change", np.float64),  # its distance from the one before
        ("low", np.float64),  # largest price at which the use is above the capacity
        ("high", np.float64),  # smallest one at which it is not
        ("use", np.float64),  # use by the users that have responded [steps]
        ("slope", np.float64),  # its derivative in the price
        ("last_miss", np.float64),  # distance of the last use from the capacity [steps]
        ("user", np.int64),  # first user that has not responded yet
        ("tried", np.int64),  # prices that all have responded to
        ("is_last", np.bool_),  # whether the price is the answer whatever its use
    ],
    align=True,
)
"""Where the search for the capacity's multiplier stands between two calls of its kernel."""

MULTIPLIERS = np.dtype([(name, np.float64) for name in ("beta", "gamma", "zeta", "nu")], align=True)
"""One user's multipliers of the ends of a_n, of (16c) and of the lower bound."""


@compiled
def steps_slope(user: Any, delta: float, steps: float) -> tuple[float, float]:
    """First and second derivative of h(s) + delta z s^2 in s, two exponentials."""
    counted = steps
    if steps < 0.0:
        counted = max(steps, -_LARGEST_EXPONENT / max(user.error_decay, user.utility_decay, _NO_DECAY))
    value, falls, quality_curvature, _ = quality_terms(
        user.error, user.error_decay, user.utility, user.utility_decay, counted
    )
    quality = value + user.constant
    local, local_slope = user.local_rate * steps + quality, user.local_rate - falls
    edge, edge_slope = user.edge_rate * steps + quality, user.edge_rate - falls
    slope = user.u * local * local_slope + user.v * edge * edge_slope + delta * user.z * steps
    curvature = (
        user.u * (local_slope**2 + local * quality_curvature)
        + user.v * (edge_slope**2 + edge * quality_curvature)
        + delta * user.z
    )
    return 2.0 * slope, 2.0 * curvature


@compiled
def monotone_root(
    user: Any,
    delta: float,
    origin: float,
    direction: float,
    quadratic: float,
    linear: float,
    low: float,
    high: float,
    start: float,
) -> tuple[float, float, float]:
    """Root x in [low, high] of quadratic x - linear + direction k'(origin + direction x).

    k(s) = h(s) + delta z s^2. The left side increases, so an end of the bracket is returned where it keeps one
    sign. Newton from ``start``; bisection where a step leaves the bracket or does not halve the one before.

    Returns
    -------
    x, value, curvature : float
        The root, and the left side and k'' where they were evaluated last.
    """
    x, value, curvature = min(max(start, low), high), 0.0, 0.0
    low_known, high_known = False, False
    previous_step = np.inf
    for _ in range(200):
        steps = origin + direction * x
        slope, curvature = steps_slope(user, delta, steps)
        value = quadratic * x - linear + direction * slope
        if value == 0.0 or (value > 0.0 and x <= low) or (value < 0.0 and x >= high):
            break
        if value > 0.0:
            high, high_known = x, True
        else:
            low, low_known = x, True
        derivative = quadratic + direction * direction * curvature
        trial = x - value / derivative if derivative > 0.0 else (low if value > 0.0 else high)
        step = abs(trial - x)
        converged = step <= _CONVERGED * abs(x) and abs(direction) * step <= _CONVERGED * abs(steps)
        if converged or high - low <= 4e-16 * abs(x):
            x = min(max(trial, low), high)
            break
        if trial >= high and not high_known:
            trial = high
        elif trial <= low and not low_known:
            trial = low
        elif not low < trial < high or step > 0.5 * previous_step:
            trial = 0.5 * (low + high)
        x, previous_step = trial, abs(trial - x)
    return x, value, curvature


@compiled
def respond(user: Any, delta: float, change: float, clamped: bool, nonnegative: bool, response: Any) -> None:
    """Write one user's minimiser (a, s) at price ``delta`` over the one at ``delta - change``, its start.

    ``clamped`` keeps a in [0, 1], or where the user may be, throughout, and ``nonnegative`` keeps s at its lower
    bound or above; Algorithm 2 with line 8 read alone does neither, its appendix the first.
    """
    lowest, highest = (user.least_offload, user.most_offload) if clamped else (-_UNBOUNDED, _UNBOUNDED)
    quadratic = user.quadratic + delta / (2.0 * user.z)
    offload = min(max(user.linear / quadratic, lowest), highest)
    start = response.offload + response.offload_rate * change
    if response.at_limit and respond_at_end(user, delta, quadratic, lowest, highest, start, True, response):
        return
    if response.at_lower and respond_at_end(user, delta, quadratic, lowest, highest, start, False, response):
        return
    limit = user_end(user, offload, True)
    lowest_steps = min(user_end(user, offload, False) if nonnegative else -_UNBOUNDED, limit)
    start_steps = response.steps + response.steps_rate * change
    if response.at_limit or response.at_lower:
        start_steps = np.inf if response.at_limit else -np.inf
    steps, slope, curvature = monotone_root(user, delta, 0.0, 1.0, 0.0, 0.0, lowest_steps, limit, start_steps)
    if steps >= limit and slope < 0.0:
        low, high = (offload, highest) if user.edge_limit > user.local_limit else (lowest, offload)
        respond_at_end(user, delta, quadratic, low, high, offload, True, response)
        return
    if nonnegative and user.edge_lower != user.local_lower and steps <= lowest_steps and slope > 0.0:
        low, high = (lowest, offload) if user.edge_lower > user.local_lower else (offload, highest)
        respond_at_end(user, delta, quadratic, low, high, offload, False, response)
        return
    response.at_limit = response.at_lower = False
    response.offload = offload
    response.steps = steps
    response.offload_rate = -offload / (2.0 * user.z * quadratic) if lowest < offload < highest else 0.0
    response.steps_rate = -2.0 * user.z * steps / curvature if steps > lowest_steps and curvature > 0.0 else 0.0


@compiled
def respond_at_end(
    user: Any,
    delta: float,
    quadratic: float,
    low: float,
    high: float,
    start: float,
    upper: bool,
    response: Any,
) -> bool:
    """Write the best (a, s) with s at its limit (``upper``) or lower bound, a in [low, high]; whether that binds.

    It does where its multiplier is not negative: zeta for the limit, nu for the lower bound.
    """
    origin = user.local_limit if upper else user.local_lower
    rise = (user.edge_limit if upper else user.edge_lower) - origin
    if rise == 0.0:
        offload = min(max(user.linear / quadratic, low), high)
        slope, curvature = steps_slope(user, delta, origin)
    else:
        offload, value, curvature = monotone_root(
            user, delta, origin, rise, quadratic, user.linear, low, high, start
        )
        slope = (value - quadratic * offload + user.linear) / rise
    steps = user_end(user, offload, upper)
    pull = offload / (2.0 * user.z) + rise * 2.0 * user.z * steps
    inside = low < offload < high
    response.at_limit, response.at_lower = upper, not upper
    response.offload = offload
    response.steps = steps
    response.offload_rate = -pull / (quadratic + rise**2 * curvature) if inside else 0.0
    response.steps_rate = rise * response.offload_rate
    return bool(slope <= 0.0) if upper else bool(slope >= 0.0)


@compiled
def user_end(user: Any, offload: float, upper: bool) -> float:
    """Limit (1 - a_n) U0_n + a_n U1_n of the steps, (16c), or lower bound (1 - a_n) L0_n + a_n L1_n [steps]."""
    if upper:
        return float((1.0 - offload) * user.local_limit + offload * user.edge_limit)
    return float((1.0 - offload) * user.local_lower + offload * user.edge_lower)


@compiled
def meet_capacity(
    users: NDArray[np.void],
    capacity: float,
    clamped: bool,
    nonnegative: bool,
    responses: NDArray[np.void],
    search: NDArray[np.void],
    most: int,
) -> bool:
    """Multiplier delta of the capacity by (23), kept in ``search`` with the number of prices tried.

    Writes ``responses``, the answers to that price. The use falls about as 1/delta^2, so Newton is applied to
    1/sqrt(use), which is nearly linear in delta, inside a shrinking bracket. Should the bracket close before the
    capacity is met, which takes costs that no longer change in floating point, its feasible end is the answer.

    The price search has a bracket of another kind, see ``lagrangian.multiplier_bracket``: it closes in on the
    best bound of a use with jumps, from values and slopes. Here the use is smooth, has no jumps, and no bound is
    asked for, so that one equation is solved, in five to eleven prices.

    Parameters
    ----------
    users : record array of USER, shape (N,)
        Data of the users.
    capacity : float
        Most that the surrogate (11) may use.
    clamped : bool
        Whether a_n is clamped to [0, 1] inside the search, and not after it.
    nonnegative : bool
        Whether s_n >= 0 holds.
    responses : record array of RESPONSE, shape (N,)
        Answers of the users to the price; written.
    search : record array of SEARCH, shape (1,)
        Where the search stands, from :func:`new_search` at first; updated.
    most : int
        Responses to compute in this call.

    Returns
    -------
    bool
        Whether the search has ended; it goes on where another call is made.
    """
    state = search[0]
    for _ in range(most):
        if state.user == users.size:
            state.user = 0
            state.tried += 1
            if state.is_last:
                return True
            if not next_multiplier(state, capacity):
                if state.use < capacity * (1.0 - _CAPACITY_MET) and state.delta < _NO_PRICE:
                    state.delta = 0.0
                return True
            state.use = state.slope = 0.0
        user, response = users[state.user], responses[state.user]
        respond(user, state.delta, state.change, clamped, nonnegative, response)
        state.use += response.steps**2 * user.z + response.offload**2 / (4.0 * user.z)
        state.slope += 2.0 * response.steps * response.steps_rate * user.z
        state.slope += response.offload * response.offload_rate / (2.0 * user.z)
        state.user += 1
    return False


@compiled
def next_multiplier(state: Any, capacity: float) -> bool:
    """Set the price to try next, and its distance from the last one; return whether there is any.

    ``state.use`` and ``state.slope`` are the use of the capacity (11) at the price, and its derivative.
    """
    use, slope, delta = state.use, state.slope, state.delta
    trial = np.nan
    if use > capacity or delta > 0.0:
        miss = abs(use - capacity)
        if miss > _CAPACITY_MET * capacity and state.tried < _MOST_PRICES:
            if use > capacity:
                state.low = delta
            else:
                state.high = delta
            low, high = state.low, state.high
            trial = delta - 2.0 * use / slope * (np.sqrt(use / capacity) - 1.0) if slope < 0.0 else np.nan
            if high == np.inf:
                if not trial > low:
                    trial = 1.0 if low == 0.0 else 4.0 * low
                trial = min(trial, _GROWTH * max(low, 1.0))
            elif not low < trial < high or miss > 0.5 * state.last_miss:
                trial = np.sqrt(low * high) if low > 0.0 else high / _GROWTH
            state.last_miss = miss
            if not low < trial < high:
                trial = np.nan
    if np.isnan(trial) and use > capacity * (1.0 + _CAPACITY_MET) and state.high < np.inf:
        trial, state.is_last = state.high, True
    if np.isnan(trial):
        return False
    state.delta, state.change = trial, trial - delta
    return True


def new_search() -> NDArray[np.void]:
    """A search for the multiplier before its first price, 0."""
    search = np.zeros(1, dtype=SEARCH)
    search["high"] = search["last_miss"] = np.inf
    return search


@compiled
def find_multipliers(
    users: NDArray[np.void], delta: float, responses: NDArray[np.void], multipliers: NDArray[np.void]
) -> None:
    """Write zeta and nu from (18b), then beta and gamma from (18a) and (22)."""
    for n in range(users.size):
        user, response, found = users[n], responses[n], multipliers[n]
        slope, _ = steps_slope(user, delta, response.steps)
        found.zeta = max(-slope, 0.0) if response.at_limit else 0.0
        lower = response.at_lower or response.steps <= user_end(user, response.offload, False)
        found.nu = max(slope, 0.0) if not response.at_limit and lower else 0.0
        pull = (user.quadratic + delta / (2.0 * user.z)) * response.offload - user.linear
        pull -= found.zeta * (user.edge_limit - user.local_limit)
        pull += found.nu * (user.edge_lower - user.local_lower)
        found.beta = max(pull, 0.0) if response.offload <= user.least_offload else 0.0
        found.gamma = max(-pull, 0.0) if response.offload >= user.most_offload else 0.0
