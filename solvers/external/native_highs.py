"""HiGHS through its own interface, for methods that hand over arrays."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import highspy

from formulations.fields import FloatArray


class SilentHighs(highspy.Highs):  # type: ignore[misc]
    """HiGHS that prints nothing: the first one of a process would greet as it enables its callbacks."""

    def enableCallbacks(self) -> None:  # noqa: N802 - the name that HiGHS gives it
        self.setOptionValue("output_flag", False)
        super().enableCallbacks()


def quiet_highs(options: Mapping[str, bool | int | float | str]) -> highspy.Highs:
    """Return a solver that prints nothing, with options set.

    The thread pool of an earlier solve in this process is let go: HiGHS would refuse another number of threads,
    and end without an answer.

    Parameters
    ----------
    options : mapping
        Values by name, as HiGHS documents them.

    Raises
    ------
    ValueError
        If HiGHS does not take one of them.

    Examples
    --------
    >>> solver = quiet_highs({"threads": 1})
    >>> solver.getOptionValue("threads")[1]
    1
    """
    highspy.Highs.resetGlobalScheduler(True)
    solver = SilentHighs()
    for name, value in options.items():
        if solver.setOptionValue(name, value) != highspy.HighsStatus.kOk:
            raise ValueError(f"HiGHS has no option '{name}' that can be {value!r}")
    return solver


def linear_program(
    matrix: Any, cost: FloatArray, columns: tuple[FloatArray, FloatArray], rows: tuple[FloatArray, FloatArray]
) -> highspy.HighsLp:
    """Return a programme to be minimised: cost of the columns, and the lower and upper bounds of both.

    ``matrix`` is a sparse one of SciPy, row by row (csr) or column by column (csc).
    """
    program = highspy.HighsLp()
    program.num_row_, program.num_col_ = matrix.shape
    program.col_cost_ = cost
    program.col_lower_, program.col_upper_ = columns
    program.row_lower_, program.row_upper_ = rows
    formats = {"csr": highspy.MatrixFormat.kRowwise, "csc": highspy.MatrixFormat.kColwise}
    program.a_matrix_.format_ = formats[matrix.format]
    program.a_matrix_.start_ = matrix.indptr
    program.a_matrix_.index_ = matrix.indices
    program.a_matrix_.value_ = matrix.data
    return program
