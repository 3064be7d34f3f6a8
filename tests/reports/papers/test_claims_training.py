"""The audit of how networks were trained, and of what the choices of training are worth."""

from __future__ import annotations

from pathlib import Path

import pytest

from instances.storage.store import write
from reports.papers.audit import learned_policy, learned_scopes, training_choices
from reports.papers.audit.claim import Finding, Size, Verdict
from reports.papers.audit.learned_policy import OURS
from reports.papers.audit.measures import published_training
from solvers.split_offloading.per_dqn import ablate

SIZE = Size(3)


@pytest.mark.parametrize("verdict", [Verdict.HOLDS, Verdict.PART, Verdict.FAILS])
def test_what_is_found_while_the_training_rises_depends_on_its_length(
    verdict: Verdict, monkeypatch: pytest.MonkeyPatch
) -> None:
    def judged(size: object, judged: object) -> Finding:
        return Finding(verdict, "All are worse.", 3)

    for rising, expected in ((True, Verdict.OPEN), (False, verdict)):
        monkeypatch.setattr(published_training, "still_rising", lambda name, rising=rising: rising)
        found = learned_policy.in_both_columns(judged)(SIZE)
        assert found.ours is not None
        assert (found.verdict, found.ours.verdict) == (expected, verdict)
        assert found.measured.startswith("All are worse. Trained with one seed: general 1,000,000 gradient steps")
        assert found.ours.measured.startswith(
            "All are worse. Trained with one seed: general 24,000 gradient steps"
        )


@pytest.mark.parametrize(
    ("general", "flat", "verdict"),
    [
        (Verdict.HOLDS, Verdict.HOLDS, Verdict.HOLDS),
        (Verdict.HOLDS, Verdict.PART, Verdict.PART),
        (Verdict.FAILS, Verdict.HOLDS, Verdict.OPEN),
        (Verdict.PART, Verdict.FAILS, Verdict.FAILS),
        (Verdict.UNCHECKED, Verdict.HOLDS, Verdict.UNCHECKED),
    ],
)
def test_a_flat_training_decides_against_or_agrees(
    general: Verdict, flat: Verdict, verdict: Verdict, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(published_training, "still_rising", lambda name: True)
    assert published_training.depends_on_length(general, {"general": "any"}, flat) is verdict


def test_what_training_leaves_is_the_mean_of_the_last_fifth_beside_granting_nobody(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    general = published_training.shipped_network("paper_general")
    curve = [(step, {0: 9.0, 8: 0.3, 9: 0.5}.get(step, 1.0), 0.0) for step in range(10)]
    changed = general._replace(provenance=general.provenance.model_copy(update={"curve": curve}))
    monkeypatch.setattr(published_training, "shipped_network", lambda name: changed)
    monkeypatch.setattr(published_training, "granting_nobody", lambda name: 4.0)
    assert published_training.left("any") == pytest.approx(0.1)


def test_our_untrained_networks_grant_nobody() -> None:
    for name in learned_scopes.scopes(OURS).values():
        (step, gap, _), *_ = published_training.shipped_network(name).provenance.curve
        assert step == 0
        assert published_training.granting_nobody(name) == pytest.approx(gap)


def test_two_scopes_of_three_are_a_part() -> None:
    found = learned_scopes.learns(SIZE, OURS)
    assert found.verdict is Verdict.PART
    assert found.measured.endswith("Not judged, for no network of it ships: a specific case.")
    assert learned_scopes.missing(["general", "G = 1", "G = 2", "G = 4", "G = 8", "specific, n30"]) == []


@pytest.mark.parametrize(("last", "rising"), [(0.9, True), (0.995, False), (1.2, False)])
def test_a_training_rises_while_its_gap_falls(last: float, rising: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    general = published_training.shipped_network("paper_general")
    curve = [(step, last if step >= 8 else 1.0, 0.0) for step in range(10)]
    changed = general._replace(provenance=general.provenance.model_copy(update={"curve": curve}))
    monkeypatch.setattr(published_training, "shipped_network", lambda name: changed)
    monkeypatch.setattr(published_training, "granting_nobody", lambda name: 1.0)
    assert published_training.still_rising("any") is rising
    assert published_training.how_trained({"general": "any"}).endswith("still rising." if rising else "steps.")


@pytest.mark.parametrize(
    ("distances", "rising", "verdict"),
    [
        ([3.0, 2.0, 2.5, 0.1], False, Verdict.HOLDS),
        ([3.0, 2.0, 3.5, 0.1], False, Verdict.PART),  # holds for the mean over G alone
        ([2.2, 2.0, 2.5, 0.1], False, Verdict.PART),
        ([3.0, 2.0, 2.5, 0.1], True, Verdict.OPEN),
    ],
)
def test_scopes_are_compared_in_how_much_they_fluctuate(
    distances: list[float], rising: bool, verdict: Verdict, monkeypatch: pytest.MonkeyPatch
) -> None:
    labels = ("general", "G = 1", "G = 2", "specific, n30")
    monkeypatch.setattr(learned_scopes, "scopes", lambda judged: {label: label for label in labels})
    monkeypatch.setattr(learned_scopes, "shipped_network", lambda name: PUBLISHED_NETWORK)
    monkeypatch.setattr(learned_scopes, "how_trained", lambda names: "")
    monkeypatch.setattr(published_training, "still_rising", lambda name: rising)
    drawn = iter(distances)
    monkeypatch.setattr(learned_scopes, "neighbour_distance", lambda returns: next(drawn))
    assert learned_scopes.fluctuates_as_drawn(SIZE).verdict is verdict


PUBLISHED_NETWORK = published_training.shipped_network("paper_general")


def trained(change: str, seed: int, captured: float, steps: int = 200_000) -> ablate.Row:
    return ablate.Row(change, "paper", seed, 0.0, steps, 0.5, 1.0, captured, 0.2, 0.4)


CHOICE = training_choices.Choice("with it", "paper")


@pytest.mark.parametrize(
    ("captured", "steps", "verdict", "in_ours"),
    [
        ([0.5, 0.5, 0.5], 200_000, Verdict.HOLDS, Verdict.HOLDS),
        ([0.6, 0.55, 0.65], 200_000, Verdict.HOLDS, Verdict.HOLDS),
        ([0.6, 0.5, 0.7], 200_000, Verdict.OPEN, Verdict.UNCHECKED),  # t = 3.46, below the 4.30 of three seeds
        ([0.6, 0.5, 0.7, 0.6], 200_000, Verdict.HOLDS, Verdict.HOLDS),  # t = 4.90, above the 3.18 of four
        ([0.5, 0.5, 0.9], 200_000, Verdict.OPEN, Verdict.UNCHECKED),
        ([0.799, 0.801, 0.799], 200_000, Verdict.OPEN, Verdict.UNCHECKED),
        ([0.9, 0.9, 0.9], 200_000, Verdict.OPEN, Verdict.FAILS),
        ([1.0, 0.9, 1.1], 200_000, Verdict.OPEN, Verdict.UNCHECKED),
        ([0.5], 200_000, Verdict.OPEN, Verdict.UNCHECKED),
        ([0.9], 200_000, Verdict.OPEN, Verdict.UNCHECKED),
        ([0.5, 0.5, 0.5], 60_000, Verdict.UNCHECKED, Verdict.HOLDS),
        ([0.5, 0.5, 0.5], 3_000, Verdict.UNCHECKED, Verdict.UNCHECKED),
        ([], 200_000, Verdict.UNCHECKED, Verdict.UNCHECKED),
    ],
)
def test_a_choice_of_training_is_judged_by_its_seeds(
    captured: list[float], steps: int, verdict: Verdict, in_ours: Verdict
) -> None:
    rows = [trained("with it", seed, 0.8, steps) for seed in range(4)]
    rows += [trained("paper", seed, share, steps) for seed, share in enumerate(captured)]
    found = training_choices.worth(CHOICE, rows, training_choices.PUBLISHED)
    assert (found.verdict, found.instances) == (verdict, len(captured))
    assert ("of 3; another one may turn it" in found.measured) == (len(captured) == 1)
    assert ("is still rising" in found.measured) == (verdict is not Verdict.UNCHECKED)
    assert training_choices.worth(CHOICE, rows, training_choices.OURS).verdict is in_ours


def test_what_a_choice_costs_is_said() -> None:
    rows = [trained("with it", seed, 0.8) for seed in range(3)]
    rows += [trained("paper", seed, 0.9) for seed in range(3)]
    found = training_choices.worth(CHOICE, rows, training_choices.PUBLISHED)
    assert "with the paper's choice it captures significantly less" in found.measured


def test_the_longest_trainings_are_compared() -> None:
    rows = [
        *(trained("with it", 0, 0.1, 60_000), trained("paper", 0, 0.9, 60_000)),
        *(trained("with it", 0, 0.8), trained("paper", 0, 0.6), trained("paper", 1, 0.7)),
    ]
    found = training_choices.worth(CHOICE, rows, training_choices.PUBLISHED)
    assert found.evidence == {"with it over paper, seed 0": pytest.approx(0.2)}
    assert "After 200,000 gradient steps" in found.measured


def test_the_rows_that_ship_are_read() -> None:
    changes = {row.change for row in training_choices.shipped_rows(training_choices.PUBLISHED)}
    assert changes >= {each.lacking for each in training_choices.CHOICES.values()} | {training_choices.PAPER}


def test_every_choice_is_judged_in_our_configurations_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    chosen = training_choices.IN_OURS
    assert {each for choice in chosen.values() for each in (choice.having, choice.lacking)} <= set(ablate.CHANGES)
    assert set(chosen) | set(training_choices.NOT_IN_OURS) == set(training_choices.CHOICES)
    file = tmp_path / "rows.csv"
    monkeypatch.setattr(training_choices, "OURS", training_choices.OURS._replace(file=file))
    missing = {claim.name: claim.check(SIZE).ours for claim in training_choices.CLAIMS}
    assert {ours.verdict for ours in missing.values() if ours} == {Verdict.UNCHECKED}
    rows = [
        trained(change, seed, share, 4_000)
        for seed in range(3)
        for change, share in (("tuned", 0.99), ("tuned with priorities", 0.995), ("tuned with terminal 1:7", 0.98))
    ]
    write(file, ablate.ROWS, {row: row for row in rows})
    found = {claim.name: claim.check(SIZE).ours for claim in training_choices.CLAIMS}
    assert {name: ours.verdict for name, ours in found.items() if ours} == {
        "b-reward-backpropagation": Verdict.UNCHECKED,
        "b-prioritised-replay": Verdict.HOLDS,
        "b-replay-ratio": Verdict.FAILS,
        "b-cyclic-shift": Verdict.UNCHECKED,
    }


def test_a_straight_curve_does_not_fluctuate() -> None:
    straight = [(step, 3.0 * step) for step in range(20)]
    assert published_training.neighbour_distance(straight) == pytest.approx(0.0, abs=1e-12)
    zigzag = [(step, float(step % 2)) for step in range(20)]
    assert published_training.neighbour_distance(zigzag) == pytest.approx(1.0)


@pytest.mark.parametrize("flat", [False, True])
def test_the_network_for_few_users_is_told_of_where_its_training_is_flat(
    flat: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    def judged(size: Size, judged: learned_policy.LearnedPolicy) -> Finding:
        return Finding(Verdict.HOLDS, f"{judged.words} is best.", 3)

    for module in (learned_policy, published_training):
        monkeypatch.setattr(module, "still_rising", lambda name: name == "paper_general" or not flat)
    found = learned_policy.in_both_columns(judged, few=True)(SIZE)
    assert found.verdict is (Verdict.HOLDS if flat else Verdict.OPEN)
    assert found.measured.endswith("general 872,422 gradient steps.") is flat


def test_the_rows_of_ours_ship_with_all_seeds() -> None:
    rows = training_choices.shipped_rows(training_choices.OURS)
    for choice in training_choices.IN_OURS.values():
        assert training_choices.worth(choice, rows, training_choices.OURS).instances == training_choices.SEEDS
