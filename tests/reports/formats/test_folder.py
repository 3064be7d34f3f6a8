"""The folder of --out."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from fakes import result
from hypothesis import given
from hypothesis import strategies as st

from reports.formats import folder
from reports.tables.table import Column, Row, Table

TABLE = Table("t", (Column("m", "m", numeric=False),), (Row(("x",)),), records=[{"m": "x"}])


@given(st.lists(st.text(min_size=1, max_size=100), max_size=8))
def test_file_names_are_safe_and_all_different(names: list[str]) -> None:
    stems = folder.stems(names)
    assert len({stem.casefold() for stem in stems}) == len(names)
    for stem in stems:
        assert Path(stem).name == stem
        assert not stem.startswith(".")
        assert stem.isprintable()
        assert len(stem.encode()) <= 110


def test_names_of_many_bytes_and_of_any_method_have_logs(tmp_path: Path) -> None:
    names = ["\N{ROCKET}" + "中" * 99, "é" * 100, "中" * 100, "中" * 99 + "x", "x" * 100]
    stems = folder.stems(names)
    assert len(set(stems)) == len(names)
    for stem in stems:
        folder.write_table(tmp_path, f"{stem}_split_offloading", TABLE)
        folder.write_logs(tmp_path, f"{stem}_split_offloading", [result("中" * 100, log="line\n")])
    assert len(list((tmp_path / "logs").iterdir())) == len(names)


def test_a_name_of_signs_alone_is_spelled_out() -> None:
    names = ["\N{ROCKET}", "\N{ROCKET}\N{FIRE}", "/", "?", "\N{ROCKET} 7", "\ue000"]
    assert folder.stems(names) == ["rocket", "rocket_fire", "solidus", "question_mark", "7", "unnamed"]


def test_names_that_collide_are_numbered() -> None:
    assert folder.stems(["n30", "n30", "N30", "n30-2"]) == ["n30", "n30-2", "N30-3", "n30-2-2"]


def test_results_and_tables(tmp_path: Path) -> None:
    results = [result(objective=-1.0, solution={"a": np.zeros(2), "s": np.ones(2)}), result("other")]
    folder.write_results(tmp_path, results)
    folder.write_table(tmp_path, "small", TABLE)
    records = json.loads((tmp_path / "results.json").read_text())
    assert records == [item.to_record() for item in results]
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        "results.json",
        "small.csv",
        "small.html",
        "small.tex",
    ]
    folder.write_results(tmp_path, [])
    assert json.loads((tmp_path / "results.json").read_text()) == []


def test_evidence_of_an_unforeseen_type_does_not_lose_the_run(tmp_path: Path) -> None:
    folder.write_results(tmp_path, [result(certificate={"kind": complex(1.0, 2.0)}), result("other")])
    records = json.loads((tmp_path / "results.json").read_text())
    assert [record["certificate"] for record in records] == [{"kind": "(1+2j)"}, None]


def test_logs_are_written_where_there_are_any(tmp_path: Path) -> None:
    folder.write_logs(
        tmp_path,
        "small_p",
        [result("quiet"), result("scip", log="line\n"), *(result("random", seed=k, log=f"{k}") for k in (3, 4))],
    )
    logs = {path.name: path.read_text() for path in (tmp_path / "logs").iterdir()}
    assert logs == {"small_p_scip.log": "line\n", "small_p_random_seed3.log": "3", "small_p_random_seed4.log": "4"}


def test_a_failed_write_leaves_the_old_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder.write_results(tmp_path, [result("old")])
    before = (tmp_path / "results.json").read_bytes()

    def full(descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", full)
    with pytest.raises(OSError, match="No space"):
        folder.write_results(tmp_path, [result("new")])
    assert (tmp_path / "results.json").read_bytes() == before
    assert [path.name for path in tmp_path.iterdir()] == ["results.json"]


def test_a_folder_that_cannot_be_made(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    for path in (tmp_path / "file", tmp_path / "file" / "below"):
        with pytest.raises((FileExistsError, NotADirectoryError)):
            folder.prepare(path)
    folder.prepare(tmp_path / "new" / "deep")
    assert list((tmp_path / "new" / "deep").iterdir()) == []
