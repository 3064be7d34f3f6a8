"""The SLURM job of docs/sweeps.md, with an srun that starts its command twice on this machine."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import fakes
import pytest

from instances import save
from solvers.sweep import ledger

ROOT = Path(__file__).parents[2]

SRUN = """#!/bin/bash
[ "$1" = --overlap ] && shift
"$@" & "$@" &
trap 'kill $(jobs -p)' TERM
wait
"""


def job() -> str:
    page = (ROOT / "docs" / "sweeps.md").read_text()
    _, _, rest = page.partition("<!-- slurm job -->\n```bash\n")
    return rest.partition("```")[0]


@pytest.mark.long
def test_the_slurm_job_runs_a_sweep(tmp_path: Path) -> None:
    (tmp_path / "bin").mkdir()
    for name, text in {"srun": SRUN, "python": f'#!/bin/bash\nexec {sys.executable} "$@"\n'}.items():
        (tmp_path / "bin" / name).write_text(text)
        (tmp_path / "bin" / name).chmod(0o755)
    (tmp_path / "instances").mkdir()
    for users in (3, 4):
        save(fakes.instance(f"i{users}", users=users), tmp_path / "instances" / f"i{users}.json")
    text = job().replace("--time-limit 60", "--time-limit 60 --solvers random,all-local")
    assert "--solvers random" in text
    path = os.pathsep.join((str(tmp_path / "bin"), str(Path(sys.executable).parent), os.environ["PATH"]))
    environment = {"PATH": path, "PYTHONPATH": str(ROOT), "SLURM_JOB_ID": "7"}
    ran = subprocess.run(
        ["bash", "-c", text],
        cwd=tmp_path,
        env=os.environ | environment,
        timeout=300,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert ran.returncode == 0
    assert ran.stdout.startswith("step allocation (P1, paper A): 2 instances")
    assert len(ledger.read(tmp_path / "sweep")) == 12
    assert not (tmp_path / "scheduler-7.json").exists()
