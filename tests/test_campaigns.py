"""The fuzzing and the comparison of all methods: a share of both in every run of the tests, and how they work."""

from __future__ import annotations

import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import differential
import fuzz
import pytest
from fakes import result
from fuzzing.campaign import Campaign, Verdict, main, verdicts
from fuzzing.checks import checked, inconsistencies
from fuzzing.files import PROBLEMS, SHARES, FuzzedFile, fuzzed

from formulations.evaluation import Evaluation
from instances.storage.layouts import JsonLines
from instances.storage.store import Store
from solvers.core import registry
from solvers.core.result import Sense, Status

FILES, INSTANCES = 2100, 100
"""Files and instances of every run of the tests; the long ones are in the campaigns themselves."""


def failures(campaign: Campaign, seed: int, cases: int, share: int) -> tuple[list[Verdict], list[object]]:
    found = list(verdicts(campaign, seed, range(cases), share))
    assert [number for number, _ in found] == list(range(cases))
    wrong = [(number, verdict.label, verdict.failures) for number, verdict in found if verdict.failures]
    return [verdict for _, verdict in found], wrong


def test_no_fuzzed_file_raises_hangs_or_makes_a_method_lie() -> None:
    found, wrong = failures(fuzz.CAMPAIGN, 2026, FILES, share=10)
    assert not wrong
    refused = sum(verdict.outcomes == ["refused"] for verdict in found)
    assert FILES // 4 < refused < 3 * FILES // 4
    labels = {verdict.label for verdict in found}
    for problem, other in {"step_allocation": "npz", "split_offloading": "npz", "gqap": "dat"}.items():
        for ending in ("json", other):
            assert {f"{problem} {ending} {done}" for done in SHARES} <= labels
    outcomes = {outcome for verdict in found for outcome in verdict.outcomes}
    for method in ("step_allocation price-search", "split_offloading batch-scan", "gqap branch-and-bound"):
        assert {f"{method} optimal", f"{method} infeasible"} <= outcomes


def test_no_method_contradicts_another_on_random_instances() -> None:
    found, wrong = failures(differential.CAMPAIGN, 2026, INSTANCES, share=4)
    assert not wrong
    outcomes = {outcome for verdict in found for outcome in verdict.outcomes}
    for method in (known for known in registry.METHODS if known.problem in PROBLEMS):
        assert any(f"{method.problem} {method.name}" in outcome for outcome in outcomes), method.name
        if method.exact:
            assert f"{method.problem} {method.name} optimal" in outcomes


@pytest.mark.long
@pytest.mark.parametrize("campaign", [fuzz.CAMPAIGN, differential.CAMPAIGN], ids=["fuzz", "differential"])
def test_a_whole_campaign(campaign: Campaign) -> None:
    assert not failures(campaign, 2027, campaign.cases, campaign.share)[1]


def test_a_seed_and_a_number_give_the_same_file_again() -> None:
    for number in range(300):
        assert fuzzed(5, number) == fuzzed(5, number)
    assert fuzzed(5, 1) != fuzzed(6, 1)
    assert sum(SHARES.values()) == pytest.approx(1.0)
    assert sum(PROBLEMS.values()) == pytest.approx(1.0)


def test_a_traceback_and_a_refusal_in_no_sentence_are_failures(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from fuzzing import checks

    file = FuzzedFile("label", "x.json", b"{}")
    assert checked(file, 0, tmp_path) == Verdict("label", ["refused"])

    def broken(path: Path) -> None:
        raise KeyError("x")

    def rude(path: Path) -> None:
        raise checks.InstanceError("no")

    monkeypatch.setattr(checks, "load", broken)
    (failure,) = checked(file, 0, tmp_path).failures
    assert failure.startswith("traceback: KeyError at test_campaigns.py:")
    monkeypatch.setattr(checks, "load", rude)
    assert checked(file, 0, tmp_path).failures == ["refused in no sentence: 'no'"]


POINT = Evaluation(objective=-5.0, magnitude=10.0)

LIES = {
    "an error": (result("m", Status.ERROR, reason="broken"), "m ends in an error: broken"),
    "a bound": (result("m", Status.UNKNOWN, bound=-4.9), "the bound -4.9 of m excludes a point with -5.0"),
    "an optimum": (
        result("m", Status.OPTIMAL, objective=-4.9, bound=-5.1),
        "m calls -4.9 optimal, but a point has -5.0",
    ),
    "infeasibility": (result("m", Status.INFEASIBLE), "m claims that nothing is feasible, but a point has -5.0"),
}


@pytest.mark.parametrize("lie", LIES)
def test_what_a_feasible_point_refutes_is_found_in_either_sense(lie: str) -> None:
    told, said = LIES[lie]
    assert list(inconsistencies([told], POINT, Sense.MINIMISE)) == [said]
    mirrored = replace(
        told,
        objective=None if told.objective is None else -told.objective,
        bound=None if told.bound is None else -told.bound,
    )
    (found,) = inconsistencies([mirrored], replace(POINT, objective=5.0), Sense.MAXIMISE)
    assert found.replace("-", "") == said.replace("-", "")


def test_what_is_true_within_the_tolerances_is_no_lie() -> None:
    honest = [
        result("bound", Status.UNKNOWN, bound=-5.0 + 6e-6),
        result("optimum", Status.OPTIMAL, objective=-5.0 + 3e-6, bound=-5.0),
        result("heuristic", objective=-4.0),
        result("nothing", Status.UNKNOWN),
    ]
    assert not list(inconsistencies(honest, POINT, Sense.MINIMISE))
    assert not list(inconsistencies(honest, None, Sense.MINIMISE))


SCRIPT = """
import os, sys, time
sys.path[:0] = {paths!r}
from fuzzing.campaign import Campaign, Verdict, main

def check(seed, number, share):
    if number == {dies}:
        os._exit(3)
    if number == {hangs}:
        time.sleep(100.0)
    time.sleep({pause})
    return Verdict("even" if number % 2 == 0 else "odd", ["seen"], ["bad"] if number == {fails} else [])

if __name__ == "__main__":
    raise SystemExit(main(Campaign(__file__, check, cases=25, chunk=10, share=1, hard_limit=5.0), "text"))
"""


def campaign(folder: Path, *, dies: int = -1, hangs: int = -1, fails: int = -1, pause: float = 0.0) -> Campaign:
    paths = [str(Path(fuzz.__file__).parents[1]), str(Path(fuzz.__file__).parent)]
    script = folder / "made_up.py"
    script.write_text(SCRIPT.format(paths=paths, dies=dies, hangs=hangs, fails=fails, pause=pause))
    return Campaign(
        str(script), lambda seed, number, share: Verdict(""), cases=25, chunk=10, share=1, hard_limit=5.0
    )


def test_a_case_that_kills_or_hangs_its_process_is_named_and_the_others_are_checked(tmp_path: Path) -> None:
    found = dict(verdicts(campaign(tmp_path, dies=2, hangs=5), 0, range(9), 1))
    assert list(found) == list(range(9))
    assert found[2].failures == ["the process died with status 3"]
    assert found[5].failures == ["hang: nothing came of it in 5 s"]
    assert all(not verdict.failures for number, verdict in found.items() if number not in (2, 5))


def test_a_killed_run_goes_on_where_it_stopped_and_keeps_its_counts(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    slow = campaign(tmp_path, pause=0.1)
    out = tmp_path / "out"
    ledger = out / "made_up.jsonl"
    process = subprocess.Popen([sys.executable, slow.script, "--out", str(out)], stderr=subprocess.DEVNULL)
    deadline = time.monotonic() + 60.0
    while not (ledger.exists() and ledger.stat().st_size) and time.monotonic() < deadline:
        time.sleep(0.02)
    process.kill()
    process.wait()
    before = ledger.read_bytes()
    assert before.count(b"\n") in (1, 2)
    assert main(campaign(tmp_path, fails=23), "text", ["--out", str(out)]) == 1
    assert ledger.read_bytes().startswith(before)
    assert main(campaign(tmp_path), "text", ["--out", str(out)]) == 1, "nothing is done again"
    printed = capsys.readouterr().out
    assert '"bad"' in printed
    with Store(ledger, JsonLines()) as store:
        records = list(store.known.values())
    assert [record["cases"] for record in records] == [10, 10, 5]
    assert sum(record["labels"]["even"] for record in records) == 13
    assert [record["failed"] for record in records] == [0, 0, 1]
    assert records[2]["failures"] == [[23, "odd", "bad"]]


@pytest.mark.parametrize(
    "words", [["--out", "FILE/out"], ["--out", "OUT", "--share", "0"], ["--out", "OUT", "--seed", "-1"]]
)
def test_a_campaign_refuses_what_it_cannot_use_without_a_traceback(
    words: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "FILE").write_text("")
    words = [str(tmp_path / word) if word[0].isupper() else word for word in words]
    with pytest.raises(SystemExit) as ended:
        main(campaign(tmp_path), "text", words)
    assert ended.value.code == 2
    assert words[-2] in capsys.readouterr().err
