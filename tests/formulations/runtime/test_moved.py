"""Documented names of modules that have moved lead to the new ones."""

from __future__ import annotations

import importlib

import pytest

import formulations  # noqa: F401 - installs what names the new modules
from formulations.runtime.moved import MOVED


@pytest.mark.parametrize("old", sorted(MOVED))
def test_the_error_names_the_module_that_is_there_now(old: str) -> None:
    importlib.import_module(MOVED[old])
    with pytest.raises(ModuleNotFoundError, match=f"is now '{MOVED[old]}'"):
        importlib.import_module(old)
