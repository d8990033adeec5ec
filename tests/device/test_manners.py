"""A conversation through sound devices, seen on its terminal: a goodbye ends it, Ctrl-C ends what
is playing."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.terminal import CTRL_C, Terminal
from voice_local.audio.files import read_audio
from voice_local.bench.sound_server import (
    SoundServer,
    User,
)
from voice_local.local.demo import bundled

pytestmark = pytest.mark.device
TINY = ("--profile", "tiny")
PULSE = ("--input-device", "pulse", "--output-device", "pulse")
PATIENT_MS = 5000


@pytest.fixture
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SoundServer]:
    server = SoundServer(tmp_path_factory.mktemp("pulse"))
    server.start()
    try:
        yield server
    finally:
        server.stop()


def test_a_goodbye_ends_the_conversation(server: SoundServer, tmp_path: Path) -> None:
    session = tmp_path / "session"
    with (
        Terminal(
            "talk", *TINY, *PULSE, "--record", session, environment=server.environment
        ) as terminal,
        User(server) as user,
    ):
        terminal.wait_for("listening")
        user.say(read_audio(bundled()[2]), after_s=1.0)
        code = terminal.wait(60)
        assert code == 0, terminal.shown
        assert "1 turn in" in terminal.shown and "ALSA" not in terminal.shown
        assert terminal.is_as_it_was


def test_ctrl_c_ends_talk_and_what_is_playing(server: SoundServer) -> None:
    with Terminal("talk", *TINY, *PULSE, environment=server.environment) as terminal, User(server):
        terminal.wait_for("listening")
        code, spent_ms = terminal.end(CTRL_C)
        print("talk", code, spent_ms)
        assert code == 130 and spent_ms < PATIENT_MS and terminal.is_as_it_was
    text = " ".join(["Your order will arrive on Monday."] * 8)
    with Terminal(
        "say", text, *TINY, "--output-device", "pulse", environment=server.environment
    ) as terminal:
        terminal.wait_for("to load")
        time.sleep(8)
        code, spent_ms = terminal.end(CTRL_C)
        print("say", code, spent_ms, terminal.shown[-500:])
        assert code == 130 and spent_ms < PATIENT_MS and "Traceback" not in terminal.shown
    with Terminal("demo", *TINY, "--play", environment=server.environment) as terminal:
        terminal.wait_for("playing it")
        time.sleep(2)
        code, spent_ms = terminal.end(CTRL_C)
        print("demo", code, spent_ms, terminal.shown[-500:])
        assert code == 130 and spent_ms < PATIENT_MS and "Traceback" not in terminal.shown
