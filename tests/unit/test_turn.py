"""One turn over scripted stages: what is measured, what is skipped, what happens when something
fails."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence

import numpy as np
import pytest

from voice_local.bench.scripted import (
    LETTER_S,
    ScriptedEngine,
)
from voice_local.config import load
from voice_local.conversation.input.recognition import (
    Utterance,
)
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
    CutOff,
    GenerateOptions,
    Understanding,
)
from voice_local.errors import (
    StageError,
    TextInputError,
    WorkerDiedError,
)
from voice_local.local.speakers import Collector
from voice_local.skills.responder import (
    new_conversation,
)
from voice_local.skills.router import IntentRouter

pytestmark = pytest.mark.unit
HEARD = Utterance(np.full(16_000, 0.1, dtype=np.float32), commit_window_ms=500, waited_ms=600)


def session(engine: ScriptedEngine) -> VoiceSession:
    """A conversation in which the LLM answers everything."""
    return VoiceSession(new_conversation(engine, load("tiny"), IntentRouter(2.0, 1.0)))


async def take(
    engine: ScriptedEngine, said: Utterance | str, talk: VoiceSession | None = None
) -> tuple[ConversationTurn, Collector]:
    """One turn and what was spoken in it."""
    collector, talk = Collector(), talk or session(engine)
    record = await (
        talk.reply_to_sound(said, collector) if isinstance(said, Utterance) else talk.ask(said)
    )
    return record, collector


async def test_a_spoken_turn() -> None:
    engine = ScriptedEngine(stt_s=0.02, intent_s=0.01, token_s=0.005, clause_s=0.02)
    record, collector = await take(engine, HEARD)
    assert record.user_text == "hello"
    assert record.assistant_text == "Hello! How can I help you?"
    assert record.user_audio_duration == 1.0
    assert [argument for stage, argument in engine.calls if stage == "tts"] == [
        "Hello!",
        "How can I help you?",
    ]
    assert len(collector.samples) > 0
    assert record.stt_latency_ms and record.stt_latency_ms >= 20
    assert record.intent_latency_ms and record.intent_latency_ms >= 10
    assert record.compute_first_audio_ms and record.total_latency_ms
    assert record.total_latency_ms >= record.compute_first_audio_ms >= 50
    assert record.first_audio_ms == pytest.approx(600 + record.compute_first_audio_ms)
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
    record, collector = await take(ScriptedEngine(heard=[""]), HEARD)
    assert record.assistant_text == NOT_CAUGHT
    assert record.intent is None and record.llm_latency_ms is None
    assert record.fallbacks[0].startswith("no_words")
    assert len(collector.samples) > 0


@pytest.mark.parametrize("stage", ["heard", "meant", "answers", "sounds"])
async def test_a_worker_that_dies_is_asked_again(stage: str) -> None:
    engine = ScriptedEngine()
    setattr(engine, stage, [WorkerDiedError("gone"), *getattr(engine, stage)])
    record, collector = await take(engine, HEARD)
    assert record.assistant_text == "Hello! How can I help you?"
    assert len(collector.samples) > 0
    assert len(record.fallbacks) == 1 and record.fallbacks[0].startswith("engine_restarted")


async def test_a_worker_that_dies_within_a_clause_goes_on_where_it_was() -> None:
    whole = (await take(ScriptedEngine(), HEARD))[1].samples
    engine = ScriptedEngine(piece_s=0.02, sounds=[(2, WorkerDiedError("gone")), None])
    record, collector = await take(engine, HEARD)
    assert record.fallbacks == ["engine_restarted: during tts"]
    assert len(collector.samples) == len(whole), (
        "nothing is missing, nothing said twice, and no gap"
    )


async def test_a_voice_that_fails_within_a_clause_keeps_what_was_said() -> None:
    engine = ScriptedEngine(piece_s=0.02, sounds=[(2, StageError("out of memory")), None])
    record, collector = await take(engine, HEARD)
    assert record.fallbacks == ["tts_failed: out of memory"]
    assert record.assistant_text == "Hello! How can I help you?"
    sound, rate = collector.samples, collector.sample_rate
    silent = np.flatnonzero(np.abs(sound[: rate // 5]) < 1e-6)
    assert len(silent) > 0.12 * rate, "a breath before the next clause, as ever"
    assert 0.3 * rate < len(sound) < 0.7 * rate


async def test_a_worker_that_dies_after_a_whole_clause_does_not_say_it_again() -> None:
    engine = ScriptedEngine(
        answers=["Hello!"], piece_s=0.04, sounds=[(2, WorkerDiedError("gone")), None]
    )
    record, collector = await take(engine, HEARD)
    assert len([stage for stage, _ in engine.calls if stage == "tts"]) == 1
    assert record.fallbacks == ["engine_restarted: during tts"]
    assert len(collector.samples) == int(LETTER_S * 16_000) * len("Hello!")


async def test_a_failing_model_leads_to_an_apology_not_to_silence() -> None:
    record, collector = await take(ScriptedEngine(answers=[StageError("out of memory")]), HEARD)
    assert record.assistant_text == NO_ANSWER
    assert record.fallbacks == ["llm_failed: out of memory"]
    assert len(collector.samples) > 0


async def test_memory_shrinks_when_the_context_is_full() -> None:
    engine = ScriptedEngine(answers=[TextInputError("too long"), "Fine."])
    talk = session(engine)
    for number in range(3):
        talk.context.memory.add("", f"old {number}", "answer")
    record, _ = await take(engine, "hi", talk)
    assert record.assistant_text == "Fine."
    assert record.fallbacks[0].startswith("history_shortened")
    assert len(talk.context.memory.exchanges) == 4
    assert [m["content"] for m in talk.context.memory.messages("", "x") if m["role"] == "user"] == [
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
    assert talk.context.memory.exchanges == []


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

    async def generate(
        self, messages: Sequence[object], options: GenerateOptions
    ) -> AsyncIterator[str]:
        """See `Engine`."""
        async for piece in super().generate(messages, options):  # type: ignore[arg-type]
            yield piece
        yield CutOff()


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
    record, collector = await take(
        engine, HEARD, VoiceSession(new_conversation(engine, load("tiny"), IntentRouter(2.0, 1.0)))
    )
    assert record.filler == LATER and record.assistant_text == "Here it is."
    assert record.compute_first_audio_ms is not None and record.compute_first_audio_ms >= 12_000
    assert len(collector.samples) > 0


async def test_an_answer_in_time_has_no_filler() -> None:
    record, _ = await take(ScriptedEngine(token_s=0.005), HEARD)
    assert record.filler is None and record.llm_first_clause_ms is not None
    assert (
        record.llm_first_token_ms is not None
        and record.llm_first_token_ms <= record.llm_first_clause_ms
    )
