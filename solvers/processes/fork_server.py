"""Main program that forks a child process for every call of :mod:`solvers.processes.isolation`.

An interpreter of its own has no threads and none of the caller's state, so forking it is safe. The package's own
modules are imported here, once for all calls; those of others are for the child, where they may hang or crash.
"""

from __future__ import annotations

import contextlib
import os
import pickle
import select
import signal
import socket
import sys
from collections.abc import Iterable

from solvers.processes import worker
from solvers.processes.worker import IMPORT, Request

POLL_SECONDS = 1.0
"""How often the server looks whether its caller is still there [s], which a closed socket says sooner."""

OWN_PACKAGES = ("formulations", "instances", "solvers")

DESCRIPTORS = 3
"""Of one call: the child's socket, the server's, and the file for what the child prints."""


class ForkServer:
    """Forks children for a caller, says how each has ended, and kills those that the caller gives up.

    Parameters
    ----------
    control : socket
        Each byte of it asks for something and brings descriptors.
    """

    def __init__(self, control: socket.socket) -> None:
        self._control: socket.socket | None = control
        self._children: dict[int, socket.socket] = {}  # by process number; its socket closes when it is given up
        self._caller = os.getppid()
        self._woken, self._wake = os.pipe()
        os.set_blocking(self._wake, False)
        os.set_blocking(self._woken, False)

    def serve(self) -> Request | None:
        """Fork children until the caller and they have gone; return, in a child, what it is asked for."""
        signal.signal(signal.SIGCHLD, lambda *_: None)
        signal.set_wakeup_fd(self._wake)
        while (self._control or self._children) and os.getppid() == self._caller:
            sources: list[int | socket.socket] = [self._woken, *self._children.values()]
            sources += [self._control] if self._control else []
            ready, _, _ = select.select(sources, [], [], POLL_SECONDS)
            with contextlib.suppress(BlockingIOError):
                os.read(self._woken, 4096)
            if self._control and self._control in ready:
                request = self._accept(self._control)
                if request is not None:
                    return request
            for number, given_up in list(self._children.items()):
                if given_up in ready:
                    with contextlib.suppress(ProcessLookupError):
                        os.killpg(number, signal.SIGKILL)
            self._reap()
        return None

    def _accept(self, control: socket.socket) -> Request | None:
        """Import what the next call needs and fork its child; return the request in the child alone."""
        asked, descriptors, _, _ = socket.recv_fds(control, 1, DESCRIPTORS)
        if not asked:
            control.close()
            self._control = None
            return None
        if asked == IMPORT:
            with socket.socket(fileno=descriptors[0]) as names:
                import_own(pickle.loads(worker.receive(names)))
            return None
        call, ours = (socket.socket(fileno=descriptor) for descriptor in descriptors[:2])
        printed = descriptors[2]
        request = Request(call, printed, os.getpid(), **pickle.loads(worker.receive(call)))
        import_own(request.needed)
        child = os.fork()
        if child == 0:
            self._leave(ours)
            return request
        with contextlib.suppress(OSError):
            os.setpgid(child, child)  # as the child does: whoever comes first
        call.close()
        os.close(printed)
        self._children[child] = ours
        return None

    def _leave(self, ours: socket.socket) -> None:
        """Let go, in a child, of what is the server's."""
        signal.set_wakeup_fd(-1)
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        for own in (self._control, ours, *self._children.values()):
            if own is not None:
                own.close()
        os.close(self._woken)
        os.close(self._wake)

    def _reap(self) -> None:
        """Say of every child that has ended how, and forget it."""
        for number, caller in list(self._children.items()):
            ended, status = os.waitpid(number, os.WNOHANG)
            if ended:
                del self._children[number]
                with caller, contextlib.suppress(OSError):
                    caller.sendall(str(os.waitstatus_to_exitcode(status)).encode())


def import_own(functions: Iterable[str]) -> None:
    """Import what belongs to the package, where a fork of what is imported is safe (Linux)."""
    if sys.platform == "linux":
        worker.import_first(name for name in functions if name.partition(".")[0] in OWN_PACKAGES)
        load_typing_rules()


def load_typing_rules() -> None:
    """Have numba, where it is imported, load its typing rules, as it does before it loads the first kernel."""
    if "numba" in sys.modules:
        with contextlib.suppress(Exception):  # where it is done elsewhere, each child has numba do it
            from numba.core.registry import cpu_target

            cpu_target.typing_context.refresh()
            cpu_target.target_context.refresh()


def main() -> None:
    """Serve the caller whose socket is standard input; in a child, answer its call."""
    request = ForkServer(socket.socket(fileno=os.dup(0))).serve()
    if request is not None:
        worker.answer(request)


if __name__ == "__main__":
    main()
