"""Files of trained networks: what is written is read, and what does not fit is refused with a sentence."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import save_file

from formulations.errors import InstanceError
from solvers.split_offloading.per_dqn.network.configuration import PAPER, TUNED, Configuration
from solvers.split_offloading.per_dqn.network.inference import Weights, shapes
from solvers.split_offloading.per_dqn.network.weights import (
    SCHEMA,
    SHIPPED,
    Provenance,
    read_weights,
    write_weights,
)
from solvers.split_offloading.per_dqn.training.scope import GENERAL


def drawn(configuration: Configuration) -> Weights:
    random = np.random.default_rng(0)
    return {name: random.normal(size=shape).astype(np.float32) for name, shape in shapes(configuration).items()}


def provenance(configuration: Configuration) -> Provenance:
    return Provenance(
        configuration=configuration,
        scope="general",
        distribution=GENERAL,
        seed=3,
        steps=10,
        episodes=20,
        seconds=1.5,
        curve=[(0, 1.0, 0.25), (10, 0.5, 0.75)],
        versions={"diffload": "0.1.0"},
    )


@pytest.mark.parametrize("configuration", [PAPER, TUNED], ids=["paper", "tuned"])
def test_what_is_written_is_read(tmp_path: Path, configuration: Configuration) -> None:
    weights = drawn(configuration)
    write_weights(tmp_path / "net.safetensors", weights, provenance(configuration))
    found = read_weights(tmp_path / "net.safetensors")
    assert found.provenance.model_dump(mode="json") == provenance(configuration).model_dump(mode="json")
    assert found.policy.configuration == configuration
    assert found.policy.weights.keys() == weights.keys()
    for name, array in weights.items():
        np.testing.assert_array_equal(found.policy.weights[name], array)


def test_a_fixed_case_has_no_distribution(tmp_path: Path) -> None:
    save_file(dict(drawn(TUNED)), tmp_path / "net.safetensors", metadata=metadata(distribution={}))
    assert read_weights(tmp_path / "net.safetensors").provenance.distribution is None


def metadata(**changes: object) -> dict[str, str]:
    document = json.loads(provenance(TUNED).model_dump_json()) | changes
    return {"schema": SCHEMA, "provenance": json.dumps(document)}


def refusal(path: Path, weights: Weights, described: dict[str, str]) -> str:
    save_file(dict(weights), path, metadata=described)
    with pytest.raises(InstanceError) as refused:
        read_weights(path)
    message = str(refused.value)
    assert "\n" not in message
    assert message.startswith(str(path))
    return message.removeprefix(f"{path}: ")


def test_what_does_not_fit_is_refused(tmp_path: Path) -> None:
    path, weights = tmp_path / "net.safetensors", dict(drawn(TUNED))
    assert refusal(path, weights, {"schema": "other/9"}) == f"schema: expected {SCHEMA}, got other/9"
    assert refusal(path, weights, {"a": "b"}) == f"schema: expected {SCHEMA}, got none"
    assert "expected JSON" in refusal(path, weights, {"schema": SCHEMA, "provenance": "{"})
    assert refusal(path, weights, metadata(steps=-1)).startswith("steps: ")
    wrong = json.loads(provenance(TUNED).model_dump_json())["configuration"] | {"width": 0}
    assert "configuration.width" in refusal(path, weights, metadata(configuration=wrong))
    assert "unknown" in refusal(path, weights, metadata(colour="blue"))
    for trained_on in (
        {"users": "x"},
        {"users": [2, 4], "max_batch": []},
        {"scenario": {"slots": "x"}},
        [1],
        {"of": 1},
    ):
        assert refusal(path, weights, metadata(distribution=trained_on)).startswith("distribution")
    missing = {name: array for name, array in weights.items() if name != "head.0.bias"}
    assert refusal(path, missing, metadata()) == "head.0.bias: expected an array of shape (128,), got none"
    extra = weights | {"tail": np.zeros(1, dtype=np.float32)}
    assert refusal(path, extra, metadata()) == "tail: expected no such array with this configuration"
    long = weights | {"head.0.bias": np.zeros(7, dtype=np.float32)}
    assert "expected float32 of shape (128,), got float32 of shape (7,)" in refusal(path, long, metadata())
    double = weights | {"head.0.bias": np.zeros(128)}
    assert "got float64" in refusal(path, double, metadata())
    infinite = weights | {"head.0.bias": np.full(128, np.inf, dtype=np.float32)}
    assert refusal(path, infinite, metadata()) == "head.0.bias: expected finite numbers"


def test_what_is_no_file_of_weights_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InstanceError, match="expected a file of weights, got No such file"):
        read_weights(tmp_path / "none.safetensors")
    (tmp_path / "text.safetensors").write_text("not a header at all")
    with pytest.raises(InstanceError, match="expected safetensors"):
        read_weights(tmp_path / "text.safetensors")


def test_every_shipped_network_can_be_read_and_is_small() -> None:
    ours = {"general": "general"} | {f"gpus{gpus}": f"gpus {gpus}" for gpus in (1, 2, 4, 8)}
    published = {"paper_general": "general B20", "paper_general20": "general 20 B20"}
    published |= {f"paper_gpus{gpus}": f"gpus {gpus} B20" for gpus in (1, 2, 4, 8)} | {"paper_n30": "case n30"}
    assert {path.stem for path in SHIPPED.glob("*.safetensors")} == ours.keys() | published.keys()
    for name, scope in (ours | published).items():
        path = SHIPPED / f"{name}.safetensors"
        found = read_weights(path).provenance
        assert found.scope == scope
        assert found.configuration.name == ("paper" if name in published else "tuned")
        assert path.stat().st_size < (1_000_000 if name in published else 250_000)
        assert found.returns or name not in published
