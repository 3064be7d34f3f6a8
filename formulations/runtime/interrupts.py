"""Ctrl-C where it must not strike: held while a library works that would swallow it, and never lost.

Python raises ``KeyboardInterrupt`` between any two steps of the main thread. Raised inside a callback of a
compiled library it is printed and dropped there, and the library fails later with an error of its own.
"""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import wraps
from types import FrameType
from typing import Any, ParamSpec, TypeVar

SIGNALS = (signal.SIGINT, signal.SIGTERM)
"""What ends a program by a handler in Python; where the system ends it at once, there is nothing to hold."""

Arguments = ParamSpec("Arguments")
Value = TypeVar("Value")
Handler = Callable[[int, FrameType | None], object]


def holding(function: Callable[Arguments, Value]) -> Callable[Arguments, Value]:
    """Return the function with signals :func:`held` while it runs."""

    @wraps(function)
    def call(*arguments: Arguments.args, **options: Arguments.kwargs) -> Value:
        with held():
            return function(*arguments, **options)

    return call


@contextmanager
def held() -> Iterator[None]:
    """Keep signals waiting while the block runs; the first one takes effect at its end."""
    came: list[int] = []

    def instead_of(handler: Handler) -> Handler:
        return lambda number, frame: came.append(number)

    try:
        with _handled(instead_of):
            yield
    finally:
        if came:
            signal.raise_signal(came[0])


@contextmanager
def never_lost() -> Iterator[Callable[[], None]]:
    """Notice what a handler raises while the block runs; the function given to it raises that again.

    Call the function once work has returned: where a library has swallowed ``KeyboardInterrupt``, what the work
    returned is worth nothing.
    """
    came: list[int] = []

    def instead_of(handler: Handler) -> Handler:
        def noticing(number: int, frame: FrameType | None) -> None:
            try:
                handler(number, frame)
            except BaseException:
                came.append(number)
                raise

        return noticing

    def raise_again() -> None:
        if came:
            signal.raise_signal(came[0])

    with _handled(instead_of):
        yield raise_again


@contextmanager
def _handled(instead_of: Callable[[Handler], Handler]) -> Iterator[None]:
    """Put other handlers in place of those in Python; only the main thread has any, elsewhere nothing changes."""
    before: dict[int, Handler] = {}
    if threading.current_thread() is threading.main_thread():
        handlers = {number: signal.getsignal(number) for number in SIGNALS}
        before = {number: handler for number, handler in handlers.items() if callable(handler)}
    try:
        for number, handler in before.items():
            signal.signal(number, instead_of(handler))
        yield
    finally:
        for number, handler in reversed(before.items()):  # Ctrl-C last: it must not keep another from its handler
            signal.signal(number, handler)


def hand_over(stopped: KeyboardInterrupt, known: object) -> None:
    """Give an interrupt what is known when it ends a method: an outcome, then the result made of it."""
    vars(stopped)["known"] = known


def known_by(stopped: KeyboardInterrupt) -> Any:
    """What an interrupt brings along; None where it brings nothing."""
    return vars(stopped).get("known")
