"""Learning curves come from the networks' own files."""

from __future__ import annotations

import fakes
import numpy as np
import pytest
from builders import split_offloading

from reports.gap_report.figures.learning import learning_curves
from reports.gap_report.study import Case, Study
from solvers.comparison.cross_check import Verdict
from solvers.core import registry
from solvers.core.limits import Limits
from solvers.split_offloading.per_dqn.network import weights
from solvers.sweep.ledger_key import Key
from solvers.sweep.ledger_record import Recorded


def study(method: str) -> Study:
    result = fakes.result(
        method, problem="split_offloading", objective=1.0, metrics={}, solution={"x": np.zeros(6)}
    )
    recorded = Recorded(Key("0", "split_offloading", method, 0, Limits(), ""), result, 6, "host")
    case = Case("small", "0", 6, (recorded,), Verdict(), split_offloading(gpus=4))
    return Study(registry.problem("split_offloading"), (case,))


def test_the_curve_is_that_of_the_network_which_decides() -> None:
    figure = learning_curves(study("dqn-tuned"))
    assert figure is not None
    trained = weights.tuned().provenance
    gap, solved = (panel.series[0] for panel in figure.panels)
    assert gap.label == "dqn-tuned"
    assert gap.x == tuple(float(row[0]) for row in trained.curve)
    assert gap.y == tuple(row[1] for row in trained.curve)
    assert solved.y == tuple(100.0 * row[2] for row in trained.curve)


@pytest.mark.parametrize("method", ["per-dqn", "dqn-tuned-best-of-16"])
def test_each_network_has_its_own_curve(method: str) -> None:
    figure = learning_curves(study(method))
    assert figure is not None
    (solved,) = figure.panels[1].series
    network = weights.published() if method == "per-dqn" else weights.tuned()
    assert solved.y == tuple(100.0 * row[2] for row in network.provenance.curve)


def test_no_network_no_curve() -> None:
    assert learning_curves(study("greedy")) is None
