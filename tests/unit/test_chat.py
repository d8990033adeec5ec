"""`chat` by keyboard: what is written where, while a conversation goes on."""

from __future__ import annotations

import asyncio
from contextlib import aclosing
from datetime import datetime

import pytest

from voice_local.bench.scripted import ScriptedEngine
from voice_local.cli import chat
from voice_local.cli.aloud import Aloud
from voice_local.config import load
from voice_local.conversation.session import VoiceSession
from voice_local.engine.api import Understanding
from voice_local.local import device
from voice_local.skills.responder import new_conversation

pytestmark = pytest.mark.unit


async def test_a_chat_writes_answers_and_what_is_due_beside_them(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(device, "devices", lambda: [])
    settings = load("tiny")
    context = new_conversation(ScriptedEngine(meant=[Understanding(None)]), settings)
    loop = asyncio.get_running_loop()
    context.go_by(datetime(2026, 11, 27, 22, 5).astimezone(), loop.time)
    async with aclosing(VoiceSession(context)) as session:
        written = chat.Written(session, Aloud(settings))
        await written.follow()
        await written.ask("set a timer for two seconds")
        record = await written.ask("hi")
        await asyncio.sleep(3)
    assert record.assistant_text == "Hello! How can I help you?"
    told = capsys.readouterr()
    assert [line.split() for line in told.out.splitlines() if line] == [
        ["assistant", *"Your timer will ring in 2 seconds.".split()],
        ["assistant", *"Hello! How can I help you?".split()],
    ]
    assert "Time is up. Your 2 second timer is done." in told.err
