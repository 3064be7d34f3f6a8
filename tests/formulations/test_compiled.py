from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import numba

from formulations.compiled import cache_folder, compiled, fingerprint

KERNEL = "from formulations.compiled import compiled\n\n\n@compiled\ndef answer():\n    return {}\n"


def test_the_cache_is_renewed_when_any_kernel_file_changes(tmp_path):
    (tmp_path / "kernels.py").write_text(KERNEL.format(1))
    (tmp_path / "plain.py").write_text("x = 1\n")
    before = fingerprint([tmp_path])
    (tmp_path / "plain.py").write_text("x = 2\n")
    assert fingerprint([tmp_path]) == before
    (tmp_path / "kernels.py").write_text(KERNEL.format(2))
    assert fingerprint([tmp_path]) != before


def test_kernels_are_kept_below_the_folder_that_numba_is_told(tmp_path):
    (tmp_path / "kernels.py").write_text(KERNEL.format(42) + "\n\nprint(answer())\n")
    environment = os.environ | {"NUMBA_CACHE_DIR": str(tmp_path / "cache")}
    root = Path(__file__).parent.parent.parent
    for _ in range(2):
        done = subprocess.run(
            [sys.executable, str(tmp_path / "kernels.py")],
            cwd=root,
            env=environment | {"PYTHONPATH": str(root)},
            capture_output=True,
            text=True,
            check=True,
        )
        assert done.stdout == "42\n"
    machine_code = list((tmp_path / "cache").rglob("*.nbc"))
    assert len(machine_code) == 1
    assert machine_code[0].relative_to(tmp_path / "cache").parts[0].startswith("kernels-")


def test_numba_itself_is_left_as_it_was():
    before = numba.config.CACHE_DIR

    @compiled
    def double(x: float) -> float:
        return 2.0 * x

    assert double(4.0) == 8.0
    assert before == numba.config.CACHE_DIR
    assert cache_folder("") == cache_folder("")
