"""What a machine may do to a program: long paths, folders that cannot be written, signals."""

from __future__ import annotations

import os
import signal
import stat
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from voice_local.cli.signals import ENDING
from voice_local.engine import socket_folder as places
from voice_local.engine.socket_folder import (
    LONGEST_PATH,
    socket_folder,
)
from voice_local.errors import OutputError

pytestmark = pytest.mark.unit


@pytest.fixture
def temporary(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """The temporary folder of this test; nothing else can be written."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    monkeypatch.setenv("XDG_RUNTIME_DIR", "/proc/nowhere")
    return tmp_path


def test_a_socket_lies_in_the_temporary_folder_where_it_fits(
    temporary: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    short = temporary / "t"
    short.mkdir()
    monkeypatch.setattr(places, "LONGEST_NAME", 0)  # pytest's own folder is long
    monkeypatch.setattr(tempfile, "tempdir", str(short))
    folder = socket_folder()
    assert folder.parent == short and stat.S_IMODE(folder.stat().st_mode) == 0o700


@pytest.mark.parametrize("name", ["long" * 20, os.fsdecode(b"caf\xe9")])
def test_elsewhere_where_it_does_not(
    name: str, temporary: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (temporary / name).mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(temporary / name))
    folder = socket_folder()
    try:
        assert len(os.fsencode(folder / "999999.sock")) <= LONGEST_PATH
        assert temporary not in folder.parents and list((temporary / name).iterdir()) == []
    finally:
        folder.rmdir()


def test_where_nothing_can_be_written_the_error_says_where_it_looked(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(places, "_places", lambda: iter(("/proc/none", f"/{'x' * 100}")))
    with pytest.raises(
        OutputError, match=r"/proc/none: No such file or directory; /xxx.* is too long"
    ) as told:
        socket_folder()
    assert "TMPDIR" in told.value.remedy


def test_a_program_that_ends_before_it_began_leaves_no_folder() -> None:
    code = (
        "from voice_local.config import load; from voice_local.engine.worker_engine "
        "import WorkerEngine\n"
        "engine = WorkerEngine(load('tiny'), ())\n"
        "print(engine.socket.parent, flush=True)\n"
        "raise KeyboardInterrupt"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60)
    assert done.stdout.startswith("/") and not Path(done.stdout.strip()).exists()


PROGRAM = """
import asyncio, sys
from voice_local.cli.signals import Endings

async def main():
    try:
        print("ready", flush=True)
        await asyncio.sleep(60)
    finally:
        print("as it was", flush=True)

endings = Endings()
try:
    asyncio.run(main())
except KeyboardInterrupt:
    sys.exit(endings.code)
"""


@pytest.mark.parametrize("ignored", [False, True], ids=["foreground", "background"])
@pytest.mark.parametrize("number", [*ENDING, signal.SIGINT])
def test_every_way_to_end_it_cleans_up(number: signal.Signals, ignored: bool) -> None:
    if ignored and number == signal.SIGINT:
        pytest.skip("then it does not end")
    before = signal.SIG_IGN if ignored else signal.default_int_handler

    def prepare() -> None:
        signal.signal(signal.SIGINT, before)
        signal.signal(
            signal.SIGHUP, signal.SIG_DFL
        )  # whoever runs the tests may ignore it, as nohup does

    with subprocess.Popen(
        [sys.executable, "-c", PROGRAM], stdout=subprocess.PIPE, text=True, preexec_fn=prepare
    ) as process:
        assert process.stdout and process.stdout.readline() == "ready\n"
        process.send_signal(number)
        assert process.stdout.read() == "as it was\n"
        assert process.wait(10) == 128 + number


def test_what_a_caller_ignores_stays_ignored() -> None:
    with subprocess.Popen(
        ["nohup", sys.executable, "-c", PROGRAM],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    ) as process:
        assert process.stdout and process.stdout.readline() == "ready\n"
        process.send_signal(signal.SIGHUP)
        with pytest.raises(subprocess.TimeoutExpired):
            process.wait(1)
        process.send_signal(signal.SIGTERM)
        assert process.wait(10) == 128 + signal.SIGTERM


@pytest.mark.parametrize(
    ("shell", "code", "said"),
    [
        ('"$0" -m voice_local voices --json | true; exit ${PIPESTATUS[0]}', (1, 141), ""),
        ('"$0" -m voice_local voices | head -1; exit ${PIPESTATUS[0]}', (0, 1, 141), ""),
        (
            '"$0" -m voice_local voices >/dev/full',
            (2,),
            "error: cannot write the output (No space left on device)",
        ),
        ('"$0" -m voice_local voices --json >/dev/full', (2,), "error: cannot write the output"),
        ('"$0" -m voice_local voices >&-', (0,), ""),
        ('"$0" -m voice_local voices nobody >&- 2>&- <&-', (2,), ""),
        (
            'TMPDIR=/nowhere "$0" -m voice_local voices nobody',
            (2,),
            "error: unknown voice 'nobody'",
        ),
        ('PYTHONIOENCODING=ascii "$0" -m voice_local voices', (0,), ""),
        ("\"$0\" -m voice_local voices $'caf\\xe9'", (2,), "error: unknown voice"),
    ],
)
def test_streams_as_a_careless_caller_gives_them(
    shell: str, code: tuple[int, ...], said: str
) -> None:
    done = subprocess.run(
        ["bash", "-c", shell, sys.executable],
        capture_output=True,
        text=True,
        timeout=60,
        errors="replace",
    )
    assert done.returncode in code, done.stderr
    assert said in done.stderr and "Traceback" not in done.stderr and "Exception" not in done.stderr
    assert said or not done.stderr
