"""Instances with several edge servers, against the latency of every user computed user by user."""

from __future__ import annotations

import numpy as np
import pytest

from formulations.gqap.evaluation import evaluate
from formulations.gqap.parameters import GQAP
from instances import InstanceError, load
from instances.calibration.devices import read_devices
from instances.generate import main
from instances.generation.generator import generate

DEVICE = read_devices().devices["H100 PCIe"]
STEPS, LATENT_BITS = 120, 4.4e6


def drawn(users: int = 10, seed: int = 0, **scenario: object) -> GQAP:
    section = generate(problems=["gqap"], users=users, seed=seed, gqap=scenario).section("gqap")
    assert isinstance(section, GQAP)
    return section


@pytest.mark.parametrize("seed", range(3))
def test_cost_is_the_weighted_latency_of_all_users(seed: int):
    """Each user waits for its request to arrive, for its server's batch, and for all images to come over."""
    data = drawn(seed=seed)
    assert DEVICE.seconds_per_step_base is not None
    assert DEVICE.seconds_per_step_per_item is not None
    images, urgency = data.weight, np.diag(data.flow) / data.weight
    gpus = np.round(STEPS * DEVICE.seconds_per_step_per_item / np.diag(data.distance))
    assert set(gpus) <= {1.0, 2.0, 4.0}
    link = LATENT_BITS / 20e6
    base = STEPS * DEVICE.seconds_per_step_base
    hops_to_access = (data.assignment_cost / urgency[:, None] - base) / (images[:, None] * link)
    place = np.random.default_rng(seed).integers(0, data.places, data.items)
    total = 0.0
    for i, at in enumerate(place):
        latency = base + images[i] * link * round(float(hops_to_access[i, at]))
        for other, there in enumerate(place):
            if there == at:
                latency += images[other] * STEPS * DEVICE.seconds_per_step_per_item / gpus[at]
            else:
                latency += images[other] * link * abs(int(there) - int(at))
        total += urgency[i] * latency
    np.testing.assert_allclose(hops_to_access, np.round(hops_to_access), atol=1e-4)
    assert evaluate(data, place).objective == pytest.approx(total, rel=1e-5)


def test_users_of_a_large_instance_begin_with_those_of_a_small_one():
    small, large = drawn(users=8), drawn(users=12)
    np.testing.assert_array_equal(small.weight, large.weight[:8])
    np.testing.assert_array_equal(small.flow, large.flow[:8, :8])


@pytest.mark.parametrize("fill", [0.3, 0.85, 1.0])
@pytest.mark.parametrize("seed", range(5))
def test_servers_are_as_full_as_asked_and_everybody_fits_somewhere(fill: float, seed: int):
    data = drawn(users=20, seed=seed, fill=fill, servers=5)
    assert data.has_whole_weights
    assert data.weight.sum() <= data.capacity.sum()
    assert data.weight.sum() / fill <= data.capacity.sum() + 1e-9
    assert data.weight.sum() / fill >= data.capacity.sum() - 4 * data.places


def test_urgency_and_images_fill_their_ranges():
    data = drawn(users=2000, most_images=3, weight_spread=0.25, servers=2)
    urgency = np.diag(data.flow) / data.weight
    assert set(data.weight) == {1.0, 2.0, 3.0}
    assert (urgency.min(), urgency.max()) == pytest.approx((0.75, 1.25), abs=0.01)


@pytest.mark.parametrize(
    ("scenario", "sentence"),
    [
        ({"servers": 0}, "servers: expected a whole number from 1 to 4000, got 0"),
        ({"most_images": 0}, "most_images: expected a whole number >= 1, got 0"),
        ({"fill": 0.0}, "fill: expected a share > 0 and <= 1, got 0.0"),
        ({"fill": float("nan")}, "fill: expected a share > 0 and <= 1, got NaN"),
        ({"backhaul_bits_per_second": float("inf")}, "backhaul_bits_per_second: expected a finite number > 0"),
        ({"weight_spread": 1.0}, "weight_spread: expected a number >= 0 and < 1, got 1.0"),
        ({"edge_device": "H200"}, 'edge_device: expected a device with a line k b \\+ h, got "H200"'),
        ({"edge_device": "H100"}, "edge_device: expected"),
    ],
)
def test_an_argument_out_of_range_is_named(scenario: dict[str, object], sentence: str):
    with pytest.raises(InstanceError, match=sentence):
        drawn(**scenario)


def test_too_many_users_are_refused():
    with pytest.raises(InstanceError, match="users: expected a whole number from 1 to 4000, got 4001"):
        drawn(users=4001)


def test_the_command_makes_the_same_instance(tmp_path, capsys: pytest.CaptureFixture[str]):
    path = tmp_path / "x.json"
    options = ["--servers", "3", "--most-images", "2", "--fill", "0.7", "--weight-spread", "0"]
    assert main(["--problem", "gqap", "--users", "9", "--out", str(path), *options]) == 0
    asked = generate(
        problems=["gqap"], users=9, gqap={"servers": 3, "most_images": 2, "fill": 0.7, "weight_spread": 0.0}
    )
    assert load(path).sha256 == asked.sha256
    assert "9 items, 3 places" in capsys.readouterr().out


def test_an_option_without_its_problem_is_refused(tmp_path, capsys: pytest.CaptureFixture[str]):
    for option, problem in (("--servers", "gqap"), ("--edge-device", "split_offloading or gqap")):
        assert main(["--out", str(tmp_path / "x.json"), option, "3"]) == 2
        assert f"{option}: expected --problem {problem} with it, got step_allocation" in capsys.readouterr().err
