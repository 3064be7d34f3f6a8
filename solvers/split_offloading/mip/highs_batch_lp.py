"""P1 of split offloading by HiGHS as a plain linear program, written for HiGHS itself.

The batch-indexed model (:mod:`formulations.split_offloading.models.batch_indexed`) has a whole vertex as its
optimum (docs/theory/split_offloading), and the simplex method ends at a vertex: no branching, no integer variable.
"""

from __future__ import annotations

from time import perf_counter

import highspy
import numpy as np
from scipy.sparse import csr_array

from formulations.fields import FloatArray
from formulations.split_offloading.evaluation import all_local_objective
from formulations.split_offloading.gain import gains
from formulations.split_offloading.parameters import SplitOffloading
from solvers.core.limits import Limits
from solvers.core.result import TIME_LIMIT, Outcome
from solvers.external.algebraic import widened
from solvers.external.native_highs import linear_program, quiet_highs
from solvers.external.tolerances import HIGHS
from solvers.split_offloading.exact.batch_scan import load_kernels_for, solution_of
from solvers.split_offloading.exact.constrained_scan import refuse_constraints
from solvers.split_offloading.mip.natural_units import solve_in_natural_units, uncertainty

TOLERANCE = float(HIGHS["primal_feasibility_tolerance"])


def solve(data: SplitOffloading, limits: Limits, seed: int) -> Outcome:
    """Solve the linear program; its value, widened by what HiGHS's tolerances allow, is a bound on P1.

    Compiled kernels are loaded before the clock starts.

    Raises
    ------
    Unsupported
        If there are further constraints; rows that couple users leave the program without a whole optimum.
    """
    refuse_constraints(data, "the linear program of the batch sizes")
    load_kernels_for(data)
    return solve_in_natural_units(data, limits, seed, solve_lp)


def solve_lp(data: SplitOffloading, limits: Limits, seed: int) -> Outcome:
    """The same for a snapshot in its natural unit."""
    began = perf_counter()
    worth = worths(data)
    highs = quiet_highs(
        {
            "threads": 1,
            "random_seed": seed,
            "primal_feasibility_tolerance": TOLERANCE,
            "dual_feasibility_tolerance": TOLERANCE,
            "solver": "simplex",
        }
    )
    highs.passModel(program_of(worth))
    built = perf_counter()
    highs.setOptionValue("time_limit", max(limits.time_limit - (built - began), 0.0))
    highs.run()
    optimal = highs.getModelStatus() == highspy.HighsModelStatus.kOptimal
    if not optimal:
        reason = highs.modelStatusToString(highs.getModelStatus()).lower()
        late = highs.getModelStatus() == highspy.HighsModelStatus.kTimeLimit
        return Outcome(None, reason=TIME_LIMIT if late else reason, build_seconds=built - began)
    users, batches = worth.shape
    values = np.array(highs.getSolution().col_value)
    batch = int(np.argmax(values[: batches + 1]))
    granted = np.array([], dtype=np.int64)
    if batch > 0:
        granted = np.flatnonzero(values[batches + 1 :].reshape(batches, users)[batch - 1] > 0.5)
    found = Outcome(
        solution=solution_of(data, granted),
        bound=all_local_objective(data) + float(highs.getObjectiveValue()),
        reason="gap closed",
        build_seconds=built - began,
        solve_seconds=perf_counter() - built,
        iterations=int(highs.getInfo().simplex_iteration_count),
    )
    return widened(found, uncertainty(data, TOLERANCE), limits.gap, minimise=False)


def worths(data: SplitOffloading) -> FloatArray:
    """v_i(b) of every user in every batch of 1 to B [s], shape (I, B)."""
    if data.largest_batch == 0:
        return np.zeros((data.users, 0))
    return np.column_stack([gains(data, float(batch)) for batch in range(1, data.largest_batch + 1)])


def program_of(worth: FloatArray) -> highspy.HighsLp:
    """Columns w_0..w_B, then y_(i,b) by batches; rows sum w = 1, y <= w, and sum_i y = b w; row by row."""
    users, batches = worth.shape
    columns, pairs = batches + 1 + users * batches, users * batches
    batch_of = np.repeat(np.arange(1, batches + 1), users)
    y = batches + 1 + np.arange(pairs)
    sizes = np.column_stack([np.arange(1, batches + 1)[:, None], y.reshape(batches, users)])
    index = np.concatenate([np.arange(batches + 1), np.column_stack([batch_of, y]).ravel(), sizes.ravel()])
    size_values = np.ones(sizes.shape)
    size_values[:, 0] = -np.arange(1, batches + 1)
    value = np.concatenate([np.ones(batches + 1), np.tile([-1.0, 1.0], pairs), size_values.ravel()])
    lengths = np.concatenate([[batches + 1], np.full(pairs, 2), np.full(batches, users + 1)])
    start = np.concatenate([[0], np.cumsum(lengths)])
    least = np.concatenate([[1.0], np.full(pairs, -np.inf), np.zeros(batches)])
    most = np.concatenate([[1.0], np.zeros(pairs), np.zeros(batches)])
    cost = np.concatenate([np.zeros(batches + 1), worth.T.ravel()])
    matrix = csr_array((value, index, start), shape=(lengths.size, columns))
    program = linear_program(matrix, cost, (np.zeros(columns), np.ones(columns)), (least, most))
    program.sense_ = highspy.ObjSense.kMaximize
    return program
