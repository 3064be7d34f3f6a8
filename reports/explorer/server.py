"""Serves the explorer on this machine alone, unless another address is asked for."""

from __future__ import annotations

import socket
from typing import Any

from nicegui import app, ui
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from formulations.runtime.program import UsageError, say
from reports.explorer.page import root
from reports.explorer.scenario import Scenario
from reports.explorer.uploads import MOST_BYTES

ENVELOPE_BYTES = 10_000
"""What a browser wraps around a file that it sends."""


class LimitedBodies:
    """Refuses requests whose body is too large, or does not say how large it is, before anything is read."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and scope["method"] in ("POST", "PUT", "PATCH"):
            length = dict(scope["headers"]).get(b"content-length", b"")
            if not length.isdigit() or int(length) > MOST_BYTES + ENVELOPE_BYTES:
                await PlainTextResponse("the body is too large", status_code=413)(scope, receive, send)
                return
        await self.app(scope, receive, send)


def serve(scenario: Scenario, *, host: str, port: int, show: bool) -> None:
    """Serve pages that begin with a scenario, until interrupted.

    Raises
    ------
    UsageError
        If the address cannot be used.
    """
    if not host:
        raise UsageError("argument --host: expected an address, got an empty one")
    port = _usable(host, port)
    app.on_startup(lambda: say(f"the explorer is at http://{host}:{port} (Ctrl-C ends it)"))
    app.add_middleware(LimitedBodies)
    hosts = ["*"] if host == "0.0.0.0" else sorted({host, "localhost", "127.0.0.1"})
    app.add_middleware(TrustedHostMiddleware, allowed_hosts=hosts)
    settings: dict[str, Any] = {"title": "diffload explore", "dark": None, "language": "en-US"}
    ui.run(
        root(scenario),
        host=host,
        port=port,
        show=show,
        reload=False,
        tailwind=False,
        show_welcome_message=False,
        binding_refresh_interval=None,
        **settings,
    )


def _usable(host: str, port: int) -> int:
    """The port, or a free one for 0.

    Raises
    ------
    UsageError
        If it is taken, or the address is not this machine's.
    """
    try:
        with socket.create_server((host, port)) as probe:
            return int(probe.getsockname()[1])
    except OSError as fault:
        raise UsageError(f"cannot listen at {host}:{port} ({fault.strerror or fault})") from None
