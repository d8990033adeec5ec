"""Where a failed worker's log is kept: no fixed name that others could have made, and only for its
user."""

from __future__ import annotations

import os
import stat
import sys
from pathlib import Path

import pytest

from voice_local.engine.worker_log import KEPT_LOGS, keep_log
from voice_local.local.portaudio import (
    hushed,
    without_noise,
)

pytestmark = pytest.mark.unit


def test_each_log_has_a_name_of_its_own_and_one_reader(tmp_path: Path, own_home: Path) -> None:
    log = tmp_path / "worker.log"
    log.write_text("last words")
    first, second = keep_log(log), keep_log(log)
    assert first != second and first.read_text() == "last words"
    assert own_home in first.parents and "voice_local" in first.parts
    assert stat.S_IMODE(first.stat().st_mode) == 0o600


def test_only_the_last_logs_stay(tmp_path: Path) -> None:
    log = tmp_path / "worker.log"
    log.write_text("x")
    kept = [keep_log(log) for _ in range(KEPT_LOGS + 3)]
    assert len(list(kept[0].parent.iterdir())) == KEPT_LOGS


def test_where_nothing_can_be_written_the_log_itself_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "worker.log"))
    log = tmp_path / "worker.log"
    log.write_text("x")
    assert keep_log(log) == log


def test_our_own_messages_come_while_the_sound_library_is_hushed(
    capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    with open(2, "w", closefd=False, buffering=1) as real:
        monkeypatch.setattr(sys, "stderr", real)
        with hushed():
            os.write(2, b"ALSA lib: no device\n")
            print("the assistant says something", file=sys.stderr)
        print("and after", file=sys.stderr)
    told = capfd.readouterr().err
    assert told == "the assistant says something\nand after\n"


def test_only_the_sound_librarys_noise_is_kept_off_the_terminal(
    capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    with open(2, "w", closefd=False, buffering=1) as real:
        monkeypatch.setattr(sys, "stderr", real)
        with without_noise():
            os.write(
                2,
                b"ALSA lib pcm.c:8570:(snd_pcm_recover) underrun occurred\n"
                b"Expression 'ret' failed in 'src/hostapi/alsa/pa_linux_alsa.c', line: 4285\n"
                b"a library has something to say\n",
            )
            print("the assistant says something", file=sys.stderr)
        print("and after", file=sys.stderr)
        assert sys.stderr is real
    told = capfd.readouterr().err.splitlines()
    assert sorted(told) == sorted(
        ["a library has something to say", "the assistant says something", "and after"]
    )
