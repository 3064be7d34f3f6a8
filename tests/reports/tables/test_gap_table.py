"""The gap table: its order, its summary and its notes."""

from __future__ import annotations

import math
import re
from typing import Any

from fakes import result

from formulations.step_allocation.evaluation import METRICS
from reports.formats.plain_text import render
from reports.tables.gap_table import gap_table
from reports.tables.table import Table
from solvers.comparison.cross_check import cross_check
from solvers.core.result import GAVE_UP, TIME_LIMIT, Result, Sense, Status

OPTIMAL, FEASIBLE = Status.OPTIMAL, Status.FEASIBLE


def table(
    *results: Result,
    sense: Sense = Sense.MINIMISE,
    missing: tuple[str, ...] = (),
    measures: tuple[str, ...] = ("gap", "absolute_gap"),
) -> Table:
    checked, verdict = cross_check(results, sense)
    return gap_table("small - step allocation", checked, verdict, sense, 4, measures, METRICS, missing)


def methods(shown: Table) -> list[str]:
    return [row.cells[0] for row in shown.rows]


def cell(shown: Table, method: str, column: str) -> str:
    index = [item.key for item in shown.columns].index(column)
    return next(row.cells[index] for row in shown.rows if row.cells[0] == method)


def test_the_best_bound_is_on_top_then_heuristics_by_objective_then_the_rest() -> None:
    shown = table(
        result("broken", Status.ERROR, objective=-99.0, bound=-1.0, reason="no"),
        result("poor", objective=-1.0),
        result("good", objective=-4.0),
        result("refusing", Status.UNSUPPORTED, reason="too large"),
        result("slow", OPTIMAL, objective=-5.0, bound=-5.0, seconds=9.0),
        result("loose", objective=-4.9, bound=-6.0, seconds=0.1),
        result("fast", OPTIMAL, objective=-5.0, bound=-5.0 - 1e-9, seconds=1.0),
        result("bounding", Status.UNKNOWN, bound=-5.5, reason="time limit"),
    )
    assert methods(shown) == ["fast", "slow", "bounding", "loose", "good", "poor", "refusing", "broken"]


def test_an_infinite_bound_is_shown_as_none() -> None:
    shown = table(
        result("vague", objective=-4.0, bound=-math.inf, seconds=0.1), result("exact", objective=-4.0, bound=-5.0)
    )
    assert methods(shown) == ["exact", "vague"]
    assert cell(shown, "vague", "bound") == "-"


def test_maximising_turns_the_order_round() -> None:
    shown = table(
        result("loose", objective=4.0, bound=6.0),
        result("tight", objective=4.0, bound=5.0),
        result("poor", objective=1.0),
        result("good", objective=3.0),
        sense=Sense.MAXIMISE,
    )
    assert methods(shown) == ["tight", "loose", "good", "poor"]
    assert cell(shown, "good", "gap") == "40.0000"


def test_the_summary_names_who_proved_the_optimum() -> None:
    proven = result("exact", OPTIMAL, objective=-5.0, bound=-5.0)
    assert table(proven).lead == ("certified optimum -5.000000, proven by exact",)
    together = table(result("bounding", Status.UNKNOWN, bound=-5.0), result("lucky", objective=-5.0))
    assert together.lead == ("certified optimum -5.000000, found by lucky, bound by bounding",)
    open_gap = table(result("loose", objective=-4.0, bound=-5.0)).lead[0]
    assert open_gap.startswith("not certified: best objective -4.000000 by loose, best bound -5.000000 by loose")
    assert "20.0000 %" in open_gap
    assert "no bound proven" in table(result("heuristic", objective=-4.0)).lead[0]
    assert table(result("prover", Status.INFEASIBLE)).lead == ("infeasible, proven by prover",)
    assert (
        table(result("bounding", Status.UNKNOWN, bound=-5.0)).lead[0].endswith("best bound -5.000000 by bounding")
    )
    assert table().lead == ("not certified: no solution found and no bound proven",)


def test_a_contradiction_is_an_alert() -> None:
    shown = table(result("wrong", Status.UNKNOWN, bound=-1.0), result("heuristic", objective=-4.0))
    assert len(shown.alerts) == 1
    assert "CHECK FAILED" in shown.alerts[0]
    assert "certified optimum" not in shown.lead[0]
    assert shown.alerts[0] in render([shown])


def test_seeds_become_one_row_with_mean_and_spread() -> None:
    values = (-1.0, -2.0, -4.5)
    seeds = [
        result(
            "random", objective=value, seed=seed, metrics={"offloaded": float(seed), "edge_steps": float("nan")}
        )
        for seed, value in enumerate(values)
    ]
    shown = table(result("exact", OPTIMAL, objective=-5.0, bound=-5.0), *seeds)
    assert cell(shown, "random (mean of 3)", "objective") == "-2.500000"
    assert cell(shown, "random (mean of 3)", "gap") == "50.0000"
    assert cell(shown, "random (mean of 3)", "offloaded") == "1"
    assert cell(shown, "random (mean of 3)", "edge_steps") == "-"
    note = next(text for text in shown.notes if text.startswith("random: "))
    assert "seeds 0 to 2" in note
    assert "standard deviation of the objective 1.802776" in note
    assert "best -4.500000 (seed 2)" in note
    record = next(item for item in shown.records if item["method"] == "random")
    assert (record["seeds"], record["objective_best"], record["bound_from"]) == (3, -4.5, "exact")


def test_a_failed_seed_shows_and_is_left_out_of_the_mean() -> None:
    shown = table(
        result("random", objective=-1.0, seed=0),
        result("random", objective=-3.0, seed=1),
        result("random", Status.ERROR, objective=-50.0, seed=2, reason="violated"),
    )
    assert cell(shown, "random (mean of 2)", "objective") == "-2.000000"
    assert cell(shown, "random (mean of 2)", "status") == "error"
    assert "random: violated" in shown.notes


def test_reasons_raw_objectives_and_what_is_missing_stand_below() -> None:
    notes = table(
        result("stopped", objective=-4.0, bound=-5.0, reason="time limit", raw_objective=-4.000001),
        result("sca", objective=-3.0, raw_objective=-2.5, reason="no move"),
        result("refusing", Status.UNSUPPORTED, reason="only integer steps"),
        missing=("scip", "highs"),
    ).notes
    assert "stopped: time limit" in notes
    assert "refusing: only integer steps" in notes
    assert not any(note.startswith("sca: ") for note in notes)
    (raw,) = (note for note in notes if note.startswith("objective before rounding and re-optimising the steps"))
    assert "a fractional a is not feasible for P1 and may lie below the bound" in raw
    assert raw.endswith(": sca -2.500000")
    assert "interrupted before these were done: scip, highs" in notes


def test_a_heuristic_that_was_cut_short_says_so() -> None:
    shown = table(
        result("stopped", objective=-3.0, reason=TIME_LIMIT),
        result("stuck", objective=-3.0, reason=GAVE_UP),
        result("done", objective=-3.0, reason="converged"),
        result("proven", OPTIMAL, objective=-3.0, bound=-3.0, reason=TIME_LIMIT),
        result("random", objective=-1.0, seed=0, reason="converged"),
        result("random", objective=-2.0, seed=1, reason=TIME_LIMIT),
    )
    reasons = {note for note in shown.notes if note.endswith((TIME_LIMIT, GAVE_UP, "converged"))}
    assert reasons == {"stopped: time limit", f"stuck: {GAVE_UP}", "random: time limit"}
    assert next(item for item in shown.records if item["method"] == "random")["reason"] == TIME_LIMIT


def test_the_text_is_aligned_and_shows_units() -> None:
    text = render([table(result("a-very-long-method-name" * 4, objective=-5.0, bound=-5.0), result("b"))])
    lines = text.splitlines()
    rule = next(index for index, line in enumerate(lines) if set(line) == {"-"})
    assert "users" in lines[rule - 1]
    assert max(map(len, lines[rule - 3 : rule + 3])) == len(lines[rule]) > 80
    starts = {re.search(r"\bstatus\b", line).start() for line in lines[:rule] if "status" in line}  # type: ignore[union-attr]
    assert starts == {lines[rule + 1].index("feasible")}
    assert not any(line.endswith(" ") for line in lines)
    assert text.isascii()


SPLIT_MEASURES = ("absolute_gap", "gap_per_user", "captured_share")


def gaining(name: str, objective: float, gain: float, **fields: Any) -> Result:
    return result(name, objective=objective, metrics={"gain_over_all_local": gain}, **fields)


def test_gaps_that_do_not_depend_on_where_zero_is() -> None:
    shown = table(
        gaining("exact", 0.25, 3.0, status=OPTIMAL, bound=0.25),
        gaining("good", -0.5, 2.25),
        gaining("all-local", -2.75, 0.0),
        gaining("worse", -5.75, -3.0),
        sense=Sense.MAXIMISE,
        measures=SPLIT_MEASURES,
    )
    assert [column.key for column in shown.columns][4:7] == list(SPLIT_MEASURES)
    assert methods(shown) == ["exact", "good", "all-local", "worse"]
    assert [cell(shown, name, "absolute_gap") for name in methods(shown)] == [
        "0",
        "0.750000",
        "3.000000",
        "6.000000",
    ]
    assert [cell(shown, name, "gap_per_user") for name in methods(shown)] == [
        "0",
        "0.187500",
        "0.750000",
        "1.500000",
    ]
    shares = [cell(shown, name, "captured_share") for name in methods(shown)]
    assert shares == ["100.0000", "75.0000", "0.0000", "-100.0000"]
    record = next(item for item in shown.records if item["method"] == "good")
    assert (record["gap_per_user"], record["captured_share_percent"]) == (0.1875, 75.0)
    assert "gap_percent" not in record
    note = next(text for text in shown.notes if text.startswith("gap: "))
    assert note.startswith("gap: to the best proven bound, 0.250000 by exact; ")
    assert "captured share: (objective - all-local) / (bound - all-local)" in note


def test_the_measures_of_seeds_are_means() -> None:
    shown = table(
        gaining("exact", 4.0, 4.0, status=OPTIMAL, bound=4.0),
        gaining("random", 3.0, 3.0, seed=0),
        gaining("random", 1.0, 1.0, seed=1),
        sense=Sense.MAXIMISE,
        measures=SPLIT_MEASURES,
    )
    assert cell(shown, "random (mean of 2)", "gap_per_user") == "0.500000"
    assert cell(shown, "random (mean of 2)", "captured_share") == "50.0000"


def test_there_is_no_captured_share_where_there_is_nothing_to_capture_or_no_bound() -> None:
    nothing = table(
        gaining("exact", -2.0, 0.0, status=OPTIMAL, bound=-2.0),
        gaining("worse", -3.0, -1.0),
        sense=Sense.MAXIMISE,
        measures=SPLIT_MEASURES,
    )
    assert [cell(nothing, name, "captured_share") for name in methods(nothing)] == ["-", "-"]
    unbounded = table(gaining("lonely", -2.0, 1.0), sense=Sense.MAXIMISE, measures=SPLIT_MEASURES)
    assert [cell(unbounded, "lonely", key) for key in SPLIT_MEASURES] == ["-", "-", "-"]


def test_the_summary_gives_per_cent_only_where_the_table_does() -> None:
    loose = gaining("loose", 1e-6, 1.0, bound=0.5)
    absolute = table(loose, sense=Sense.MAXIMISE, measures=SPLIT_MEASURES).lead[0]
    assert absolute.endswith("best bound 0.500000 by loose, absolute gap 0.499999")
    assert "%" not in absolute
    assert "%" in table(loose, sense=Sense.MAXIMISE).lead[0]


def test_a_bound_below_an_objective_is_an_alert_where_we_maximise() -> None:
    wrong = gaining("wrong", 1.0, 1.0, bound=1.0)
    better = gaining("better", 1.5, 1.5)
    shown = table(wrong, better, sense=Sense.MAXIMISE, measures=SPLIT_MEASURES)
    assert shown.alerts == ("CHECK FAILED: the bound 1 of wrong lies below the feasible objective 1.5 of better",)
