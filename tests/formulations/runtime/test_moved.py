"""Documented names of modules that have moved lead to the new ones."""

from __future__ import annotations

import importlib

import pytest

import formulations  # noqa: F401 - installs what names the new modules
from formulations.runtime.moved import MOVED, MOVED_NAMES


@pytest.mark.parametrize("old", sorted(MOVED))
def test_the_error_names_the_module_that_is_there_now(old: str) -> None:
    importlib.import_module(MOVED[old])
    with pytest.raises(ModuleNotFoundError, match=f"is now '{MOVED[old]}'"):
        importlib.import_module(old)


@pytest.mark.parametrize("old", sorted(MOVED_NAMES))
def test_the_error_names_the_place_of_a_name_that_left_its_module(old: str) -> None:
    module, _, name = old.rpartition(".")
    now, _, found = MOVED_NAMES[old].rpartition(".")
    assert callable(getattr(importlib.import_module(now), found))
    with pytest.raises(ImportError, match=f"'{old}' is now '{MOVED_NAMES[old]}'"):
        exec(f"from {module} import {name}")
    with pytest.raises(AttributeError, match="has no attribute 'nothing'"):
        _ = importlib.import_module(module).nothing
