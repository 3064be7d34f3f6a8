"""The audit: verdicts from synthetic numbers, checks of the checks, and the page of every statement."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from formulations.split_offloading.evaluation import evaluate_solution
from instances.calibration.devices import read_devices
from reports.papers.audit import (
    best_split,
    command,
    genetic_algorithm,
    image_models,
    learned_policy,
    learned_scopes,
    page,
    split_offloading,
    training_choices,
)
from reports.papers.audit.claim import Claim, Finding, Size, Verdict, share_verdict
from reports.papers.audit.genetic_algorithm import Losses
from reports.papers.audit.learned_policy import OURS, PUBLISHED
from reports.papers.audit.measures import genetic_variants, linearity, published_loss, published_training
from solvers.split_offloading.exact.batch_scan import solution_of
from solvers.split_offloading.per_dqn import ablate

SIZE = Size(3)


@pytest.mark.parametrize(
    ("share", "verdict"), [(1.0, Verdict.HOLDS), (0.999, Verdict.PART), (0.01, Verdict.PART), (0.0, Verdict.FAILS)]
)
def test_verdict_of_a_share(share: float, verdict: Verdict) -> None:
    assert share_verdict(share) is verdict


OPTIMUM = np.array([-1.0, -2.0, -3.0])


def objectives(**lost: float | list[float]) -> Mapping[str, np.ndarray]:
    names = {name: OURS.decider if name == "network" else name.replace("_", "-") for name in lost}
    return {names[name]: OPTIMUM - np.asarray(loss) for name, loss in lost.items()}


def given(monkeypatch: pytest.MonkeyPatch, found: Mapping[str, np.ndarray]) -> None:
    """Give objectives with 5, 10 and 20 users, one snapshot each, and none by the GPUs."""
    monkeypatch.setattr(learned_policy, "by_draw", lambda name, size, users: found[name])
    monkeypatch.setattr(learned_policy, "mean_by_gpus", lambda name, size: np.zeros(0))


THREE = OURS._replace(users=(5, 10, 20))
BASELINES = {"all-offload-best-split": 1.0, "all-offload-fixed-split": 2.0, "all-local": 3.0}


@pytest.mark.parametrize(
    ("network", "verdict"),
    [(0.0, Verdict.HOLDS), ([0.0, 0.0, 2.0], Verdict.PART), (9.0, Verdict.FAILS)],
)
def test_policy_against_baselines(
    network: float | list[float], verdict: Verdict, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = {name: OPTIMUM - loss for name, loss in BASELINES.items()}
    given(monkeypatch, {**found, **objectives(network=network, greedy=0.0)})
    finding = learned_policy.outperforms_baselines(SIZE, THREE)
    assert finding.verdict is verdict
    assert f"in {round(3 * finding.evidence['settings'])} of 3 settings" in finding.measured


@pytest.mark.parametrize(
    ("network", "verdict"),
    [(0.0, Verdict.HOLDS), ([0.0, 1e-3, 0.0], Verdict.PART), (1e-3, Verdict.PART), (1.5, Verdict.FAILS)],
)
def test_policy_against_the_optimum(
    network: float | list[float], verdict: Verdict, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = objectives(batch_scan=0.0, network=network, greedy=0.0, sorted_stop=[0.0, 0.0, 0.1])
    given(monkeypatch, {**found, **{name: OPTIMUM - loss for name, loss in BASELINES.items()}})
    finding = learned_policy.reaches_optimality(SIZE, THREE)
    assert finding.verdict is verdict
    assert finding.evidence["greedy"] == 1.0
    assert finding.evidence["sorted-stop"] == pytest.approx(2.0 / 3.0)


@pytest.mark.parametrize(("fixed", "verdict"), [(0.5, Verdict.HOLDS), ([0.5, 0.0, 0.5], Verdict.PART)])
def test_policy_against_branch_and_bound(
    fixed: float | list[float], verdict: Verdict, monkeypatch: pytest.MonkeyPatch
) -> None:
    given(monkeypatch, objectives(network=0.1, greedy=0.0, highs_gqap_fixed_split=fixed))
    found = learned_policy.above_branch_and_bound(SIZE, THREE)
    assert found.verdict is verdict
    assert (
        f"with 5: +0.40 s, 10: {'+0.40' if verdict is Verdict.HOLDS else '-0.10'} s, 20: +0.40 s" in found.measured
    )


@pytest.mark.parametrize(("power", "verdict"), [(1.0, Verdict.HOLDS), (1.6, Verdict.FAILS), (None, Verdict.PART)])
def test_growth_of_the_policys_time(
    power: float | None, verdict: Verdict, monkeypatch: pytest.MonkeyPatch
) -> None:
    users = np.array(learned_policy.MANY_USERS, dtype=np.float64)
    seconds = users**power if power else np.maximum(80.0, users) ** 1.4
    monkeypatch.setattr(learned_policy, "times", lambda name, counts: tuple(seconds[: len(counts)]))
    finding = learned_policy.linear_time(SIZE)
    assert finding.verdict is (Verdict.FAILS if power == 1.6 else Verdict.HOLDS)  # up to 40 users
    assert finding.evidence["exponent"] == pytest.approx(power or 0.0)
    assert finding.ours is not None
    assert finding.ours.verdict is verdict


@pytest.mark.parametrize(
    ("genetic", "tree", "scan", "verdict"),
    [
        (2.0, 3.0, 0.1, Verdict.HOLDS),
        (2.0, 3.0, 10.0, Verdict.HOLDS),
        (0.5, 3.0, 0.1, Verdict.PART),
        (0.5, 0.5, 0.1, Verdict.FAILS),
    ],
)
def test_time_of_the_policy_against_what_the_paper_compares(
    genetic: float, tree: float, scan: float, verdict: Verdict, monkeypatch: pytest.MonkeyPatch
) -> None:
    seconds = {OURS.decider: 1.0, "batch-scan": scan, "greedy": 0.1}
    seconds |= {"genetic": genetic, "highs-gqap-fixed-split": tree}
    monkeypatch.setattr(learned_policy, "times", lambda name, counts: (seconds[name],) * len(counts))
    found = learned_policy.viable_for_many_users(SIZE, OURS)
    assert found.verdict is verdict
    assert ("Beside the exact scan" in found.measured) == (scan < 1.0)


@pytest.mark.parametrize(
    ("general", "specific", "scale", "verdict"),
    [
        ([0.1, 0.0], [0.0, 0.0], 20.0, Verdict.HOLDS),
        ([0.1, 0.0], [0.0, 0.0], 1.0, Verdict.PART),
        ([0.0, 0.0], [0.0, 0.0], 20.0, Verdict.PART),
        ([0.0, 0.1], [0.1, 0.0], 20.0, Verdict.PART),
        ([0.0, 0.0], [0.1, 0.1], 20.0, Verdict.FAILS),
    ],
)
def test_scopes_on_the_same_cases(
    general: list[float], specific: list[float], scale: float, verdict: Verdict, monkeypatch: pytest.MonkeyPatch
) -> None:
    losses = dict(zip(learned_scopes.LABELS[OURS], map(np.array, (general, general, specific)), strict=True))
    monkeypatch.setattr(learned_scopes, "_scopes", lambda size: (losses, np.array([scale, scale])))
    assert learned_scopes.specific_is_superior(SIZE, OURS).verdict is verdict
    assert learned_scopes.specific_is_superior(SIZE, PUBLISHED).verdict is Verdict.UNCHECKED


def test_scopes_are_compared_where_all_three_are_trained(monkeypatch: pytest.MonkeyPatch) -> None:
    values = ([0.2, 0.0], [0.1, 0.0], [0.0, np.nan])
    losses = dict(zip(learned_scopes.LABELS[PUBLISHED], map(np.array, values), strict=True))
    monkeypatch.setattr(learned_scopes, "_scopes", lambda size: (losses, np.array([50.0, 50.0])))
    found = learned_scopes.specific_is_superior(SIZE, PUBLISHED)
    assert (found.verdict, found.instances) == (Verdict.HOLDS, 1)


def test_what_fails_while_the_training_rises_depends_on_its_length(monkeypatch: pytest.MonkeyPatch) -> None:
    def failing(size: object, judged: object) -> Finding:
        return Finding(Verdict.FAILS, "All are worse.", 3)

    for rising, verdict in ((True, Verdict.OPEN), (False, Verdict.FAILS)):
        monkeypatch.setattr(learned_policy, "still_rising", lambda name, rising=rising: rising)
        found = learned_policy.in_both_columns(failing)(SIZE)
        assert (found.verdict, found.ours.verdict) == (verdict, Verdict.FAILS)
        assert found.measured.startswith("All are worse. Trained with one seed: general 1,000,000 gradient steps")


@pytest.mark.parametrize(("last", "rising"), [(0.9, True), (0.995, False), (1.2, False)])
def test_a_training_rises_while_its_gap_falls(last: float, rising: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    general = published_training.shipped_network("paper_general")
    curve = [(step, last if step >= 8 else 1.0, 0.0) for step in range(10)]
    changed = general._replace(provenance=general.provenance.model_copy(update={"curve": curve}))
    monkeypatch.setattr(published_training, "shipped_network", lambda name: changed)
    assert published_training.still_rising("any") is rising
    assert published_training.how_trained({"general": "any"}).endswith("still rising." if rising else "steps.")


def test_only_networks_of_different_scopes_are_compared_in_how_much_they_fluctuate(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    distances = {"general": 3.0, "G = 1": 2.0, "G = 2": 2.5, "specific, n30": 0.1}
    monkeypatch.setattr(learned_scopes, "scopes", lambda judged: {label: label for label in distances})
    monkeypatch.setattr(learned_scopes, "shipped_network", lambda name: PUBLISHED_NETWORK)
    monkeypatch.setattr(learned_scopes, "how_trained", lambda names: "")
    drawn = iter([*distances.values(), *(2.2, 2.0, 2.5, 0.1)])
    monkeypatch.setattr(learned_scopes, "neighbour_distance", lambda returns: next(drawn))
    assert learned_scopes.fluctuates_as_drawn(SIZE).verdict is Verdict.HOLDS
    assert learned_scopes.fluctuates_as_drawn(SIZE).verdict is Verdict.PART


PUBLISHED_NETWORK = published_training.shipped_network("paper_general")


def trained(change: str, seed: int, captured: float, steps: int = 200_000) -> ablate.Row:
    return ablate.Row(change, "paper", seed, 0.0, steps, 0.5, 1.0, captured, 0.2, 0.4)


@pytest.mark.parametrize(
    ("captured", "steps", "verdict"),
    [
        ([0.5, 0.5, 0.5], 200_000, Verdict.HOLDS),
        ([0.6, 0.5, 0.7], 200_000, Verdict.HOLDS),
        ([0.5, 0.5, 0.9], 200_000, Verdict.OPEN),
        ([0.799, 0.801, 0.799], 200_000, Verdict.OPEN),
        ([0.9, 0.9, 0.9], 200_000, Verdict.OPEN),
        ([0.5], 200_000, Verdict.OPEN),
        ([0.9], 200_000, Verdict.OPEN),
        ([0.5, 0.5, 0.5], 60_000, Verdict.UNCHECKED),
        ([], 200_000, Verdict.UNCHECKED),
    ],
)
def test_a_choice_of_training_is_judged_by_its_seeds(captured: list[float], steps: int, verdict: Verdict) -> None:
    rows = [trained("paper", seed, 0.8, steps) for seed in range(3)]
    rows += [trained("paper without it", seed, share, steps) for seed, share in enumerate(captured)]
    found = training_choices.worth("paper without it", rows)
    assert (found.verdict, found.instances) == (verdict, len(captured))
    assert ("of 3; another one may turn it" in found.measured) == (len(captured) == 1)


@pytest.mark.parametrize(("power", "verdict"), [(1.0, Verdict.HOLDS), (1.5, Verdict.PART)])
def test_a_series_that_is_a_line_is_linear(
    power: float, verdict: Verdict, monkeypatch: pytest.MonkeyPatch
) -> None:
    batch = np.array([1.0, 2.0, 4.0, 8.0, 16.0])
    series = pd.DataFrame({"place": "edge", "batch": batch, "seconds": 0.5 + 0.2 * batch**power})
    line = linearity._line("any", series)
    monkeypatch.setattr(image_models, "lines", lambda: [line])
    found = image_models.linear_latency(SIZE)
    straight = line.largest_error <= 1e-12
    assert found.verdict is verdict
    assert f"on {int(straight)} of 1 GPUs" in found.measured
    assert line.constant_share == pytest.approx(2.5) if straight else line.largest_error > 0.1


def test_the_line_through_the_series_of_the_h100_pcie_is_that_of_the_device_table() -> None:
    (line,) = (each for each in linearity.lines() if each.device == "H100 PCIe")
    row = read_devices().devices["H100 PCIe (Lambda)"]
    assert line.constant_share == pytest.approx(
        row.seconds_per_step_base / row.seconds_per_step_per_item, rel=1e-3
    )


def test_the_longest_trainings_are_compared() -> None:
    rows = [
        *(trained("paper", 0, 0.1, 60_000), trained("paper without it", 0, 0.9, 60_000)),
        *(trained("paper", 0, 0.8), trained("paper without it", 0, 0.6), trained("paper without it", 1, 0.7)),
    ]
    found = training_choices.worth("paper without it", rows)
    assert found.evidence == {"without it, seed 0": pytest.approx(0.2)}
    assert "After 200,000 gradient steps" in found.measured


def test_the_rows_that_ship_are_read() -> None:
    assert {row.change for row in training_choices.shipped_rows()} >= {"paper", "paper without priorities"}


def test_a_straight_curve_does_not_fluctuate() -> None:
    straight = [(step, 3.0 * step) for step in range(20)]
    assert published_training.neighbour_distance(straight) == pytest.approx(0.0, abs=1e-12)
    zigzag = [(step, float(step % 2)) for step in range(20)]
    assert published_training.neighbour_distance(zigzag) == pytest.approx(1.0)


@pytest.mark.parametrize(
    ("genetic", "poorest", "unstable"),
    [
        ([[0.0, 0.0], [0.0, 0.0]], Verdict.OPEN, Verdict.OPEN),  # the authors' is not published
        ([[0.0, 9.0], [9.0, 0.0]], Verdict.HOLDS, Verdict.HOLDS),
    ],
)
def test_genetic_algorithm_beside_the_others(
    genetic: list[list[float]], poorest: Verdict, unstable: Verdict, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = Losses(np.array([0.0, 0.1]), np.array([0.5, 1.0]), {"any": np.array(genetic)})
    monkeypatch.setattr(genetic_algorithm, "losses", lambda size, judged: {10: found})
    assert genetic_algorithm.poorest(SIZE, OURS).verdict is poorest
    assert genetic_algorithm.unstable(SIZE, OURS).verdict is unstable


def test_the_learned_policy_beside_both_others(monkeypatch: pytest.MonkeyPatch) -> None:
    def verdict(genetic: float, other: float, fixed: float) -> Verdict:
        readings = {"kept": np.full((2, 1), genetic), "lost": np.full((2, 1), other)}
        found = Losses(np.array([0.1, 0.1]), np.full(2, fixed), readings)
        monkeypatch.setattr(genetic_algorithm, "losses", lambda size, judged: {10: found, 20: found})
        finding = genetic_algorithm.outperforms_both(SIZE, OURS)
        assert ("lost with 10, 20 users" in finding.measured) == (other > 0.1)
        return finding.verdict

    assert verdict(0.2, 0.3, 0.5) is Verdict.HOLDS
    assert verdict(0.0, 0.3, 0.5) is Verdict.OPEN  # which reading the authors' is would decide
    assert verdict(0.0, 0.0, 0.5) is Verdict.FAILS
    assert verdict(0.2, 0.3, 0.0) is Verdict.FAILS


def test_every_genetic_algorithm_runs_on_the_snapshots_of_the_others() -> None:
    found = genetic_algorithm.losses(Size(1), OURS._replace(users=(10,)))
    assert set(found) == {10}
    shapes = {reading: lost.shape for reading, lost in found[10].genetic.items()}
    assert shapes.pop(genetic_algorithm.OURS_IS) == (2, genetic_algorithm.SEEDS)
    assert set(shapes.values()) == {(2, genetic_algorithm.VARIANT_SEEDS)}
    assert all(
        lost.min() >= -1e-9 for lost in (found[10].network, found[10].fixed_split, *found[10].genetic.values())
    )


@pytest.mark.parametrize(
    ("doubling", "verdict"), [(0.5, Verdict.HOLDS), (8.0, Verdict.HOLDS), (0.2, Verdict.PART), (1e9, Verdict.PART)]
)
def test_growth_of_branch_and_bound(doubling: float, verdict: Verdict, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        genetic_algorithm, "seconds_of", lambda solver, draw, limit: 0.1 * 2.0 ** (draw.users / doubling)
    )
    assert genetic_algorithm.exponential_branch_and_bound(SIZE).verdict is verdict


@pytest.mark.parametrize(("power", "verdict"), [(1.0, Verdict.HOLDS), (2.0, Verdict.FAILS)])
def test_growth_of_the_genetic_algorithm(power: float, verdict: Verdict, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(genetic_algorithm, "seconds_of", lambda solver, draw, limit: draw.users**power)
    assert genetic_algorithm.linear_genetic(SIZE).verdict is verdict


@pytest.mark.parametrize(
    ("bandwidth", "verdict"), [(1e9, Verdict.HOLDS), (1e6, Verdict.PART), (2e5, Verdict.FAILS)]
)
def test_transmission_by_bandwidth(bandwidth: float, verdict: Verdict, monkeypatch: pytest.MonkeyPatch) -> None:
    drawn = list(split_offloading.snapshots(3))
    changed = [data.replaced({"bandwidth_hz": bandwidth}) for data in drawn]
    monkeypatch.setattr(split_offloading, "snapshots", lambda cases: iter(changed))
    assert split_offloading.transmission_is_small(SIZE).verdict is verdict


def test_emphases_beyond_the_interval_of_remark_1(monkeypatch: pytest.MonkeyPatch) -> None:
    one = Size(1)
    assert best_split.emphasis_limits(one).verdict is Verdict.HOLDS
    right = best_split.interval_of_emphases
    monkeypatch.setattr(
        best_split,
        "interval_of_emphases",
        lambda data, batch: (2.0 * right(data, batch)[0], right(data, batch)[1]),
    )
    assert best_split.emphasis_limits(one).verdict is Verdict.PART


def test_fixed_splits_are_the_gqap_of_18() -> None:
    assert split_offloading.reduction(Size(1)).verdict is Verdict.HOLDS


def test_best_splits_move_as_read_off(monkeypatch: pytest.MonkeyPatch) -> None:
    assert best_split.trends(SIZE).verdict is Verdict.HOLDS
    steps = best_split.offloaded()[::-1]
    monkeypatch.setattr(best_split, "offloaded", lambda: steps)
    assert best_split.trends(SIZE).verdict is Verdict.PART


def test_tables_with_the_corrected_loss_learn_the_exact_values() -> None:
    values = np.random.default_rng(0).normal(size=16)
    values[0] = 0.0
    q = published_loss.learned_values(values, printed=False, draw=np.random.default_rng(1))
    for handled in range(4):
        for before in range(1 << handled):
            ends = [chosen for chosen in range(16) if chosen & ((1 << handled) - 1) == before]
            best = max(values[end] for end in ends) - values[before]
            assert q[handled, before].max() == pytest.approx(best, abs=1e-6)
    assert published_loss.greedy_choice(q) == values.argmax()


CHECKED = [
    Claim(
        "a-one", "A", "III", "One is one.", lambda size: Finding(Verdict.HOLDS, "It is.", size.cases, {"one": 1})
    ),
    Claim("b-two", "B", "6", "Two is three.", lambda size: Finding(Verdict.FAILS, "It is not.", 0, {"two": 2})),
]


def test_every_statement_says_what_would_change_its_verdict() -> None:
    assert {claim.name for claim in command.CLAIMS} == {
        name for name, words in command.WORDS.items() if words.would_change
    }


def test_every_statement_has_a_heading_of_its_own_and_the_words_of_its_paper() -> None:
    assert {claim.name for claim in command.CLAIMS} == set(command.WORDS)
    headings = [page.anchor(each.heading) for each in command.WORDS.values()]
    assert len(set(headings)) == len(headings)
    assert [name for name, each in command.WORDS.items() if not each.quote] == ["b-loss-23"]


def test_the_kept_page_is_rendered_from_the_kept_measurements(tmp_path: Path) -> None:
    kept = Path(__file__).parents[3] / "docs"
    shutil.copy(kept / "claims_100.jsonl", tmp_path)
    assert command.main(["--full", "--out", str(tmp_path)]) == 0
    for name in ("claims.md", "claims.csv", "claims_100.jsonl"):
        assert (tmp_path / name).read_text() == (kept / name).read_text()


@pytest.mark.parametrize(
    ("section", "names"),
    [
        ("6.2, Fig. 10", ["b-fig10a", "b-fig10b"]),
        ("3.4, Fig. 4b", ["b-fig4b"]),
        ("3.4, Fig. 4a", []),
        ("6.2, Table 1", ["b-table1"]),
        ("5.2", []),
    ],
)
def test_the_picture_of_a_statement_is_the_one_its_section_speaks_of(section: str, names: list[str]) -> None:
    assert page.figures({"paper": "B", "section": section}) == names


def test_the_page_makes_a_case_for_the_authors_wherever_a_statement_does_not_hold() -> None:
    text = (Path(__file__).parents[3] / "docs" / "claims.md").read_text()
    for entry in text.split("\n### ")[1:]:
        if ">does not hold<" in entry and "| ours |" not in entry:
            assert "**For the authors:** " in entry


def test_our_own_network_has_a_column_of_its_own() -> None:
    ours = learned_policy.in_both_columns(lambda size, judged: Finding(Verdict.HOLDS, judged.words, 3))(SIZE)
    assert ours.measured.startswith(f"{PUBLISHED.words} Trained with one seed: ")
    assert ours.ours is not None
    record = {
        "name": "b-x",
        "paper": "B",
        "section": "6",
        "statement": "It learns.",
        "instances": 3,
        "evidence": {},
    }
    record |= {
        "verdict": str(ours.verdict),
        "measured": ours.measured,
        "would_change": "more.",
        "ours": asdict(ours.ours),
    }
    text = page.markdown([record], "x")
    assert "| the paper's configuration | ours |" in text
    assert '| <span class="verdict verdict-holds">holds</span> tuned general network |' in text
    assert "**Would change it:** more." in text


def test_variants_of_the_genetic_algorithm_count_what_the_evaluator_counts() -> None:
    data = split_offloading.snapshots(1, users=6)
    drawn = next(data)
    for variant in genetic_variants.VARIANTS:
        users = np.array([[True, False, True, True, False, False]])
        splits = np.full((1, 6), 120)
        worth = genetic_variants._Worth(drawn, variant)(users, splits)[0]
        n = np.where(users[0], 120.0, float(drawn.total_steps))
        solution = (
            {"x": users[0].astype(float), "n": n} if variant.splits else solution_of(drawn, np.array([0, 2, 3]))
        )
        assert worth == pytest.approx(evaluate_solution(drawn, solution).metrics["gain_over_all_local"], rel=1e-9)


def test_page_summary_and_files(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(command, "CLAIMS", CHECKED)
    assert command.main(["--out", str(tmp_path)]) == 0
    assert capsys.readouterr().out.startswith("2 statements: holds 1, does not hold 1.\n")
    text = (tmp_path / "claims.md").read_text()
    for lines in (
        '| <span class="verdict verdict-holds">holds</span> | 1 | 0 |\n',
        '### a-one\n\n<a id="a-one"></a>\n\nPaper A, III. One is one.\n',
        '<span class="verdict verdict-holds">holds</span> (12 instances) It is.\n\n**Evidence:** one 1.\n',
        '<span class="verdict verdict-does-not-hold">does not hold</span> It is not.\n',
    ):
        assert lines in text
    assert (tmp_path / "claims.csv").read_text() == (
        "claim,verdict,quantity,value\na-one,holds,one,1.0\nb-two,does not hold,two,2.0\n"
    )


def test_what_was_measured_is_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(size: Size) -> Finding:
        raise KeyboardInterrupt

    def unexpected(size: Size) -> Finding:
        raise AssertionError("measured again")

    about = ("A", "III", "One is one.")
    monkeypatch.setattr(command, "CLAIMS", [CHECKED[0], Claim("a-slow", *about, interrupted)])
    assert command.main(["--out", str(tmp_path)]) == 130
    monkeypatch.setattr(
        command, "CLAIMS", [Claim("a-one", *about, unexpected), Claim("a-slow", *about, CHECKED[1].check)]
    )
    assert command.main(["--out", str(tmp_path)]) == 0
    assert "### a-slow" in (tmp_path / "claims.md").read_text()


def test_unknown_statement_is_refused_in_a_sentence(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert command.main(["--only", "a-convergence,b-none", "--out", str(tmp_path)]) == 2
    assert capsys.readouterr().err.startswith("diffload: --only: expected names among a-np-hard, ")


def test_names_are_unique_and_say_the_paper() -> None:
    names = [claim.name for claim in command.CLAIMS]
    assert len(set(names)) == len(names)
    assert all(claim.name.startswith(f"{claim.paper.lower()}-") for claim in command.CLAIMS)


def test_overview_is_copied_between_its_marks() -> None:
    records = [{"name": c.name, "paper": c.paper, "verdict": str(c.check(SIZE).verdict)} for c in CHECKED]
    block = page.overview(records)
    assert "\n2 statements: holds 1, does not hold 1.\n" in block
    assert "\n- does not hold (B): b-two\n" in block
    target = f"before\n{page.BEGIN}\nold\n{page.END}\nafter\n"
    assert page.copied_overview(f"top\n{block}end\n", target) == f"before\n{block}after\n"
    with pytest.raises(ValueError, match="expected a part between"):
        page.copied_overview(block, "no marks")
