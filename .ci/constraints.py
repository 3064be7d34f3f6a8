"""Write constraints.txt: the newest versions of every package that any extra needs, as pip finds them together.

    python .ci/constraints.py

Nothing is installed. What the file then pins counts as tested once .ci/run has passed with it.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
FILE = ROOT / "constraints.txt"
HEADING = "# Versions that the tests have passed with; made by `python .ci/constraints.py`."


def main() -> int:
    """Write the file; exit status 1 where pip finds no versions that fit together."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    wanted = f"{ROOT}[{','.join(project['optional-dependencies'])}]"
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder) / "report.json"
        words = ["install", "--quiet", "--dry-run", "--ignore-installed", "--report", str(report), wanted]
        if subprocess.run([sys.executable, "-m", "pip", *words], check=False).returncode != 0:
            return 1
        found = [item["metadata"] for item in json.loads(report.read_text())["install"]]
    FILE.write_text("\n".join([HEADING, *pins(found, project["name"])]) + "\n")
    print(f"{FILE.name}: {len(found) - 1} packages")
    return 0


def pins(found: list[dict[str, str]], project: str) -> list[str]:
    """Every package with its version, without this one; ``+cpu`` and the like are builds of one version."""
    named = sorted((item["name"], item["version"].partition("+")[0]) for item in found if item["name"] != project)
    return [f"{name}=={version}" for name, version in sorted(named, key=lambda pin: pin[0].lower())]


if __name__ == "__main__":
    sys.exit(main())
