"""Every public name in the inventory of the site, with its signature on its page."""

from __future__ import annotations

import importlib
import re
import types
import zlib
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

pytestmark = pytest.mark.browser  # no browser is needed, the built site is

PACKAGES = ("diffload", "formulations", "instances", "solvers", "reports")


def public_names() -> Iterator[tuple[str, set[str]]]:
    """Every public name, and the names that a page may describe it by: where it is offered, where it is made."""
    for package in PACKAGES:
        module = importlib.import_module(package)
        for name in getattr(module, "__all__", ()):
            found = getattr(module, name)
            inner = [(name, module)]
            if isinstance(found, types.ModuleType):
                inner = [(each, found) for each in getattr(found, "__all__", (name,))]
            for each, owner in inner:
                offered = getattr(owner, each)
                made = getattr(
                    offered, "__module__", offered.__name__
                )  # a module that can be called is its function
                name_there = getattr(offered, "__qualname__", each)
                yield f"{owner.__name__}.{each}", {f"{owner.__name__}.{each}", f"{made}.{name_there}"}


NAMES = dict(public_names())


@pytest.fixture(scope="module")
def inventory(site: Path) -> Mapping[str, str]:
    """Page of every described name, as other projects' documentation finds it."""
    lines = (site / "objects.inv").read_bytes().split(b"\n", 4)
    entries = zlib.decompress(lines[4]).decode().splitlines()
    found = (re.match(r"(\S+) py:(?!module)\S+ \S+ (\S+) ", entry) for entry in entries)
    return {match[1]: match[2].removesuffix("$") + match[1] for match in found if match and "$" in match[2]}


def test_names_of_every_kind_are_public() -> None:
    assert {"diffload.solve", "diffload.Instance", "diffload.plot.gaps", "instances.load"} <= set(NAMES)


@pytest.mark.parametrize("name", sorted(NAMES))
def test_a_public_name_has_its_signature_on_its_page(name: str, inventory: Mapping[str, str], site: Path) -> None:
    described = [each for each in NAMES[name] if each in inventory]
    assert described
    for each in described:
        page = (site / inventory[each].partition("#")[0]).read_text(encoding="utf-8")
        heading = re.search(rf'<dt class="sig[^>]*id="{re.escape(each)}">(.*?)</dt>', page, re.DOTALL)
        assert heading is not None
        assert 'class="sig-paren">(' in heading[1]
        assert "viewcode-link" in heading[1] or "[source]" in heading[1]
