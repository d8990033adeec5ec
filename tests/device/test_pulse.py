"""A live conversation through real sound devices: PulseAudio null sinks, PortAudio's `pulse`
device, the whole program."""

from __future__ import annotations

import json
import os
import pty
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest
import soundfile as sf

from voice_local.bench.sound_devices import AGREE_MS, TURNS, beside, converse, sentences
from voice_local.bench.sound_server import (
    RATE,
    SoundServer,
    User,
    stop_for,
    wait_until,
)
from voice_local.bench.talk_process import TalkProcess

pytestmark = pytest.mark.device
TINY = ("--profile", "tiny")


@contextmanager
def talking(
    server: SoundServer, session: Path, *arguments: str, stdin: int | None = None
) -> Iterator[TalkProcess]:
    """The whole program."""
    program = TalkProcess(server, session, *TINY, *arguments, stdin=stdin)
    try:
        yield program
    finally:
        program.end()


IDLE_CORES = 0.13
"""Of the program and its engine. Wanted: 0.1. Measured: 0.078 to 0.106 on two Zen 3 cores at 2.4
GHz, whose time for the same work varies by a third; half of it is the sound server's library.
"""


def test_the_record_is_what_a_bystanders_stopwatch_shows(
    server: SoundServer, tmp_path: Path
) -> None:
    """Over ten turns, of which two come right after the program has stood still for two seconds."""
    spoken = converse(server, tmp_path / "session", TINY)
    print(
        json.dumps(
            {
                "real_ms": spoken.real_ms,
                "record_ms": spoken.record_ms,
                "idle_cores": spoken.idle_cores,
                "input_age_ms": [turn["input_age_ms"] for turn in spoken.records],
                "output_latency_ms": [turn["output_latency_ms"] for turn in spoken.records],
                "about": spoken.about,
            }
        )
    )
    assert len(spoken.apart_ms) == TURNS, "every turn was answered after its end"
    assert max(spoken.apart_ms) <= AGREE_MS
    assert spoken.idle_cores <= IDLE_CORES
    assert spoken.about["overruns"] == spoken.about["devices_reopened"] == 0
    assert spoken.about["input_dropped_ms"] > 2000, "what piled up while it stood still"


def test_words_said_while_muted_are_never_answered(server: SoundServer, tmp_path: Path) -> None:
    """Not even where they come late, after the unmuting, since the program stood still
    meanwhile."""
    keyboard, terminal = pty.openpty()
    order, hours = sentences()[:2]
    try:
        with (
            beside(server) as (user, _, _),
            talking(server, tmp_path / "session", stdin=terminal) as program,
        ):
            time.sleep(1)
            os.write(keyboard, b"m")
            time.sleep(0.5)
            user.say(order)
            time.sleep(len(order) / 16_000 - 1)
            stop_for(program.process, 2.0)
            os.write(keyboard, b"m")
            time.sleep(6)
            assert program.turns == []
            user.say(hours)
            wait_until(lambda: len(program.turns) == 1, 30, "the turn that was to be heard")
    finally:
        os.close(keyboard)
        os.close(terminal)
    both, _ = sf.read(tmp_path / "session" / "session.wav")
    (turn,) = (json.loads((tmp_path / "session" / "turns.jsonl").read_text().splitlines()[0]),)
    assert turn["user_text"] and turn["user_audio_duration"] < len(hours) / 16_000 + 0.8
    assert not both[int(1.7 * RATE) : int(4 * RATE), 0].any(), "nor was a word of it kept"


def test_it_hears_answers_and_is_interrupted(server: SoundServer, tmp_path: Path) -> None:
    session = tmp_path / "session"
    said = sentences()
    others = []
    try:
        with talking(server, session) as program, User(server) as user:
            others = [
                subprocess.Popen([sys.executable, "-c", "while True: pass"])
                for _ in range(os.cpu_count() or 1)
            ]
            user.say(said[1])
            user.say(
                said[0], after_s=1.5
            )  # over the answer; timed here, since through null sinks all is seen late
            wait_until(lambda: len(program.turns) == 2, 60, "two turns")
    finally:
        for process in others:
            process.kill()
            process.wait()
    both, rate = sf.read(session / "session.wav")
    assert rate == RATE and both.shape[1] == 2, "closed properly"
    assert program.about["overruns"] == 0
    first, last = program.turns
    assert (
        first["user_text"]
        and first["interrupted"]
        and first["heard_text"] != first["assistant_text"]
    )
    assert last["user_text"] and last["assistant_text"]
    assert np.abs(both[:, 1]).max() > 0.05, "audible"
    assert "ALSA" not in program.stderr and "Expression" not in program.stderr


def test_a_device_that_comes_back_is_taken_up_again(server: SoundServer, tmp_path: Path) -> None:
    session = tmp_path / "session"
    said = sentences()
    with talking(server, session) as program:
        with User(server) as user:
            user.say(said[1])
            wait_until(lambda: len(program.turns) == 1, 30, "a turn")
            server.stop()
            wait_until(lambda: not _grows(program), 10, "silence")
        server.start()
        wait_until(lambda: _grows(program), 20, "sound again")
        with User(server) as user:
            user.say(said[0])
            wait_until(lambda: len(program.turns) == 2, 30, "another turn")
            server.stop()
            wait_until(lambda: not _grows(program), 10, "silence again")
    assert program.turns[1]["user_text"] and program.turns[1]["assistant_text"]
    assert program.about["devices_reopened"] == 1, "and it ended properly with its device gone"
    assert sf.info(session / "session.wav").duration > 5
    assert "ALSA" not in program.stderr and "Expression" not in program.stderr


def _grows(program: TalkProcess) -> bool:
    before = program.recorded_s
    time.sleep(0.5)
    return program.recorded_s > before


def test_without_a_device_one_line_says_what_is_missing(tmp_path: Path) -> None:
    nowhere = {**os.environ, "PULSE_SERVER": f"unix:{tmp_path / 'none'}"}
    done = subprocess.run(
        [sys.executable, "-m", "voice_local", "talk", *TINY],
        env=nowhere,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 2
    assert len(done.stderr.strip().splitlines()) <= 2 and "microphone" in done.stderr, done.stderr
    assert "ALSA" not in done.stderr and "Traceback" not in done.stderr
