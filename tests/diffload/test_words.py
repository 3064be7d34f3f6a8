"""What people see: printed answers, names, and the words of errors."""

import signal

import pytest

import diffload
from formulations.runtime.progress import Progress
from solvers.core.certificate import Checked
from solvers.core.limits import Limits
from solvers.core.result import Result, Status
from solvers.step_allocation.shadow_prices import Sensitivity, SharedPrice


def test_a_checked_certificate_prints_its_bound():
    assert str(Checked(-2.5, -2.75, 1, 5.0, 0.0)).splitlines() == [
        "certificate holds, with 1 leaf",
        "objective  -2.500000, recomputed",
        "bound      -2.750000, proven, 0.25 from the objective",
    ]
    assert "no solution" in str(Checked(float("inf"), float("inf"), 3, 0.0, 0.0))


def test_shadow_prices_print_a_line_each():
    budget = SharedPrice("edge budget", "step", 400.0, 400.0, None, 0.002, 0.003)
    first, second = str(Sensitivity(-2.5, -2.5, (budget,), ())).splitlines()
    assert first.startswith("objective  -2.500000, bound -2.500000")
    assert second == "edge budget: 400 of 400 step used; 0.003 if solved again, 0.002 as convexified price"


def test_an_infeasible_result_says_what_is_proven():
    result = Result("n", "", "step_allocation", "price-search", "", Status.INFEASIBLE, 0, Limits())
    assert "bound      none: it is proven that no solution exists" in str(result).splitlines()


def test_what_is_shown_in_a_shell_is_one_line():
    instance = diffload.load("n10")
    shown = {
        "<Instance 'n10': step_allocation; b8ac24d7>": instance,
        "<Result of 'price-search' on 'n10' (step_allocation): optimal, -2.547696>": diffload.solve(instance),
        "<Comparison of 1 results on 'n10' (step_allocation)>": diffload.compare(instance, "price-search"),
        "<Results of 'price-search' on 2 snapshots (step_allocation)>": diffload.solve_many([instance] * 2),
        "<Sensitivity at -2.547696: 1 shared limits, 5 single>": diffload.sensitivity(instance),
    }
    assert {repr(item): item for item in shown.values()} == shown


def test_a_single_solve_knows_its_gap():
    result = diffload.solve("n10")
    assert result.gap == result.own_gap < 1e-6
    assert result.absolute_gap == abs(result.objective - result.bound)
    assert result.bound_from == "price-search"
    assert diffload.solve("n10", "all-local").gap is None


def test_fields_are_attributes_of_the_instance():
    assert diffload.load("n10").edge_step_capacity == diffload.load("n10").step_allocation.edge_step_capacity
    assert diffload.load("n30").users == 30
    with pytest.raises(
        AttributeError, match=r"no field 'edge_step_capacty' \(did you mean edge_step_capacity\?\)"
    ):
        diffload.load("n10").edge_step_capacty  # noqa: B018
    with pytest.raises(AttributeError, match="no field 'gpus'"):
        diffload.load("n10").gpus  # noqa: B018


def test_comparisons_are_read_by_place_and_as_a_table():
    comparison = diffload.compare("n10", ["price-search", "all-local"])
    assert [result.method for result in comparison] == [comparison[0].method, comparison[-1].method]
    assert comparison.to_frame().equals(comparison.frame)


def test_certificates_of_every_kind_are_checked():
    result = diffload.solve("multi_20x2")
    assert diffload.check_certificate("multi_20x2", result).objective == pytest.approx(result.objective)
    with pytest.raises(ValueError, match="expected one with a certificate, got one of 'all-local' without"):
        diffload.check_certificate("n10", diffload.solve("n10", "all-local"))


def test_an_interrupted_comparison_keeps_what_is_done(monkeypatch):
    class Interrupting(Progress):
        def finished(self, name, line="", rest=""):
            if name == "all-local":
                signal.raise_signal(signal.SIGINT)

    monkeypatch.setattr("diffload.comparing.display", lambda wanted: Interrupting())
    before = signal.signal(signal.SIGINT, signal.default_int_handler)  # ignored where nohup started the tests
    try:
        with pytest.raises(KeyboardInterrupt) as stopped:
            diffload.compare(["n10", "n30"], ["all-local", "scip-literal"], problem="step_allocation")
    finally:
        signal.signal(signal.SIGINT, before)
    assert stopped.type is KeyboardInterrupt  # Python gives no other one the exit status 130
    kept = stopped.value.comparison
    assert [result.method for result in kept] == ["all-local"]
    assert stopped.value.__notes__ == ["finished results: 1, in sys.last_value.comparison"]
    assert "interrupted before these were done: scip-literal" in str(kept)
    assert len(kept.frame) == len(kept.solutions) == 1


def test_results_are_told_apart_and_counted():
    first, second = diffload.solve("n10"), diffload.solve("n10")
    assert second not in [first]
    assert len({first, second, first}) == 2
    compared = diffload.compare("n10", "all-local")
    assert compared != diffload.compare("n10", "all-local")


def test_results_of_many_know_their_gaps():
    alone, many = diffload.solve("n10"), diffload.solve_many(["n10"])
    assert many.gap[0] == many[0].gap == alone.gap
    assert many.absolute_gap[0] == many[0].absolute_gap == alone.absolute_gap
    assert many[0].bound_from == "price-search"


def test_the_version_is_known_without_an_installation():
    assert diffload.__version__ == diffload.solve("n10").versions["diffload"]


def test_what_is_no_file_is_refused_in_a_sentence():
    with pytest.raises(TypeError, match="path: expected a file or a name of the library, got int"):
        diffload.load(3)


def test_the_table_of_a_gqap_has_a_row_per_item():
    instance = diffload.load("edge_servers_8x3")
    frame = instance.to_frame()
    assert frame.index.name == "item"
    assert frame["weight"].sum() == instance.gqap.weight.sum()


def test_completion_offers_public_names_alone():
    for module in (diffload, diffload.plot):
        assert {name for name in dir(module) if not name.startswith("__")} == set(module.__all__)
