"""The table of the learned policies for several servers: its records, and the page that shows them."""

from __future__ import annotations

from pathlib import Path

import pytest

from instances.storage.store import read
from reports.formats import markdown
from reports.learned_policy import several_servers
from solvers.multi_edge_offloading.learned_policy import SHIPPED

ROOT = Path(__file__).parents[3]
STORED = ROOT / "docs/per_dqn/servers.csv"


def test_the_page_shows_what_is_stored_of_the_networks_that_ship() -> None:
    records = list(read(STORED, several_servers.ROWS))
    page = (ROOT / "docs/formulations/multi_edge_offloading.md").read_text(encoding="utf-8")
    lines = markdown.render([several_servers.table(records)]).splitlines()
    rows = [line for line in lines if line.startswith("|")]
    assert len(rows) == 2 + len(several_servers.SIZES)
    assert "\n".join(rows) in page
    weights = {record.method: record.weights for record in records}
    for name in several_servers.NETWORKS:
        assert weights[name] == several_servers._weights(name)
        assert (SHIPPED / f"{several_servers.NETWORKS[name]}.safetensors").stat().st_size < 1_000_000


def test_the_tuned_network_loses_less_than_half_of_greedys_loss_on_the_sizes_of_its_training() -> None:
    records = {
        (record.users, record.servers, record.method): record
        for record in list(read(STORED, several_servers.ROWS))
    }
    for users, servers in several_servers.SIZES:
        tuned = records[users, servers, "dqn-tuned"]
        share = 0.5 if users <= 100 else 0.6
        assert tuned.mean_loss < share * records[users, servers, "greedy"].mean_loss
        assert tuned.ms_per_user < 1.0


def test_the_command_writes_what_it_shows(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(several_servers, "SIZES", {(6, 2): 1.0, (8, 3): 0.1})
    path = tmp_path / "servers.csv"
    assert several_servers.main(["--instances", "3", "--out", str(path)]) == 0
    records = list(read(path, several_servers.ROWS))
    assert [record.instances for record in records] == [3] * 4 + [1] * 4
    assert all(record.mean_loss <= record.largest_loss + 1e-9 for record in records)
    assert all(record.mean_loss <= 2e-6 for record in records if record.method == "price-decomposition")
    assert capsys.readouterr().out == markdown.render([several_servers.table(records)])
