"""`talk --text` from a pipe: every line is answered to its end, and the last one ends the
conversation."""

from __future__ import annotations

import asyncio
import os
import sys

import pytest

from tests.unit.talker import Loudness
from voice_local.bench.scripted import ScriptedEngine
from voice_local.cli.screen import typing
from voice_local.config import load
from voice_local.conversation import events
from voice_local.local.audio_session import LocalAudioSession
from voice_local.local.in_memory import InMemoryCard
from voice_local.skills.responder import (
    new_conversation,
)
from voice_local.skills.router import IntentRouter

pytestmark = pytest.mark.unit


async def test_lines_of_a_pipe(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    settings = load("tiny")
    card = InMemoryCard(settings.audio)
    talking = LocalAudioSession(
        new_conversation(ScriptedEngine(), settings, IntentRouter(2.0, 1.0)),
        Loudness(),
        card,
        muted=True,
    )
    reading, writing = os.pipe()
    with os.fdopen(writing, "wb") as given:
        given.write(b"hello\n\n" + b"x" * 3000 + b"\ncaf\xe9 au lait")
    with os.fdopen(reading) as stdin:
        monkeypatch.setattr(sys, "stdin", stdin)
        typist = asyncio.create_task(typing(talking))
        told = [event async for event in talking.events()]
        await typist
    turns = [event.record for event in told if isinstance(event, events.TurnEnded)]
    assert [turn.user_text for turn in turns] == ["hello", "caf\ufffd au lait"]
    assert not any(turn.interrupted for turn in turns) and all(turn.heard_text for turn in turns)
    assert "limit is 2000" in capsys.readouterr().err
