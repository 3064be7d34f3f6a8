"""The examples of docs/scale.md run as they are printed."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import distributed
import numpy as np
import pytest
from builders import step_allocation

from instances import Instance, save
from solvers.core.limits import Limits
from solvers.step_allocation import price_search

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "scale.md").read_text(encoding="utf-8")


def printed(mark: str) -> str:
    found = re.search(rf"<!-- {re.escape(mark)} -->\n```python\n(.*?)```", PAGE, re.DOTALL)
    assert found, mark
    return found.group(1)


@pytest.mark.parametrize("name", ["large", "many", "many split"])
def test_the_snippet_runs(name, capsys):
    exec(compile(printed(f"snippet: {name}"), name, "exec"), {})
    assert capsys.readouterr().out.strip()


def test_the_sharded_script_says_what_one_machine_says(tmp_path):
    (tmp_path / "sharded.py").write_text(printed("file: sharded.py"))
    whole = step_allocation(400, 5, edge_step_capacity=6000.0)
    for number, (first, last) in enumerate([(0, 150), (150, 400)]):
        fields = {
            name: value[first:last] if isinstance(value, np.ndarray) else value
            for name, value in dict(whole).items()
        }
        del fields["constraints"]
        part = {"schema_version": 1, "name": f"part{number}", "step_allocation": fields | {"users": last - first}}
        save(Instance.model_validate(part), tmp_path / f"part{number}.npz")
    here = {
        "processes": False,
        "protocol": "tcp",
        "dashboard_address": None,
    }  # processes: test_price_search_sharded
    with distributed.LocalCluster(n_workers=2, threads_per_worker=1, **here) as cluster:
        ran = subprocess.run(
            [
                sys.executable,
                "sharded.py",
                cluster.scheduler_address,
                *(f"{tmp_path}/part{i}.npz" for i in (0, 1)),
            ],
            cwd=tmp_path,
            env=os.environ | {"PYTHONPATH": str(ROOT)},
            stdout=subprocess.PIPE,
            text=True,
            timeout=200,
            check=True,
        )
    alone = price_search.solve(whole, Limits(gap=1e-9), 0)
    reason, bound, price, offloaded = re.fullmatch(r"(gap closed) (\S+) (\S+) (\d+)\n", ran.stdout).groups()
    assert reason == "gap closed"
    assert float(bound) == pytest.approx(alone.bound, rel=1e-9)
    assert float(price) == pytest.approx(alone.duals["delta"], rel=1e-3)
    assert int(offloaded) == alone.solution["a"].sum()
