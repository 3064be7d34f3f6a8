"""Every module can be imported where the modules of POSIX alone are missing."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parent.parent

PACKAGES = ("formulations", "instances", "solvers", "reports", "benchmarks")

STANDING_IN = (
    *("torch", "diffusers", "gymnasium", "cvxpy", "pyomo", "dask", "distributed", "matplotlib", "pyarrow"),
    *("scipy", "pandas", "numba", "llvmlite", "nicegui", "starlette"),
)
"""Large packages of others, in whose place something stands that is quickly imported: only our imports count."""

PROGRAM = f"""
import os, signal, sys
from importlib import import_module
from importlib.machinery import ModuleSpec
from unittest.mock import MagicMock

class StandsIn:
    def find_spec(self, name, path=None, target=None):
        return ModuleSpec(name, self, is_package=True) if name.partition(".")[0] in {STANDING_IN} else None

    def create_module(self, spec):
        return MagicMock(__spec__=spec, __path__=[], __name__=spec.name)

    def exec_module(self, module):
        pass

import numpy, pydantic
sys.meta_path.insert(0, StandsIn())
for name in ("fcntl", "resource", "termios", "tty", "pty", "pwd", "grp", "syslog"):
    sys.modules[name] = None
for module, names in (
    (os, ("fork", "killpg", "setsid", "getuid", "geteuid", "sched_getaffinity", "O_CLOEXEC", "getpgid", "uname")),
    (signal, ("SIGKILL", "SIGHUP", "SIGUSR1", "SIGALRM", "pthread_sigmask", "SIG_BLOCK", "setitimer", "sigwait")),
):
    for name in names:
        delattr(module, name)
for name in sys.argv[1:]:
    try:
        import_module(name)
    except Exception as fault:
        print(f"{{name}}: {{type(fault).__name__}}: {{fault}}")
"""


def modules() -> list[str]:
    """Every module of the packages that is no program alone."""
    found = (path.relative_to(ROOT) for package in PACKAGES for path in sorted((ROOT / package).rglob("*.py")))
    names = (path.with_suffix("").as_posix().replace("/", ".").removesuffix(".__init__") for path in found)
    return [name for name in names if not name.endswith("__main__")]


def test_every_module_is_imported_without_the_modules_of_posix() -> None:
    command = [sys.executable, "-c", PROGRAM, *modules()]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert (done.stdout, done.returncode) == ("", 0), done.stderr
