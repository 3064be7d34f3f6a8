"""What people see: printed answers, names, and the words of errors."""

import pytest

import diffload
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


def test_what_is_no_file_is_refused_in_a_sentence():
    with pytest.raises(TypeError, match="path: expected a file or a name of the library, got int"):
        diffload.load(3)


def test_the_table_of_a_gqap_has_a_row_per_item():
    instance = diffload.load("edge_servers_8x3")
    frame = instance.to_frame()
    assert frame.index.name == "item"
    assert frame["weight"].sum() == instance.gqap.weight.sum()


def test_completion_offers_public_names_alone():
    assert {name for name in dir(diffload) if not name.startswith("__")} == set(diffload.__all__)
