"""The Realtime API: turns, items and tools."""

from __future__ import annotations

import asyncio
import base64

import pytest

from tests.unit.realtime_client import LONG, RealtimeClient, good_turn
from tests.unit.server_parts import server_state
from voice_local.bench.scripted import ScriptedEngine
from voice_local.config import load
from voice_local.server.languages import heard_languages

pytestmark = pytest.mark.unit
TRANSCRIBED = {"input": {"transcription": {"model": "whisper-1"}}}
TURN = [
    "input_audio_buffer.speech_started",
    "input_audio_buffer.speech_stopped",
    "input_audio_buffer.committed",
    "conversation.item.added",
    "conversation.item.done",
    "conversation.item.input_audio_transcription.delta",
    "conversation.item.input_audio_transcription.completed",
    "response.created",
    "rate_limits.updated",
    "response.output_item.added",
    "conversation.item.added",
    "response.content_part.added",
    "response.output_audio_transcript.delta",
    "response.output_audio.delta",
    "response.output_audio.done",
    "response.output_audio_transcript.done",
    "response.content_part.done",
    "response.output_item.done",
    "conversation.item.done",
    "response.done",
]


async def test_a_spoken_turn_tells_its_events_in_order() -> None:
    client = RealtimeClient(ScriptedEngine(transcripts=["turn the page"]))
    await client.configure(audio=TRANSCRIBED)
    await client.speak(1.0)
    await client.speak(3.0, loud=False)
    done = await client.until("response.done")
    assert client.kinds()[:3] == ["session.created", "conversation.created", "session.updated"]
    assert client.kinds()[3:] == TURN
    (item,) = done["response"]["output"]
    said = item["content"][0]["transcript"]
    assert said == "Hello! How can I help you?" and done["response"]["status"] == "completed"
    (words,) = client.of("conversation.item.input_audio_transcription.completed")
    assert words["transcript"] == "turn the page"
    started, stopped = client.told[3]["audio_start_ms"], client.told[4]["audio_end_ms"]
    assert 0 <= started <= 60 and 940 <= stopped <= 1060
    assert client.heard_s() > 0.2
    await client.close()


async def test_deltas_of_a_transcript_only_append() -> None:
    client = RealtimeClient(ScriptedEngine(answers=["One sentence. Another one. And a third."]))
    await client.type("hi")
    await client.until("response.done")
    deltas = [event["delta"] for event in client.of("response.output_audio_transcript.delta")]
    (done,) = client.of("response.output_audio_transcript.done")
    assert "".join(deltas) == done["transcript"] == "One sentence. Another one. And a third."
    await client.close()


async def test_speech_over_an_answer_cancels_it() -> None:
    engine = ScriptedEngine(answers=[LONG, "Fine."], transcripts=["please stop that now"])
    client = RealtimeClient(engine)
    await client.type("tell me something long")
    await client.until("response.output_audio.delta", 20)
    await client.speak(1.0)
    await client.speak(3.0, loud=False)
    first = await client.until("response.done")
    assert first["response"]["status"] == "cancelled"
    assert first["response"]["status_details"]["reason"] == "turn_detected"
    second = await client.until("response.done", 2)
    assert second["response"]["status"] == "completed"
    (started,) = client.of("input_audio_buffer.speech_started")
    (stopped,) = client.of("input_audio_buffer.speech_stopped")
    (committed,) = client.of("input_audio_buffer.committed")
    assert started["item_id"] == stopped["item_id"] == committed["item_id"]
    assert client.told.index(started) < client.told.index(first)
    assert 800 < stopped["audio_end_ms"] - started["audio_start_ms"] < 1500
    item_id = first["response"]["output"][0]["id"]
    await client.send(
        "conversation.item.truncate", item_id=item_id, content_index=0, audio_end_ms=200
    )
    await client.until("conversation.item.truncated")
    kept = client.realtime.live.session.context.memory.exchanges[0].assistant
    assert 0 < len(kept) < 30 and LONG.startswith(kept)
    await good_turn(client)


async def test_an_interruption_that_is_known_late_is_told_in_order() -> None:
    """A short one, whose words come after its end: still started, stopped, committed."""
    engine = ScriptedEngine(
        answers=[LONG, "Fine."], transcripts=["please stop that now"], stt_s=0.5
    )
    client = RealtimeClient(engine)
    await client.configure(audio=TRANSCRIBED)
    await client.type("tell me something long")
    await client.until("response.output_audio.delta", 20)
    await client.speak(0.35)
    await client.speak(3.0, loud=False)
    await client.until("response.done", 2)
    order = [
        event["type"].removeprefix("input_audio_buffer.")
        for event in client.told
        if event["type"].startswith("input_audio_buffer.") or event["type"] == "response.done"
    ]
    assert order == [
        "speech_started",
        "response.done",
        "speech_stopped",
        "committed",
        "response.done",
    ]
    started, stopped = (
        client.of(f"input_audio_buffer.speech_{kind}")[0] for kind in ("started", "stopped")
    )
    assert 200 < stopped["audio_end_ms"] - started["audio_start_ms"] < 900
    (committed,) = client.of("input_audio_buffer.committed")
    assert committed["item_id"] == started["item_id"] == stopped["item_id"]
    await good_turn(client)


async def test_an_interruption_after_a_cough_has_an_item_of_its_own() -> None:
    engine = ScriptedEngine(
        answers=[3 * LONG, "Fine."], transcripts=["", "please stop that now"], stt_s=0.5
    )
    client = RealtimeClient(engine)
    await client.type("tell me something long")
    await client.until("response.output_audio.delta", 20)
    await client.speak(0.2)
    await client.speak(2.0, loud=False)
    assert len(client.of("response.done")) == 0, "the cough has stopped nothing"
    await client.speak(0.35)
    await client.speak(3.0, loud=False)
    await client.until("response.done", 2)
    (committed,) = client.of("input_audio_buffer.committed")
    started = client.of("input_audio_buffer.speech_started")[-1]
    stopped = client.of("input_audio_buffer.speech_stopped")[-1]
    assert started["item_id"] == stopped["item_id"] == committed["item_id"]
    assert started["audio_start_ms"] > 2000
    await good_turn(client)


async def test_a_noise_over_an_answer_leaves_it() -> None:
    engine = ScriptedEngine(answers=[LONG], transcripts=[""])
    client = RealtimeClient(engine)
    await client.type("tell me something long")
    await client.until("response.output_audio.delta", 20)
    await client.speak(0.3)
    await client.speak(4.0, loud=False)
    done = await client.until("response.done")
    assert done["response"]["status"] == "completed"
    assert client.of("input_audio_buffer.speech_started") == []
    await client.close()


async def test_manual_turns_are_committed_and_asked_for() -> None:
    client = RealtimeClient(ScriptedEngine(transcripts=["one", "two"]))
    detection = {"input": {"turn_detection": None, "transcription": {"model": "x"}}}
    await client.configure(audio=detection)
    for _ in range(2):
        await client.speak(0.6)
        await client.speak(0.4, loud=False)
        await client.send("input_audio_buffer.commit")
    await client.until("conversation.item.input_audio_transcription.completed", 2)
    assert client.of("response.created") == []
    assert client.of("input_audio_buffer.speech_started") == []
    await client.send("response.create")
    await client.until("response.done")
    asked = [argument for stage, argument in client.engine.calls if stage == "llm"]
    assert "one two" in str(asked[-1])
    await client.close()


async def test_a_transcription_session_transcribes_and_never_answers() -> None:
    client = RealtimeClient(ScriptedEngine(transcripts=["only words"]), transcribes_only=True)
    created = client.realtime.live.as_json()
    assert created["type"] == "transcription" and "tools" not in created
    session = {"type": "transcription", "audio": TRANSCRIBED}
    await client.send("session.update", session=session)
    await client.speak(1.0)
    await client.speak(2.0, loud=False)
    words = await client.until("conversation.item.input_audio_transcription.completed")
    assert words["transcript"] == "only words"
    await client.send("response.create")
    assert client.of("response.created") == [] and len(client.errors) == 1
    await client.close()


async def test_text_alone() -> None:
    client = RealtimeClient()
    await client.configure(output_modalities=["text"])
    await client.type("hi")
    done = await client.until("response.done")
    assert client.of("response.output_audio.delta") == []
    assert done["response"]["output"][0]["content"][0]["type"] == "output_text"
    (text,) = client.of("response.output_text.done")
    assert text["text"] == "Hello! How can I help you?"
    await client.close()


async def test_a_response_beside_the_conversation_is_not_remembered() -> None:
    client = RealtimeClient(ScriptedEngine(answers=["A title."]))
    await client.send(
        "response.create",
        response={
            "conversation": "none",
            "output_modalities": ["text"],
            "instructions": "Give a title.",
            "metadata": {"topic": "title"},
            "input": [
                {
                    "type": "message",
                    "role": "user",
                    "content": [{"type": "input_text", "text": "A text."}],
                }
            ],
        },
    )
    done = await client.until("response.done")
    assert done["response"]["conversation_id"] is None
    assert done["response"]["metadata"] == {"topic": "title"}
    assert done["response"]["output"][0]["content"][0]["text"].strip() == "A title."
    assert client.of("conversation.item.added") == []
    assert client.realtime.live.session.context.memory.exchanges == []
    await good_turn(client)


@pytest.mark.parametrize("name", ["audio/pcmu", "audio/pcma"])
async def test_telephone_formats_both_ways(name: str) -> None:
    client = RealtimeClient(ScriptedEngine(transcripts=["a call"]))
    sound = {"type": name}
    await client.configure(audio={"input": {"format": sound}, "output": {"format": sound}})
    from voice_local.audio import g711

    encode = g711.to_mulaw if name.endswith("u") else g711.to_alaw
    decode = g711.from_mulaw if name.endswith("u") else g711.from_alaw
    import numpy as np

    for seconds, level in ((0.8, 0.3), (3.0, 0.0)):
        noise = level * np.random.default_rng(1).uniform(-1, 1, int(seconds * 8000))
        piece = encode(noise.astype(np.float32))
        await client.send("input_audio_buffer.append", audio=base64.b64encode(piece).decode())
    await client.until("response.done")
    parts = [base64.b64decode(e["delta"]) for e in client.of("response.output_audio.delta")]
    sound_back = decode(b"".join(parts))
    assert len(sound_back) > 1600 and np.abs(sound_back).max() > 0.05
    await client.close()


async def test_cancelling_ends_the_sound() -> None:
    client = RealtimeClient(ScriptedEngine(answers=[LONG, "Fine."]))
    await client.type("tell me")
    await client.until("response.output_audio.delta", 20)
    await client.send(
        "response.cancel", response_id=client.of("response.created")[0]["response"]["id"]
    )
    done = await client.until("response.done")
    assert done["response"]["status_details"] == {"type": "cancelled", "reason": "client_cancelled"}
    count = len(client.of("response.output_audio.delta"))
    await asyncio.sleep(1.0)
    assert len(client.of("response.output_audio.delta")) == count
    await good_turn(client)


async def test_sound_that_is_cleared_is_never_heard() -> None:
    client = RealtimeClient()
    await client.configure(audio={"input": {"turn_detection": None}})
    await client.speak(0.6)
    await client.send("input_audio_buffer.clear")
    assert len(client.of("input_audio_buffer.cleared")) == 1
    await client.send("input_audio_buffer.commit")
    assert client.errors[0]["code"] == "input_audio_buffer_commit_empty"
    assert [stage for stage, _ in client.engine.calls if stage == "stt"] == []
    await good_turn(client)


async def test_a_user_who_is_silent_is_asked() -> None:
    client = RealtimeClient()
    detection = {"type": "server_vad", "idle_timeout_ms": 5000}
    await client.configure(audio={"input": {"turn_detection": detection}})
    await client.type("hi")
    await client.until("response.done")
    for _ in range(12):
        await client.speak(1.0, loud=False)
    (asked,) = client.of("input_audio_buffer.timeout_triggered")[:1]
    assert 4900 <= asked["audio_end_ms"] < 6000
    await client.until("response.done", 2)
    await good_turn(client)


async def test_a_deleted_item_is_forgotten() -> None:
    client = RealtimeClient(ScriptedEngine(answers=["The code is seven.", "Fine."]))
    await client.type("my secret is blue")
    done = await client.until("response.done")
    ids = [event["item"]["id"] for event in client.of("conversation.item.added")]
    await client.send("conversation.item.retrieve", item_id=ids[0])
    assert "blue" in str(client.of("conversation.item.retrieved")[0]["item"])
    for item_id in (ids[0], done["response"]["output"][0]["id"]):
        await client.send("conversation.item.delete", item_id=item_id)
        assert client.of("conversation.item.deleted")[-1]["item_id"] == item_id
    await client.type("and now")
    await client.until("response.done", 2)
    asked = [argument for stage, argument in client.engine.calls if stage == "llm"]
    assert "blue" not in str(asked[-1]) and "seven" not in str(asked[-1])
    await client.close()


async def test_a_client_secret_begins_its_session() -> None:
    state = server_state(ScriptedEngine())
    session = {"type": "realtime", "instructions": "Speak of ships."}
    key = state.secrets.new(60, session)
    client = RealtimeClient(state=state, configured=state.secrets.session_of([key]))
    assert client.realtime.live.config.instructions == "Speak of ships."
    assert state.secrets.session_of(["ek_other"]) is None
    await good_turn(client)


async def test_the_language_of_the_user_reaches_the_recognizer() -> None:
    client = RealtimeClient(ScriptedEngine(transcripts=["hola"]))
    await client.configure(audio={"input": {"transcription": {"model": "x", "language": "es"}}})
    await client.speak(0.8)
    await client.speak(2.0, loud=False)
    await client.until("response.done")
    assert client.engine.asked[-1].language == "es"
    words = {"keywords": ["Siobhan", " Kaczmarek"], "prompt": "mocha, latte"}
    await client.configure(audio={"input": {"transcription": words}})
    assert client.realtime.live.session.context.vocabulary == (
        *("mocha", "latte", "Siobhan", "Kaczmarek"),
    )
    for name in ("keywords", "languages"):
        await client.configure(audio={"input": {"transcription": {name: "en"}}})
        assert client.errors.pop()["param"].endswith(name)
    await client.configure(audio={"input": {"transcription": {"language": "xx"}}})
    assert client.errors[-1]["param"] == "session.audio.input.transcription.language"
    await good_turn(client)


@pytest.mark.parametrize(
    ("languages", "expected"), [(["es"], "es"), (["es", "fr"], "auto"), ([], "")]
)
async def test_the_languages_of_the_user_reach_the_recognizer(
    languages: list[str], expected: str
) -> None:
    client = RealtimeClient(ScriptedEngine())
    await client.configure(audio={"input": {"transcription": {"languages": languages}}})
    await client.speak(0.8)
    await client.speak(2.0, loud=False)
    await client.until("response.done")
    assert client.engine.asked[-1].language == expected
    await client.configure(audio={"input": {"transcription": {"languages": ["xx"]}}})
    assert client.errors.pop()["param"] == "session.audio.input.transcription.languages"
    await good_turn(client)


async def test_expected_words_hold_no_control_tokens_and_have_an_end() -> None:
    client = RealtimeClient(ScriptedEngine())
    words = {
        "keywords": ["Siobhan<|endoftext|>", *["x" * 20] * 20_000, "latte"],
        "prompt": "<|en|>",
    }
    await client.configure(audio={"input": {"transcription": words}})
    found = client.realtime.live.session.context.vocabulary
    assert "latte" in found and len(", ".join(found)) <= 1000
    await client.configure(audio={"input": {"transcription": {"prompt": "<|nospeech|> mocha"}}})
    assert client.realtime.live.session.context.vocabulary == ("nospeech mocha",)
    await good_turn(client)


async def test_a_response_to_items_by_reference() -> None:
    client = RealtimeClient(ScriptedEngine(answers=["One.", "Aside."]))
    await client.type("my word is amber")
    await client.until("response.done")
    item_id = client.of("conversation.item.added")[0]["item"]["id"]
    given = {"conversation": "none", "output_modalities": ["text"], "instructions": "Sum up."}
    for one in (
        [{"type": "item_reference", "id": item_id}],
        [{"type": "item_reference", "id": "no"}],
    ):
        await client.send("response.create", response={**given, "input": one})
    await client.until("response.done", 2)
    asked = [argument for stage, argument in client.engine.calls if stage == "llm"]
    assert "amber" in str(asked[-1])
    assert [error["code"] for error in client.errors] == ["item_not_found"]
    (limits, *_) = client.of("rate_limits.updated")
    assert limits["rate_limits"][0]["name"] == "requests"
    await good_turn(client)


async def test_everything_that_was_said_can_be_deleted() -> None:
    """In the middle of an answer, too."""
    client = RealtimeClient(
        ScriptedEngine(answers=["The code is seven.", LONG, "Fine."]), extended=True
    )
    note = {"type": "message", "role": "system", "content": [{"type": "input_text", "text": "x"}]}
    await client.send("conversation.item.create", item=note)
    await client.type("my secret is blue")
    await client.until("response.done")
    await client.type("go on")
    await client.until("response.output_audio.delta", 100)
    ids = [event["item"]["id"] for event in client.of("conversation.item.added")]
    await client.send("voice_local.forget")
    await client.until("voice_local.forgotten")
    live = client.realtime.live
    assert live.session.context.memory.exchanges == [] and live.notes == []
    for item_id in ids:
        await client.send("conversation.item.retrieve", item_id=item_id)
    assert [error["code"] for error in client.errors] == ["item_not_found"] * len(ids)
    await client.type("and now")
    await client.until("response.done", 3)
    asked = [argument for stage, argument in client.engine.calls if stage == "llm"]
    assert "blue" not in str(asked[-1]) and "seven" not in str(asked[-1])
    await good_turn(client)


@pytest.mark.parametrize("logs", [False, True])
async def test_a_page_is_told_what_is_kept_and_which_languages_are_heard(logs: bool) -> None:
    state = server_state(ScriptedEngine(), log_transcripts=logs)
    client = RealtimeClient(state=state, extended=True)
    client.realtime.begin()
    told = await client.until("voice_local.capabilities")
    assert told["keeps"] == {"log": logs}
    assert told["languages"] == heard_languages(state.settings) == ["en"]
    auto = load("small", stt={"language": "auto"})
    assert {"en", "de", "es"} <= set(heard_languages(auto))
    await client.close()
