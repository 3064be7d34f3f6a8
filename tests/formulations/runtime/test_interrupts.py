"""Ctrl-C while kernels compile: never swallowed, and no kernel is left half compiled."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from numba.core import event

from formulations.compiled import compiled
from formulations.runtime.interrupts import held, holding, never_lost
from solvers.sweep import ledger

ROOT = Path(__file__).parents[3]


class Stopped(BaseException):
    """What a handler of SIGTERM raises here."""


@pytest.fixture(autouse=True)
def handlers() -> Iterator[None]:
    def stop(number: int, frame: object) -> None:
        raise Stopped

    before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    signal.signal(signal.SIGINT, signal.default_int_handler)
    signal.signal(signal.SIGTERM, stop)
    yield
    for number, handler in before.items():
        signal.signal(number, handler)


KINDS = [(signal.SIGINT, KeyboardInterrupt), (signal.SIGTERM, Stopped)]


@pytest.mark.parametrize(("number", "raised"), KINDS)
def test_a_signal_waits_for_the_end_of_the_block(number: int, raised: type[BaseException]) -> None:
    done = []

    @holding
    def work() -> None:
        with held():
            signal.raise_signal(number)
        done.append(1)

    with pytest.raises(raised):
        work()
    assert done == [1]
    with pytest.raises(raised):
        signal.raise_signal(number)


def test_a_signal_comes_before_the_error_of_the_block() -> None:
    @holding
    def work() -> None:
        signal.raise_signal(signal.SIGINT)
        raise ValueError

    with pytest.raises(KeyboardInterrupt) as stop:
        work()
    assert isinstance(stop.value.__context__, ValueError)


def test_what_the_system_handles_is_left_to_it_and_other_threads_hold_nothing() -> None:
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    seen = []

    def look() -> None:
        with held():
            seen.append(signal.getsignal(signal.SIGINT))

    with held():
        assert signal.getsignal(signal.SIGTERM) is signal.SIG_IGN
    thread = threading.Thread(target=look)
    thread.start()
    thread.join()
    assert seen == [signal.default_int_handler]


class Swallows:
    """Its end is a place where Python prints an exception and goes on."""

    def __init__(self, number: int) -> None:
        self.number = number

    def __del__(self) -> None:
        signal.raise_signal(self.number)


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
@pytest.mark.parametrize(("number", "raised"), KINDS)
def test_a_signal_that_was_swallowed_is_raised_again(number: int, raised: type[BaseException]) -> None:
    done = []
    with never_lost() as raise_interrupt:
        raise_interrupt()
        Swallows(number)
        done.append(1)
        with pytest.raises(raised):
            raise_interrupt()
    assert done == [1]


class Interrupts(event.Listener):
    """Sends a signal while a kernel is being compiled."""

    def __init__(self, number: int) -> None:
        self.number = number

    def on_start(self, event: object) -> None:
        signal.raise_signal(self.number)

    def on_end(self, event: object) -> None:
        pass


@pytest.mark.parametrize(("number", "raised"), KINDS)
def test_a_kernel_is_compiled_before_a_signal_takes_effect(
    number: int, raised: type[BaseException], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("numba.config.CACHE_DIR", str(tmp_path))

    @compiled
    def double(x: float) -> float:
        return 2.0 * x

    with pytest.raises(raised), event.install_listener("numba:compile", Interrupts(number)):
        double(4.0)
    assert len(double.overloads) == 1  # type: ignore[attr-defined]
    assert len(list(tmp_path.rglob("*.nbc"))) == 1
    assert double(4.0) == 8.0


MOMENTS = 12

INTERRUPTED = """
import signal, time
from formulations.compiled import compiled

signal.signal(signal.SIGINT, signal.default_int_handler)  # a background job of a script inherits it ignored
signal.signal(signal.SIGALRM, lambda number, frame: signal.raise_signal(signal.SIGINT))
{kernels}
for number, kernel in enumerate([{names}]):
    try:
        began = time.perf_counter()
        signal.setitimer(signal.ITIMER_REAL, {first} + {step} * number)
        kernel(3.0)
        while time.perf_counter() - began < 10.0:
            time.sleep(0.01)
        raise SystemExit(f"interruption {{number}} got lost")
    except KeyboardInterrupt:
        pass
    if kernel(3.0) != 3.0 * (number + 6.0):
        raise SystemExit(f"kernel {{number}} is broken")
"""

KERNEL = """
@compiled
def kernel_{0}(x):
    total = 0.0
    for i in range(4):
        total += x * i
    return total + {0} * x
"""


@pytest.mark.parametrize(
    ("moments", "step"), [(MOMENTS, 0.01), pytest.param(150, 0.001, marks=pytest.mark.long, id="long")]
)
def test_ctrl_c_is_never_lost_on_a_cold_cache(moments: int, step: float, tmp_path: Path) -> None:
    script = tmp_path / "kernels.py"
    kernels = "".join(KERNEL.format(number) for number in range(moments))
    names = ", ".join(f"kernel_{number}" for number in range(moments))
    script.write_text(INTERRUPTED.format(kernels=kernels, names=names, first=0.004, step=step))
    environment = os.environ | {"NUMBA_CACHE_DIR": str(tmp_path / "cache"), "PYTHONPATH": str(ROOT)}
    ran = subprocess.run([sys.executable, script], env=environment, stderr=subprocess.PIPE, text=True, check=False)
    assert ran.returncode == 0, ran.stderr


SWEEP = """
import signal, sys
signal.signal(signal.SIGINT, signal.default_int_handler)  # a background job of a script inherits it ignored
from reports.gap_report.command import main
sys.exit(main())
"""


@pytest.mark.long
@pytest.mark.parametrize("seconds", [1.5, 2.0, 2.5, 3.0, 4.0, 5.0, 6.0])
def test_a_sweep_interrupted_on_a_cold_cache_files_no_error(seconds: float, tmp_path: Path) -> None:
    environment = os.environ | {"NUMBA_CACHE_DIR": str(tmp_path / "cache"), "PYTHONPATH": str(ROOT)}
    words = ["instances/n10.json", "--solvers", "all-local,price-search,batch-scan", "--scheduler", "none"]
    sweep = subprocess.Popen(
        [sys.executable, "-c", SWEEP, *words, "--out", str(tmp_path / "out")],
        cwd=ROOT,
        env=environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    )
    time.sleep(seconds)
    sweep.send_signal(signal.SIGINT)
    _, said = sweep.communicate(timeout=120.0)
    assert sweep.returncode in (130, 0), said  # 0 where everything was compiled and solved before
    assert "Traceback" not in said
    if (tmp_path / "out").exists():
        assert [str(item.result.status) for item in ledger.read(tmp_path / "out")].count("error") == 0
