"""Public instances with published values; they are not part of the package, see docs/gqap_data.md."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from instances import load
from reports.validation.gqap_known import FILE, Verdict, read_known, verdict
from reports.validation.gqap_validation import time_limit
from solvers.core import registry
from solvers.core.limits import Limits
from solvers.core.solve import solve

VARIABLE = "DIFFLOAD_GQAP_DATA"
FOLDER = Path(os.environ.get(VARIABLE, ""))

pytestmark = pytest.mark.skipif(
    not (FOLDER / FILE).is_file(), reason=f"{VARIABLE} names no folder with {FILE} and public instances"
)

KNOWN = {entry.file: entry for entry in read_known(FOLDER)} if (FOLDER / FILE).is_file() else {}
QUICK = ["gqap/ctap/tassc1003Aa.txt", "gqap/lee_ma/5X24-E-G.txt", "qaplib/nug05.dat"]
SMALL = [file for file in KNOWN if "cordeau" not in file]
SECONDS = {"qaplib/nug17.dat": 900.0, "qaplib/had18.dat": 900.0}
"""Time in which the larger QAPs are to be proven; all others in a minute."""
LARGE = [file for file in KNOWN if "cordeau" in file]
LINEARISED = ("highs-compact", "highs-rlt1")
PROVEN_BY_HIGHS = [file for file in KNOWN if "lee_ma" in file] + [
    f"qaplib/{name}.dat" for name in ("chr12a", "nug05", "nug07")
]


def solved(file: str, method: str, seconds: float) -> Verdict:
    result = solve(FOLDER / file, method, problem="gqap", limits=Limits(time_limit=seconds))
    return verdict(KNOWN[file], result)


@pytest.mark.parametrize("file", KNOWN)
def test_every_file_is_read_and_has_the_published_size(file: str):
    data = load(FOLDER / file).section("gqap")
    assert data.has_whole_costs
    assert data.has_whole_weights
    sizes = Path(file).stem.replace("X", "-").split("-")[:2]
    if "gqap/lee_ma" in file or "cordeau" in file:
        assert (data.items, data.places) == tuple(map(int, sizes))


@pytest.mark.parametrize("file", QUICK)
def test_highs_proves_the_small_ones(file: str):
    assert any(solved(file, method, 30.0) is Verdict.PROVEN for method in LINEARISED)


@pytest.mark.parametrize("file", [*QUICK, "gqap/lee_ma/15X6-E-G.txt", "qaplib/nug07.dat"])
def test_our_own_methods_prove_and_reach_the_small_ones(file: str):
    assert solved(file, "branch-and-bound", 60.0) is Verdict.PROVEN
    assert solved(file, "tabu", 10.0) in (Verdict.PROVEN, Verdict.REACHED)


@pytest.mark.long
@pytest.mark.parametrize("file", SMALL)
def test_branch_and_bound_proves_every_published_optimum_in_its_time(file: str):
    assert solved(file, "branch-and-bound", SECONDS.get(file, 60.0)) is Verdict.PROVEN


@pytest.mark.long
@pytest.mark.parametrize("file", SMALL)
def test_tabu_search_reaches_every_published_optimum_within_ten_seconds(file: str):
    assert solved(file, "tabu", 10.0) is Verdict.REACHED


@pytest.mark.long
def test_tabu_search_reaches_the_best_known_values_of_the_large_ones():
    verdicts = {file: solved(file, "tabu", 60.0) for file in LARGE}
    assert Verdict.NOTHING not in verdicts.values()
    assert sum(verdict in (Verdict.REACHED, Verdict.IMPROVED) for verdict in verdicts.values()) >= 8


@pytest.mark.long
@pytest.mark.parametrize("file", PROVEN_BY_HIGHS)
def test_a_linearisation_proves_the_published_optimum_within_ten_minutes(file: str):
    assert any(solved(file, method, 600.0) is Verdict.PROVEN for method in LINEARISED)


@pytest.mark.long
@pytest.mark.parametrize("file", KNOWN)
@pytest.mark.parametrize("method", registry.methods_for("gqap"), ids=lambda method: method.name)
def test_no_method_contradicts_a_published_value(file: str, method: registry.Method):
    seconds = min(time_limit(method, KNOWN[file].family), 15.0)
    assert solved(file, method.name, seconds) not in (Verdict.IMPOSSIBLE, Verdict.ERROR)
