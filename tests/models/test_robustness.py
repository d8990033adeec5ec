"""The whole program on a machine that is in the way: encodings, full disks, long paths, signals."""

from __future__ import annotations

import contextlib
import os
import pty
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import psutil
import pytest
import soundfile as sf

from voice_local.audio.files import read_audio
from voice_local.audio.types import SAMPLE_RATE
from voice_local.local.demo import bundled
from voice_local.local.recorder import read_session

pytestmark = pytest.mark.models
COMMAND = (sys.executable, "-m", "voice_local")
FULL = 300_000
"""Bytes to which files may grow where a disk is said to be full."""


def run(
    *arguments: object, full_disk: bool = False, **environment: str
) -> subprocess.CompletedProcess[str]:
    """The command line. `full_disk`: once its worker has begun, no file may grow any further than
    `FULL`."""
    words = [*COMMAND, *map(str, arguments), "--profile", "tiny"]
    with subprocess.Popen(
        words,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, **environment},
    ) as process:
        while full_disk and process.poll() is None:
            if _workers(process.pid):  # it goes without the limit, of which espeak-ng dies
                psutil.Process(process.pid).rlimit(psutil.RLIMIT_FSIZE, (FULL, FULL))
                break
            time.sleep(0.01)
        out, err = process.communicate(timeout=180)
    return subprocess.CompletedProcess(words, process.returncode, out, err)


@pytest.fixture
def wav(tmp_path: Path) -> Path:
    """Somebody who speaks once, and again some seconds later."""
    parts = [
        np.zeros(SAMPLE_RATE, np.float32),
        read_audio(bundled()[0]),
        np.zeros(6 * SAMPLE_RATE, np.float32),
    ]
    sf.write(tmp_path / "user.wav", np.concatenate([*parts, *parts]), SAMPLE_RATE)
    return tmp_path / "user.wav"


@pytest.mark.parametrize("encoding", ["ascii", "latin-1", "utf-8"])
def test_a_terminal_that_cannot_show_everything(encoding: str) -> None:
    done = run("chat", "--once", "hello", PYTHONIOENCODING=encoding, LANG="C", LC_ALL="C")
    assert done.returncode == 0 and "Hello" in done.stdout, done.stderr


@pytest.mark.parametrize("name", ["long" * 25, os.fsdecode(b"caf\xe9")])
def test_a_temporary_folder_that_sockets_can_not_lie_in(name: str, tmp_path: Path) -> None:
    folder = tmp_path / name
    folder.mkdir()
    done = run("chat", "--once", "hello", TMPDIR=str(folder))
    assert done.returncode == 0 and "Hello" in done.stdout, done.stderr
    assert list(folder.iterdir()) == []


def test_a_full_disk_ends_the_recording_and_not_the_conversation(wav: Path, tmp_path: Path) -> None:
    done = run("talk", "--wav", wav, "--json", "--record", tmp_path / "session", full_disk=True)
    assert done.returncode == 0, done.stderr
    told = done.stdout + done.stderr
    assert "recording into" in told and "has ended" in told and "Traceback" not in told
    assert told.count('"assistant_text"') >= 2, "and it was answered once more"
    kept = read_session(tmp_path / "session")
    assert len(kept.microphone) * 4 == pytest.approx(FULL, abs=20_000), (
        "what was there before can be heard"
    )


def test_a_full_disk_leaves_no_half_a_file(tmp_path: Path) -> None:
    text = " ".join(["Your order will arrive on Monday."] * 8)
    done = run("say", text, "--out", tmp_path / "said.wav", full_disk=True)
    assert done.returncode == 2 and "cannot write" in done.stderr and "Traceback" not in done.stderr
    assert list(tmp_path.iterdir()) == []


def _workers(of: int) -> list[psutil.Process]:
    with contextlib.suppress(psutil.NoSuchProcess):
        return [
            child
            for child in psutil.Process(of).children()
            if "voice_local.engine.worker" in child.cmdline()
        ]
    return []


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP, signal.SIGINT])
def test_talk_that_is_told_to_end_leaves_all_as_it_was(
    number: signal.Signals, wav: Path, tmp_path: Path
) -> None:
    temporary = tmp_path / "t"
    temporary.mkdir()
    ours, theirs = pty.openpty()
    process = subprocess.Popen(
        [*COMMAND, "talk", "--profile", "tiny", "--wav", str(wav)],
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
        start_new_session=True,
        env={**os.environ, "TMPDIR": "/tmp", "TERM": "xterm"},
        preexec_fn=lambda: signal.signal(signal.SIGHUP, signal.SIG_DFL),
    )
    os.close(theirs)
    shown = b""
    workers: list[psutil.Process] = []
    try:
        limit = time.monotonic() + 120
        while b"\x1b[?25l" not in shown or not workers:  # the cursor is hidden: it talks
            assert time.monotonic() < limit, shown
            shown += os.read(ours, 65536)
            workers = workers or _workers(process.pid)
        time.sleep(1)
        process.send_signal(number)
        with contextlib.suppress(OSError):  # the other side has been closed
            while data := os.read(ours, 65536):
                shown += data
        assert process.wait(20) == 128 + number
    finally:
        process.kill()
        os.close(ours)
    assert shown.rindex(b"\x1b[?25h") > shown.rindex(b"\x1b[?25l"), "the cursor is there again"
    assert b"Traceback" not in shown
    _, alive = psutil.wait_procs(workers, timeout=5)
    assert not alive, "no worker is left"


def test_a_worker_that_is_told_to_end_is_started_again() -> None:
    process = subprocess.Popen(
        [*COMMAND, "chat", "--profile", "tiny"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        bufsize=1,
    )
    assert process.stdin and process.stdout
    process.stdin.write("hello\n")
    process.stdin.flush()
    shown = []
    for line in process.stdout:
        shown.append(line)
        if "Hello" in line:
            break
    (worker,) = _workers(process.pid)
    worker.terminate()
    psutil.wait_procs([worker], timeout=10)
    rest, _ = process.communicate("hello\n", timeout=120)
    assert process.returncode == 0 and "Hello" in rest, (shown, rest)
