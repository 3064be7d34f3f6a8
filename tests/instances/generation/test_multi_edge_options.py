"""Options of the generator for several servers: bad ones get a sentence, extreme ones an instance."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from formulations.errors import InstanceError
from instances.generation.multi_edge import generate


@pytest.mark.parametrize(
    ("option", "value", "expected"),
    [
        ("bandwidth_hz", "wide", 'bandwidth_hz: expected a finite number > 0, got "wide"'),
        ("bandwidth_hz", 0, "bandwidth_hz: expected a finite number > 0, got 0"),
        ("bandwidth_hz", True, "bandwidth_hz: expected a finite number > 0, got true"),
        ("edge_devices", 3, "edge_devices: expected a list of names of the device table, got 3"),
        ("edge_devices", "a100", 'edge_devices: expected a list of names of the device table, got "a100"'),
        ("edge_devices", ["nope"], 'edge_devices: expected a device of the table, got "nope"'),
        ("models", 1.5, "models: expected a whole number >= 1, got 1.5"),
    ],
)
def test_an_option_that_cannot_be_used_is_named(option: str, value: Any, expected: str) -> None:
    with pytest.raises(InstanceError) as caught:
        generate(0, users=3, **{option: value})
    assert str(caught.value) == expected


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("option", ["bandwidth_hz", "carrier_ghz", "spacing_metres"])
@pytest.mark.parametrize("value", [1e-300, 1e300])
def test_an_extreme_option_gives_finite_numbers(option: str, value: float) -> None:
    fields = generate(0, users=3, **{option: value})
    assert np.isfinite(fields["spectral_efficiency"]).all()
    assert (fields["spectral_efficiency"] > 0.0).all()
