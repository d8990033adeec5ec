"""Live conversations with the embedded models: by command line in real time, in an echoing room,
with a dying worker."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import soundfile as sf

from voice_local.assistant import Assistant
from voice_local.audio.files import read_audio
from voice_local.audio.types import (
    SAMPLE_RATE,
    Audio,
)
from voice_local.audio.vad import SileroModel
from voice_local.bench.rooms import (
    RoomCard,
    room_response,
)
from voice_local.config import load
from voice_local.conversation import events
from voice_local.engine.counting import CountingEngine
from voice_local.local.audio_session import LocalAudioSession
from voice_local.local.demo import bundled

pytestmark = pytest.mark.models


def bundled_speech(number: int) -> Audio:
    """A bundled user turn with a second of silence before it."""
    return np.concatenate([np.zeros(SAMPLE_RATE, np.float32), read_audio(bundled()[number])])


def run(*arguments: object) -> subprocess.CompletedProcess[str]:
    """The command line."""
    return subprocess.run(
        [sys.executable, "-m", "voice_local", *map(str, arguments)],
        capture_output=True,
        text=True,
        timeout=180,
    )


def test_talk_from_a_recording_and_replay(tmp_path: Path) -> None:
    whole = np.concatenate(
        [
            part
            for i in range(3)
            for part in (bundled_speech(i), np.zeros(4 * SAMPLE_RATE, np.float32))
        ]
    )
    wav, session = tmp_path / "user.wav", tmp_path / "session"
    sf.write(wav, whole, SAMPLE_RATE)
    done = run("talk", "--profile", "tiny", "--wav", wav, "--record", session, "--json")
    assert done.returncode == 0, done.stderr
    told = [json.loads(line) for line in done.stdout.splitlines()]
    turns = [line["turn"] for line in told if line["event"] == "turn_ended"]
    assert (
        told[-1]["event"] == "ended"
        and told[-1]["turns"] == len(turns) == 3
        and told[-1]["overruns"] == 0
    )
    assert told[-1]["recording"] == str(session)
    assert {"state_changed", "partial", "user_said", "assistant_says", "turn_ended"} <= {
        line["event"] for line in told
    }
    assert all(turn["assistant_text"] and turn["heard_text"] for turn in turns)
    assert all(turn["speculations"] >= 1 for turn in turns)
    both, rate = sf.read(session / "session.wav")
    assert both.shape[1] == 2 and len(both) / rate == pytest.approx(len(whole) / SAMPLE_RATE, abs=4)
    assert np.abs(both[:, 0]).max() > 0.1 and np.abs(both[:, 1]).max() > 0.05
    again = run("replay", session, "--profile", "tiny", "--json")
    assert again.returncode == 0, again.stderr
    assert json.loads(again.stdout)["same_words"]


@pytest.mark.parametrize(
    "arguments",
    [
        ("talk", "--wav", "missing.wav"),
        ("talk", "--wav", "user.wav", "--record", "/proc/nowhere"),
        ("replay", "missing"),
        ("talk", "--input-device", "no such device"),
    ],
)
def test_refusals(
    arguments: tuple[str, ...], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    sf.write(tmp_path / "user.wav", np.zeros(SAMPLE_RATE, np.float32), SAMPLE_RATE)
    done = run(*arguments, "--profile", "tiny")
    assert done.returncode == 2
    assert "Traceback" not in done.stderr and 1 <= len(done.stderr.strip().splitlines()) <= 3


async def test_its_own_echo_interrupts_nothing_and_the_user_does() -> None:
    settings = load("tiny")
    async with Assistant(settings) as assistant:
        context = assistant.context()
        steady = CountingEngine(assistant.engine)
        context.engine = steady
        card = RoomCard(
            settings.audio,
            steady,
            room_response(settings.audio.sample_rate, 80.0),
            10 ** (-20 / 20),
        )
        talking = LocalAudioSession(context, SileroModel().stream(), card)
        card.say(bundled_speech(1))
        told: list[events.Event] = []
        ended, spoken_over = 0, False
        async for event in talking.events():
            told.append(event)
            if isinstance(event, events.TurnEnded):
                ended += 1
                if ended == 1:
                    assert not any(isinstance(e, events.Interrupted) for e in told)
                    card.say(bundled_speech(1))
                card.ended = ended > 2
            elif isinstance(event, events.AssistantSays) and ended == 1 and not spoken_over:
                spoken_over = True
                card.say(bundled_speech(0)[SAMPLE_RATE // 2 :])
        assert sum(isinstance(e, events.Interrupted) for e in told) == 1
        assert sum(isinstance(e, events.UserSaid) for e in told) == 3


async def test_the_worker_dies_while_it_talks_and_the_conversation_goes_on() -> None:
    settings = load("tiny")
    card = RoomCard(settings.audio)
    card.say(bundled_speech(1))
    records = []
    async with Assistant(settings) as assistant:
        killed = 0
        async for event in assistant.converse(card):
            if isinstance(event, events.AssistantSays) and not killed:
                killed = assistant.engine.pid
                os.kill(killed, signal.SIGKILL)
            elif isinstance(event, events.TurnEnded):
                records.append(event.record)
                if len(records) == 1:
                    card.say(bundled_speech(2))
                else:
                    break
        assert killed and assistant.engine.restarts == 1 and assistant.engine.pid not in (0, killed)
        assert assistant.talking and len(assistant.talking.session.context.memory.exchanges) == 2
    assert records[1].intent == "farewell" and records[1].assistant_text
