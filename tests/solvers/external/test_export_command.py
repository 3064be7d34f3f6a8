from __future__ import annotations

from pathlib import Path

import pytest

from solvers import export

N10 = str(Path(__file__).parents[3] / "instances" / "n10.json")


@pytest.mark.parametrize(("model", "suffix"), [("p1", ".nl"), ("p1-convex", ".gms"), ("p1-tangents", ".mps")])
def test_writes_the_model_and_prints_where(model, suffix, tmp_path, capsys):
    path = tmp_path / f"model{suffix}"
    assert export.main([N10, "--model", model, "--out", str(path)]) == 0
    assert capsys.readouterr().out.strip() == str(path)
    assert path.stat().st_size > 1000


@pytest.mark.parametrize(
    ("model", "suffix"),
    [("gqap-quadratic", ".nl"), ("gqap-standard", ".lp"), ("gqap-rlt1", ".mps"), ("gqap-compact", ".lp")],
)
def test_writes_every_model_of_the_gqap(model, suffix, tmp_path):
    path = tmp_path / f"model{suffix}"
    assert (
        export.main([str(Path(N10).with_name("edge_servers_8x3.json")), "--model", model, "--out", str(path)]) == 0
    )
    assert path.stat().st_size > 1000


@pytest.mark.parametrize(
    ("instance", "model", "name", "words"),
    [
        (N10, "p1", "model.lp", "linear models only"),
        (N10, "p1", "model.txt", "expected a file name that ends in"),
        (N10, "p1", "missing/folder/model.nl", "missing/folder/model.nl' (No such file or directory)"),
        ("missing.json", "p1", "model.nl", "missing.json"),
    ],
)
def test_unusable_input_is_one_sentence_and_status_2(instance, model, name, words, tmp_path, capsys):
    assert export.main([instance, "--model", model, "--out", str(tmp_path / name)]) == 2
    message = capsys.readouterr().err
    assert words in message
    assert message.count("\n") == 1
