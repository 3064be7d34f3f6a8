"""The audit: verdicts from synthetic numbers, checks of the checks, and the page of every statement."""

from __future__ import annotations

import shutil
from dataclasses import asdict
from pathlib import Path

import numpy as np
import pytest

from reports.papers.audit import (
    command,
    learned_policy,
    page,
)
from reports.papers.audit.claim import Claim, Finding, Size, Verdict, share_verdict
from reports.papers.audit.learned_policy import PUBLISHED
from reports.papers.audit.measures import published_loss

SIZE = Size(3)


@pytest.mark.parametrize(
    ("share", "verdict"), [(1.0, Verdict.HOLDS), (0.999, Verdict.PART), (0.01, Verdict.PART), (0.0, Verdict.FAILS)]
)
def test_verdict_of_a_share(share: float, verdict: Verdict) -> None:
    assert share_verdict(share) is verdict


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
    assert (
        '| <span class="verdict verdict-holds">holds</span> tuned general network Trained with one seed: general '
        in text
    )
    assert "**Would change it:** more." in text
    assert (
        "1 statements, on the papers' configurations: depends on what is unpublished 1. Of them 1 with our "
        "configurations, too: holds 1."
    ) in text.replace("\n", " ")
    assert "Counted and listed are the verdicts on the papers' configurations." in text


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
