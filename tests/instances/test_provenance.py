"""What an instance's provenance says of its edge server."""

from __future__ import annotations

from typing import Any

import pytest

from instances.generation.generator import generate
from instances.provenance import edge_server


def test_the_paper_s_edge_server_is_named_with_what_it_stands_in_for() -> None:
    made = generate(problems=("split_offloading", "step_allocation"), users=3, seed=0).provenance
    assert (
        edge_server(made, "split_offloading") == "edge server: H100 PCIe, which stands in for the paper's H100 NVL"
    )
    assert edge_server(made, "step_allocation") == ""


def test_another_device_stands_for_itself() -> None:
    other = {"arguments": {"split_offloading": {"edge_device": "A100-SXM4-40GB"}}}
    assert edge_server(other, "split_offloading") == "edge server: A100-SXM4-40GB"


@pytest.mark.parametrize(
    "provenance", [{}, {"arguments": 3}, {"arguments": {"split_offloading": []}}, {"arguments": {"gqap": {}}}]
)
def test_a_file_that_does_not_tell_is_no_fault(provenance: dict[str, Any]) -> None:
    assert edge_server(provenance, "split_offloading") == ""
