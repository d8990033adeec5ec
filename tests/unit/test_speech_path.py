"""Whatever is said, wherever it comes from, reaches a voice as words; what is shown and remembered
is plain text."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator

import numpy as np
import pytest

from tests.unit.test_turn import HEARD, session, take
from voice_local.bench.scripted import ScriptedEngine
from voice_local.config import (
    Settings,
    load,
)
from voice_local.conversation.phrases import NO_ANSWER
from voice_local.conversation.responder import (
    Reply,
)
from voice_local.engine import loader
from voice_local.engine.api import (
    SpeechChunk,
    StageKind,
    Synthesize,
    Understanding,
)
from voice_local.engine.local_engine import LocalEngine
from voice_local.engine.stage_api import (
    Cancelled,
    StageSpec,
)
from voice_local.errors import ConfigError
from voice_local.skills.request import Request
from voice_local.skills.responder import (
    new_conversation,
)
from voice_local.skills.router import IntentRouter

pytestmark = pytest.mark.unit
MARKDOWN = (
    "**Sure!** It costs *$5* [1], see [the site](https://x.org/a).\n\n## Steps\n- Call "
    "`555-123-4567` 👍\n"
    "- Pay **20%**\n\n```python\nprint(1)\n```\n> Done &amp; <b>over</b>."
)
PLAIN = "Sure! It costs $5, see the site. Steps. Call 555-123-4567. Pay 20%. Done & over."


class _Voice:
    """A stage that keeps what it was given."""

    def __init__(self, takes_phones: bool = False) -> None:
        self.given: list[str] = []
        self.spec = StageSpec(StageKind.TTS, takes_phones)

    def voices(self) -> list[str]:
        return ["one"]

    def synthesize(self, request: Synthesize, cancelled: Cancelled) -> Iterator[SpeechChunk]:
        self.given.append(request.text)
        if request.text:
            yield SpeechChunk(np.full(160, 0.1, dtype=np.float32), 16_000)

    def describe(self) -> dict[str, str]:
        return {"runtime": "", "device": "cpu", "model": ""}


def _engine(
    voice: _Voice, monkeypatch: pytest.MonkeyPatch, settings: Settings | None = None
) -> LocalEngine:
    monkeypatch.setattr(loader, "build", lambda *_: voice)
    return LocalEngine(settings or load("tiny"), ("tts",))


def _say(engine: LocalEngine, text: str) -> None:
    async def say() -> None:
        async for _ in engine.synthesize(text):
            pass

    asyncio.run(say())  # in real time: the voice is on a thread


def test_a_voice_hears_nothing_of_markdown(monkeypatch: pytest.MonkeyPatch) -> None:
    voice = _Voice()
    engine = _engine(voice, monkeypatch)
    _say(engine, MARKDOWN)
    _say(engine, "👍👍")
    assert voice.given == [
        "Sure! It costs five dollars, see the site. Steps. Call five five five, one two three, "
        "four five six seven. Pay twenty percent. Done and over."
    ]


def test_a_voice_of_another_language_is_given_no_english_numbers(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    voice = _Voice()
    _say(_engine(voice, monkeypatch, load("tiny", tts={"language": "es"})), "**Son** las 14:30.")
    assert voice.given == ["Son las 14:30."]


def test_settings_of_speech_are_followed(monkeypatch: pytest.MonkeyPatch) -> None:
    voice = _Voice()
    settings = load("tiny", tts={"day_first": True, "pronunciations": {"nginx": "engine ex"}})
    _say(_engine(voice, monkeypatch, settings), "nginx on 12/05/2024")
    assert voice.given == ["engine ex on May twelfth, twenty twenty four"]


def test_phones_that_a_voice_does_not_take_are_refused_at_load(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    settings = load("tiny", tts={"pronunciations": {"Siobhan": "/ʃəˈvɔːn/"}})
    with pytest.raises(ConfigError, match="Siobhan"):
        _engine(_Voice(), monkeypatch, settings)
    _engine(_Voice(takes_phones=True), monkeypatch, settings)


async def test_an_answer_is_shown_spoken_and_remembered_without_markup() -> None:
    engine = ScriptedEngine(answers=[MARKDOWN])
    talk = session(engine)
    record, played = await take(engine, HEARD, talk)
    assert record.assistant_text == PLAIN
    assert " ".join(str(argument) for stage, argument in engine.calls if stage == "tts") == PLAIN
    assert PLAIN in [message["content"] for message in talk.memory.messages("", "x")]
    assert len(played)
    typed, _ = await take(ScriptedEngine(answers=[MARKDOWN]), "hi")
    assert typed.assistant_text == PLAIN


async def test_an_answer_of_nothing_but_code_is_none() -> None:
    record, _ = await take(ScriptedEngine(answers=["```python\nprint(1)\n```"]), HEARD)
    assert record.assistant_text == NO_ANSWER


async def test_a_handler_may_write_markup_too() -> None:
    router = IntentRouter(0.5, 1.0)

    async def handler(request: Request) -> Reply:
        return Reply("Your order **AB-1234**:\n- two pens")

    router.register("greeting", handler)
    engine = ScriptedEngine(meant=[Understanding("greeting", 0.9)])
    record, _ = await take(engine, HEARD, new_conversation(engine, load("tiny"), router))
    assert record.assistant_text == "Your order AB-1234: two pens."
