"""Sends an instance to a worker as the bytes of its archive, checked against its hash on arrival."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache

from formulations.runtime.version import versions
from instances import Instance
from instances.files.documents import archive, from_archive
from solvers.core.limits import Limits
from solvers.core.registry import Method
from solvers.sweep.ledger_record import Recorded
from solvers.sweep.task import Task, perform

INSTANCES_KEPT = 2
"""How many instances a worker keeps unpacked; its runs come instance by instance."""


class Refused(RuntimeError):  # noqa: N818 - named after what happened
    """A worker that would not give the result asked for; the message is one sentence."""


@dataclass(frozen=True)
class Payload:
    """An instance as it is sent to a worker.

    Attributes
    ----------
    sha256, name : str
        Its hash, and what it is called.
    data : bytes
        Its archive. Plain bytes, because arrays that arrive read-only would make kernels compile anew.
    """

    sha256: str
    name: str
    data: bytes = field(compare=False, repr=False)


def pack(instance: Instance) -> Payload:
    """Return an instance as it is sent."""
    return Payload(instance.sha256, instance.name, archive(instance))


def hand_over(payload: Payload) -> Payload:
    """Return the payload itself: a task of its own is sent once, kept by workers, and sent again if they die."""
    return payload


def perform_payload(
    payload: Payload, method: Method, seed: int, limits: Limits, expected: Mapping[str, str]
) -> Recorded:
    """Run a method on the instance that has arrived.

    Raises
    ------
    Refused
        If versions here are not those ``expected``, or what has arrived is not what was sent.
    """
    for package, version in expected.items():
        found = versions().get(package, "none")
        if found != version:
            raise Refused(f"expected {package} {version} as on the machine that drives the sweep, got {found}")
    return perform(Task(_unpacked(payload), method, seed, limits))


@lru_cache(maxsize=INSTANCES_KEPT)
def _unpacked(payload: Payload) -> Instance:
    instance = from_archive(payload.name, payload.data)
    if instance.sha256 != payload.sha256:
        raise Refused(f"expected instance '{payload.name}' with hash {payload.sha256}, got {instance.sha256}")
    return instance
