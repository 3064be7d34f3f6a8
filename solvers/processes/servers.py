"""The :mod:`.fork_server` of this process, started when first asked and anew where settings have changed."""

from __future__ import annotations

import atexit
import contextlib
import os
import socket
import subprocess
import sys
import tempfile
import threading
from collections.abc import Sequence
from typing import IO, Protocol

END_SECONDS = 1.0
"""How long a server may take to end by itself when this process does [s]."""

_lock = threading.Lock()
_servers: list[Server] = []
"""The last one is asked; those before it end when their last call does."""


class HasDescriptor(Protocol):
    """A socket or a file."""

    def fileno(self) -> int:
        """Return its descriptor."""


class Server:
    """A server process, and the settings with which it was started."""

    def __init__(self) -> None:
        self.settings = settings()
        self.printed: IO[bytes] = tempfile.TemporaryFile()  # noqa: SIM115 - closed when the server is forgotten
        self.control, theirs = socket.socketpair()
        with theirs:
            self.process = subprocess.Popen(
                [sys.executable, "-P", "-m", "solvers.processes.fork_server"],
                stdin=theirs.fileno(),
                stdout=self.printed,
                stderr=self.printed,
                # Pyomo is made from docstrings, which PYTHONOPTIMIZE=2 takes away.
                env=os.environ | {"PYTHONPATH": search_path(), "PYTHONOPTIMIZE": ""},
                start_new_session=True,
            )

    @property
    def current(self) -> bool:
        """Whether it runs, for this process and not the one this was forked from, with the settings of today."""
        return self.settings == settings() and self.process.poll() is None

    def ask(self, what: bytes, files: Sequence[HasDescriptor]) -> None:
        """Ask for something, and hand over what comes with it; a server that has just died does not answer."""
        with contextlib.suppress(OSError):
            socket.send_fds(self.control, [what], [file.fileno() for file in files])


def current() -> Server:
    """Return the server to ask, from any thread."""
    with _lock:
        if not _servers or not _servers[-1].current:
            _forget_others()
            for server in _servers:
                server.control.close()
            _servers.append(Server())
        return _servers[-1]


def settings() -> tuple[int, str, dict[str, str]]:
    """What a server takes over from this process when it starts."""
    return os.getpid(), search_path(), dict(os.environ)


def search_path() -> str:
    """Where this process finds modules, as one text."""
    return os.pathsep.join(entry or os.getcwd() for entry in sys.path)


def _forget_others() -> None:
    """Drop the servers that have ended, and those of the process that this one was forked from."""
    _servers[:] = [one for one in _servers if one.settings[0] == os.getpid() and one.process.poll() is None]


@atexit.register
def _end() -> None:
    """End all servers of this process with it."""
    _forget_others()
    for server in _servers:
        server.control.close()
    for server in _servers:
        try:
            server.process.wait(END_SECONDS)
        except subprocess.TimeoutExpired:
            server.process.kill()
            server.process.wait()
