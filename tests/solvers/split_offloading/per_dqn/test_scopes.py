"""What a network is trained for."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from formulations.errors import InstanceError
from solvers.split_offloading.per_dqn import train
from solvers.split_offloading.per_dqn.decision_process.draw_cases import generator
from solvers.split_offloading.per_dqn.network.configuration import Configuration
from solvers.split_offloading.per_dqn.training import scope as scopes


@pytest.mark.parametrize(("most", "name"), [(40, "general"), (20, "general 20")])
def test_the_general_scope_draws_up_to_its_most_users(most: int, name: str) -> None:
    scope = scopes.general(most)
    cases = scope.draw(2000, generator(0, "training")).snapshots
    assert scope.name == name
    assert scope.width == most == cases.user_count.max()
    assert cases.user_count.min() == 2
    assert np.unique(cases.per_item).size == 4


@pytest.mark.parametrize(
    ("configuration", "scope", "cases"),
    [
        ("paper", ["general"], 2000),
        ("paper", ["gpus", "--gpus", "8"], 1000),
        ("tuned", ["gpus", "--gpus", "8"], None),
    ],
)
def test_cases_are_made_once_in_the_number_of_the_paper(
    configuration: str, scope: list[str], cases: int | None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("torch")
    found: list[Configuration] = []

    def begun(options: object, configuration: Configuration, scope: object) -> None:
        found.append(configuration)
        raise InstanceError("far enough")

    monkeypatch.setattr(train, "_begin", begun)
    command = ["--configuration", configuration, "--steps", "1", "--out", str(tmp_path), "--scope", *scope]
    assert train.main(command) == 2
    assert [each.training_cases for each in found] == [cases]


@pytest.mark.parametrize("users", ["1", "0", "2.5", "10000001"])
def test_a_number_of_users_out_of_range_gets_one_sentence(users: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert train.main(["--scope", "general", "--most-users", users, "--out", "nowhere"]) == 2
    assert "--most-users: expected a whole number from" in capsys.readouterr().err
