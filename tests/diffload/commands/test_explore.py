"""The command ``diffload explore`` before its page: what it refuses, in one sentence."""

from __future__ import annotations

import socket
import sys

import pytest

from diffload.commands import main


def refused(capsys: pytest.CaptureFixture[str], *words: str) -> str:
    assert main(["explore", *words]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert err.count("\n") == 1
    return err


def test_without_the_extra_it_says_how_to_install_it(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "nicegui", None)
    assert refused(capsys, "n30") == "diffload: explore needs NiceGUI: pip install 'diffload[explore]'\n"


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("multi_20x2",), "multi_20x2: expected step_allocation or split_offloading, got multi_edge_offloading"),
        (
            ("n10", "--problem", "split_offloading"),
            "n10: expected --problem step_allocation, got split_offloading",
        ),
        (("no.json",), "no.json: expected a readable file"),
        (("n10", "--port", "70000"), "expected a whole number from 0 to 65535, got '70000'"),
        (("n10", "--host", "192.0.2.1", "--no-browser"), "cannot listen at 192.0.2.1:8018 ("),
    ],
)
def test_what_cannot_be_explored_is_a_sentence(
    words: tuple[str, ...], sentence: str, capsys: pytest.CaptureFixture[str]
) -> None:
    pytest.importorskip("nicegui", reason="the explorer is made with NiceGUI: .[explore]")
    assert sentence in refused(capsys, *words)


def test_a_port_that_is_taken_is_a_sentence(capsys: pytest.CaptureFixture[str]) -> None:
    pytest.importorskip("nicegui", reason="the explorer is made with NiceGUI: .[explore]")
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        assert f"cannot listen at 127.0.0.1:{port} (" in refused(capsys, "n10", "--port", str(port))
