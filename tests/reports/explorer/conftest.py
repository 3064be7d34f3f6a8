"""The explorer as a process of its own, which a browser visits."""

from __future__ import annotations

import os
import re
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]


@pytest.fixture(scope="session")
def address() -> Iterator[str]:
    """Where an explorer of n30 is."""
    pytest.importorskip("nicegui", reason="the explorer is made with NiceGUI: .[explore]")
    command = [sys.executable, "-m", "diffload", "explore", "n30", "--no-browser", "--port", "0"]
    # NiceGUI looks for pytest, and behaves otherwise there.
    outside = {name: value for name, value in os.environ.items() if not name.startswith("PYTEST")}
    with subprocess.Popen(command, cwd=ROOT, env=outside, stderr=subprocess.PIPE, text=True) as server:
        assert server.stderr is not None
        said = server.stderr.readline()
        found = re.search(r"http://127\.0\.0\.1:\d+", said)
        assert found, said
        port = int(found[0].rpartition(":")[2])
        for _ in range(100):  # the sentence comes just before the server listens
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", port)) == 0:
                    break
            time.sleep(0.1)
        yield found[0]
        server.terminate()
