"""Error (4) and utility (7) for models: what ``arrays.py`` says over arrays.

A Pyomo model takes them of one user's steps. Where a user surely takes some number of steps, ``lower``, they count
from there. What the first ones are worth may be 1e12 times as much as all the others; it is then no coefficient of
the model. A CVXPY model takes them of all users at once, as convex expressions with coefficients.
A model written for SCIP itself takes them of one user, with a coefficient.
"""

from __future__ import annotations

import math
from typing import Any, TypeAlias

import numpy as np
import pyomo.environ as pyo

from formulations.fields import FloatArray

Expression: TypeAlias = Any
"""An expression of Pyomo, CVXPY or SCIP, or a number where nothing depends on a variable."""


def pyomo_exponential(decay: float, steps: Expression, lower: float) -> Expression:
    """exp(-C s) as what is left after the lower bound on steps, times what the others leave of that [-]."""
    if lower == 0.0:
        return pyo.exp(-decay * steps)
    return math.exp(-decay * lower) * pyo.exp(-decay * (steps - lower))


def cvxpy_exponential(coefficient: FloatArray, decay: FloatArray, steps: Expression) -> Expression:
    """Convex coefficient exp(-C s), with the logarithm of the coefficient in the exponent [-].

    A coefficient of 0 has no logarithm: such a term is written exp(0), and its 1 is taken off again.
    """
    import cvxpy as cp

    absent = coefficient == 0.0
    logarithm = np.log(np.where(absent, 1.0, coefficient))
    return cp.exp(logarithm - cp.multiply(np.where(absent, 0.0, decay), steps)) - absent.astype(np.float64)


def scip_exponential(coefficient: float, decay: float, steps: Expression) -> Expression:
    """Coefficient exp(-C s) of one user for SCIP, 0 where the coefficient is [-]."""
    import pyscipopt

    return coefficient * pyscipopt.exp(-decay * steps) if coefficient > 0.0 else 0.0


pyomo_error_left, cvxpy_error_left, scip_error_left = pyomo_exponential, cvxpy_exponential, scip_exponential
"""Share of the error that is left, paper A (4); weighted for CVXPY and SCIP."""

pyomo_utility_missing, cvxpy_utility_missing = pyomo_exponential, cvxpy_exponential
scip_utility_missing = scip_exponential
"""Share of full utility that is missing, paper A (7); weighted for CVXPY and SCIP."""
