"""One turn over scripted stages: what is measured, what is skipped, what happens when something
fails."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator

import numpy as np
import pytest

from tests.unit.talker import Loudness
from voice_local.audio.types import (
    FRAME_SAMPLES,
    Audio,
)
from voice_local.bench.scripted import (
    LETTER_S,
    ScriptedEngine,
)
from voice_local.config import load
from voice_local.conversation.context.conversation_context import ConversationContext
from voice_local.conversation.events import TurnEnded
from voice_local.conversation.output.speech_queue import SpeechQueue
from voice_local.conversation.phrases import (
    GO_ON,
    LATER,
    NO_ANSWER,
    NOT_CAUGHT,
)
from voice_local.conversation.record import ConversationTurn
from voice_local.conversation.session import (
    VoiceSession,
)
from voice_local.engine.api import (
    FinishReason,
    Generate,
    GenerateItem,
    GenerationDone,
    Understanding,
)
from voice_local.errors import (
    StageError,
    TextInputError,
    WorkerDiedError,
)
from voice_local.skills.responder import (
    new_conversation,
)
from voice_local.skills.router import IntentRouter

pytestmark = pytest.mark.unit


class Spoken:
    """One second of speech."""


HEARD = Spoken()
RATE = 16_000


def session(engine: ScriptedEngine) -> ConversationContext:
    """A conversation in which the LLM answers everything."""
    settings = load("tiny", conversation={"interim_interval_ms": 10_000, "dips": False})
    return new_conversation(engine, settings, IntentRouter(2.0, 1.0))


async def take(
    engine: ScriptedEngine, said: Spoken | str, talk: ConversationContext | None = None
) -> tuple[ConversationTurn, Audio]:
    """One turn, and what was played in it, without the silence around it."""
    talk = talk or session(engine)
    if isinstance(said, str):
        written = VoiceSession(talk)
        try:
            return await written.ask(said), np.zeros(0, np.float32)
        finally:
            await written.aclose()
    live = VoiceSession(talk, Loudness(), SpeechQueue(RATE))
    ended: list[ConversationTurn] = []
    reading = asyncio.create_task(_read(live, ended))
    noise = np.random.default_rng(7)
    played = []
    for number in range(2_000):
        level = 0.3 if number * FRAME_SAMPLES < RATE else 0.0
        live.push_frame((level * noise.uniform(-1, 1, FRAME_SAMPLES)).astype(np.float32))
        played.append(live.queue.pull(FRAME_SAMPLES))
        await asyncio.sleep(FRAME_SAMPLES / RATE)
        if ended:
            break
    await live.aclose()
    await reading
    return ended[0], _trimmed(np.concatenate(played))


def _trimmed(sound: Audio) -> Audio:
    loud = np.flatnonzero(np.abs(sound) > 1e-6)
    return sound[loud[0] : loud[-1] + 1] if len(loud) else sound[:0]


async def _read(live: VoiceSession, ended: list[ConversationTurn]) -> None:
    async for event in live.events():
        if isinstance(event, TurnEnded):
            ended.append(event.record)


async def test_a_spoken_turn() -> None:
    engine = ScriptedEngine(stt_s=0.02, intent_s=0.01, token_s=0.005, segment_s=0.02)
    record, played = await take(engine, HEARD)
    assert record.user_text == "hello"
    assert record.assistant_text == "Hello! How can I help you?"
    assert record.user_audio_duration == pytest.approx(1.0, abs=0.2)
    assert [argument for stage, argument in engine.calls if stage == "tts"] == [
        "Hello!",
        "How can I help you?",
    ]
    assert len(played) > 0
    assert record.stt_latency_ms and record.stt_latency_ms >= 20
    assert record.intent_latency_ms and record.intent_latency_ms >= 10
    assert record.compute_first_audio_ms and record.total_latency_ms
    assert record.total_latency_ms >= record.compute_first_audio_ms >= 50
    assert record.first_audio_ms is not None and record.commit_window_ms is not None
    assert abs(record.first_audio_ms - record.commit_window_ms) <= 64
    assert record.fallbacks == []


async def test_a_typed_turn_skips_stages_with_none() -> None:
    record, _ = await take(ScriptedEngine(), "hi")
    for name in (
        "user_audio_duration",
        "stt_latency_ms",
        "tts_latency_ms",
        "compute_first_audio_ms",
        "commit_window_ms",
        "first_audio_ms",
        "audio_path",
    ):
        assert getattr(record, name) is None
    assert record.llm_latency_ms is not None


async def test_no_words_are_asked_for_again() -> None:
    record, played = await take(ScriptedEngine(transcripts=[""]), HEARD)
    assert record.assistant_text == NOT_CAUGHT
    assert record.intent is None and record.llm_latency_ms is None
    assert record.fallbacks[0].startswith("no_words")
    assert len(played) > 0


@pytest.mark.parametrize("stage", ["transcripts", "meant", "answers", "sounds"])
async def test_a_worker_that_dies_is_asked_again(stage: str) -> None:
    engine = ScriptedEngine()
    setattr(engine, stage, [WorkerDiedError("gone"), *getattr(engine, stage)])
    record, played = await take(engine, HEARD)
    assert record.assistant_text == "Hello! How can I help you?"
    assert len(played) > 0
    assert len(record.fallbacks) == 1 and record.fallbacks[0].startswith("engine_restarted")


async def test_a_worker_that_dies_within_a_clause_goes_on_where_it_was() -> None:
    whole = (await take(ScriptedEngine(), HEARD))[1]
    engine = ScriptedEngine(piece_s=0.02, sounds=[(2, WorkerDiedError("gone")), None])
    record, played = await take(engine, HEARD)
    assert record.fallbacks == ["engine_restarted: during tts"]
    assert len(played) == len(whole), "nothing is missing, nothing said twice, and no gap"


async def test_a_voice_that_fails_within_a_clause_keeps_what_was_said() -> None:
    engine = ScriptedEngine(piece_s=0.02, sounds=[(2, StageError("out of memory")), None])
    record, played = await take(engine, HEARD)
    assert record.fallbacks == ["tts_failed: out of memory"]
    assert record.assistant_text == "Hello! How can I help you?"
    sound, rate = played, RATE
    silent = np.flatnonzero(np.abs(sound[: rate // 5]) < 1e-6)
    assert len(silent) > 0.12 * rate, "a breath before the next clause, as ever"
    assert 0.3 * rate < len(sound) < 0.7 * rate


async def test_a_worker_that_dies_after_a_whole_clause_does_not_say_it_again() -> None:
    engine = ScriptedEngine(
        answers=["Hello!"], piece_s=0.04, sounds=[(2, WorkerDiedError("gone")), None]
    )
    record, played = await take(engine, HEARD)
    assert len([stage for stage, _ in engine.calls if stage == "tts"]) == 1
    assert record.fallbacks == ["engine_restarted: during tts"]
    whole = int(LETTER_S * RATE) * len("Hello!")
    assert whole - 2 <= len(played) <= whole


async def test_a_failing_model_leads_to_an_apology_not_to_silence() -> None:
    record, played = await take(ScriptedEngine(answers=[StageError("out of memory")]), HEARD)
    assert record.assistant_text == NO_ANSWER
    assert record.fallbacks == ["llm_failed: out of memory"]
    assert len(played) > 0


async def test_memory_shrinks_when_the_context_is_full() -> None:
    engine = ScriptedEngine(answers=[TextInputError("too long"), "Fine."])
    talk = session(engine)
    for number in range(3):
        talk.memory.add("", f"old {number}", "answer")
    record, _ = await take(engine, "hi", talk)
    assert record.assistant_text == "Fine."
    assert record.fallbacks[0].startswith("history_shortened")
    assert len(talk.memory.exchanges) == 4
    assert [m["content"] for m in talk.memory.messages("", "x") if m["role"] == "user"] == [
        "old 1",
        "old 2",
        "hi",
        "x",
    ]


async def test_a_text_too_long_is_refused_and_forgotten() -> None:
    engine = ScriptedEngine(answers=[TextInputError("too long")])
    talk = session(engine)
    with pytest.raises(TextInputError):
        await take(engine, "hi", talk)
    assert talk.memory.exchanges == []


async def test_prompt_grows_only_at_its_end() -> None:
    engine = ScriptedEngine(
        meant=[
            Understanding("billing", 0.9, "fear", 0.99),
            Understanding("greeting", 0.9, "joy", 1),
        ]
    )
    talk = session(engine)
    await take(engine, "first", talk)
    await take(engine, "second", talk)
    first, second = (argument for stage, argument in engine.calls if stage == "llm")
    assert isinstance(first, list) and isinstance(second, list)
    assert second[: len(first)] == first
    assert "afraid" in first[1]["content"] and "billing" in first[1]["content"]


class Limited(ScriptedEngine):
    """Reaches the limit of tokens after its scripted words."""

    async def _generate(self, request: Generate) -> AsyncGenerator[GenerateItem, None]:
        async for item in super()._generate(request):
            ends = isinstance(item, GenerationDone)
            yield GenerationDone(FinishReason.LENGTH) if ends else item


async def test_an_answer_at_its_limit_ends_with_a_sentence_and_offers_to_go_on() -> None:
    engine = Limited(answers=["There once was a king. He had three daughters, and the eldest of"])
    talk = session(engine)
    record, _ = await take(engine, HEARD, talk)
    assert record.assistant_text == f"There once was a king. {GO_ON}"
    assert [argument for stage, argument in engine.calls if stage == "tts"] == [
        "There once was a king.",
        GO_ON,
    ]
    record, _ = await take(engine, "yes", talk)
    asked = [argument for stage, argument in engine.calls if stage == "llm"][-1]
    told = [m["content"] for m in asked if m["role"] == "assistant"]  # type: ignore[attr-defined]
    assert told == [f"There once was a king. {GO_ON}"]


async def test_what_is_said_to_gain_time_is_no_answer() -> None:
    engine = ScriptedEngine(answers=["Here it is."], token_s=4.0)
    record, played = await take(engine, HEARD, session(engine))
    assert record.filler == LATER and record.assistant_text == "Here it is."
    assert record.compute_first_audio_ms is not None and record.compute_first_audio_ms >= 11_999
    assert len(played) > 0


async def test_an_answer_in_time_has_no_filler() -> None:
    record, _ = await take(ScriptedEngine(token_s=0.005), HEARD)
    assert record.filler is None and record.llm_first_clause_ms is not None
    assert (
        record.llm_first_token_ms is not None
        and record.llm_first_token_ms <= record.llm_first_clause_ms
    )
