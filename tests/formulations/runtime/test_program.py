"""How a command begins and ends, seen from outside: in processes of its own, with streams as daemons have them."""

from __future__ import annotations

import errno
import signal
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]

COMMAND = """
import sys, time
from formulations.runtime import program

def main():
    WORK

sys.exit(program.run(main))
"""


def shell(work: str, redirection: str = "", before: str = "") -> subprocess.CompletedProcess[str]:
    """Run a command that does this work, with its streams redirected by a shell."""
    line = f'{before} exec "$@" {redirection}'
    arguments = [sys.executable, "-c", COMMAND.replace("WORK", work)]
    return subprocess.run(
        ["sh", "-c", line, "sh", *arguments], cwd=ROOT, capture_output=True, text=True, timeout=30, check=False
    )


@pytest.mark.parametrize(
    ("work", "status"),
    [
        ("print('done')", 0),
        ("print('done'); return 3", 3),
        ("print('done'); sys.exit(4)", 4),
        ("print('done'); sys.exit()", 0),
        ("print('done'); raise KeyboardInterrupt", 130),
    ],
)
def test_exit_status_and_output_are_those_of_the_command(work: str, status: int) -> None:
    ran = shell(work)
    assert (ran.returncode, ran.stdout, ran.stderr) == (status, "done\n", "")


def test_a_full_disk_is_one_sentence() -> None:
    ran = shell("print('word ' * 100_000); print('more'); return 0", ">/dev/full")
    assert ran.returncode == 1
    assert ran.stderr == "diffload: cannot write to standard output (No space left on device)\n"
    ran = shell("print('word'); print('fault', file=sys.stderr); return 2", ">/dev/full 2>/dev/full")
    assert (ran.returncode, ran.stderr) == (2, "")


@pytest.mark.parametrize("closed", [">&-", "2>&-", "<&-", "<&- >&-", ">&- 2>&-", "<&- >&- 2>&-"])
def test_closed_streams_are_silence_and_files_opened_later_get_nothing_of_it(closed: str, tmp_path: Path) -> None:
    path = tmp_path / "file"
    work = (
        f"file = open({str(path)!r}, 'w'); print('out', flush=True); print('err', file=sys.stderr, flush=True); "
        "sys.stdin.read(); import subprocess; subprocess.run(['echo', 'child'], check=True); file.write('kept')"
    )
    ran = shell(work, f"</dev/null {closed}")
    assert ran.returncode == 0
    assert path.read_text() == "kept"
    assert ran.stdout == ("" if ">&- " in f"{closed} ".replace("2>&-", "") else "out\nchild\n")
    assert ran.stderr == ("" if "2>&-" in closed else "err\n")


def test_a_reader_that_goes_away_is_silence() -> None:
    ran = shell("print('word\\n' * 100_000)", "| head -n 1", before="set -e;")
    assert (ran.stdout, ran.stderr) == ("word\n", "")


def test_letters_that_the_locale_lacks_are_escaped() -> None:
    ran = shell(
        r"print('n\xe9\u2192'); print('\xe9', file=sys.stderr)",
        before="LC_ALL=C PYTHONUTF8=0 PYTHONCOERCECLOCALE=0 PYTHONIOENCODING=ascii; "
        "export LC_ALL PYTHONUTF8 PYTHONCOERCECLOCALE PYTHONIOENCODING;",
    )
    assert (ran.returncode, ran.stdout, ran.stderr) == (0, "n\\xe9\\u2192\n", "\\xe9\n")


def test_a_file_that_fails_is_one_sentence(tmp_path: Path) -> None:
    ran = shell(f"open({str(tmp_path / 'none')!r})")
    assert ran.returncode == 2
    assert ran.stderr.startswith(f"diffload: {tmp_path / 'none'}: ")
    assert ran.stderr.count("\n") == 1


@pytest.mark.parametrize(
    ("number", "status"),
    [
        (errno.ENOENT, 2),
        (errno.EEXIST, 2),
        (errno.EISDIR, 2),
        (errno.ENOTDIR, 2),
        (errno.EACCES, 2),
        (errno.EIO, 1),
        (errno.ENOSPC, 1),
    ],
)
def test_a_wrong_path_is_told_from_a_fault_of_the_disk(number: int, status: int) -> None:
    ran = shell(f"raise OSError({number}, 'what happened', 'place')")
    assert ran.returncode == status
    assert (
        ran.stderr
        == "diffload: place: expected a file that can be read and written, got an error (what happened)\n"
    )


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
@pytest.mark.parametrize("ignored", ["", "trap '' INT;"])
def test_a_signal_ends_a_command_as_ctrl_c_does_and_once(number: signal.Signals, ignored: str) -> None:
    work = """
    try:
        print('runs', flush=True)
        time.sleep(20)
    except KeyboardInterrupt:
        import os
        os.kill(os.getpid(), NUMBER)  # timeout sends a second one
        print('kept')
        return 130
"""
    program = COMMAND.replace("WORK", work.strip().replace("NUMBER", str(int(number))))
    process = subprocess.Popen(
        ["sh", "-c", f'{ignored} exec "$@"', "sh", sys.executable, "-c", program],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        preexec_fn=lambda: signal.signal(number, signal.SIG_DFL),  # the tests themselves may run under nohup
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "runs\n"
    process.send_signal(number)
    out, err = process.communicate(timeout=20)
    assert (process.returncode, out, err) == (128 + number, "kept\n", "")


def test_a_signal_that_nohup_ignores_stays_ignored() -> None:
    work = "import os, signal; os.kill(os.getpid(), signal.SIGHUP); print('goes on')"
    ran = shell(work, before="trap '' HUP;")
    assert (ran.returncode, ran.stdout) == (0, "goes on\n")
