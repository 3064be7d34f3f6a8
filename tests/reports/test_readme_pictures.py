"""The pictures of README.md: made by one command, and those that it shows are those that the command makes."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest
from conftest import split_offloading, step_allocation

from instances import Instance, save
from reports import readme
from solvers import registry

ROOT = Path(__file__).parents[2]


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    exact = [method for method in registry.methods() if method.name in ("price-search", "batch-scan")]
    monkeypatch.setattr(registry, "methods", lambda: exact)


@pytest.mark.usefixtures("quick")
def test_every_picture_is_made(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "tiny.json"
    instance = Instance(
        schema_version=1, name="tiny", step_allocation=step_allocation(4), split_offloading=split_offloading(4)
    )
    save(instance, file)
    arguments = [str(file), "--out", str(tmp_path / "out"), "--sweep", str(tmp_path / "sweep")]
    assert readme.main(arguments) == 0
    made = {path.name for path in (tmp_path / "out").iterdir()}
    assert made == {f"{name}.{ending}" for name in readme.PICTURES for ending in ("svg", "pdf", "csv")}
    profile = pd.read_csv(tmp_path / "out" / "performance_profile.csv")
    assert set(profile["series"]) == {"price-search", "batch-scan"}
    assert (profile["y"] == 100.0).all()
    capsys.readouterr()
    assert readme.main(arguments) == 0
    assert "done" not in capsys.readouterr().err


def test_a_file_that_cannot_be_used_is_a_sentence(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert readme.main([str(tmp_path / "none.json"), "--sweep", str(tmp_path / "sweep")]) == 2
    assert capsys.readouterr().err.count("\n") == 1
