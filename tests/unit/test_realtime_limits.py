"""The Realtime API: failures of the engine, and clients too many, too slow or too silent."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncGenerator
from typing import Any

import pytest

from tests.unit.realtime_client import LONG, RealtimeClient, good_turn
from tests.unit.server_parts import server_state
from voice_local.bench.scripted import ScriptedEngine
from voice_local.engine.api import Generate, GenerateItem, Transcript
from voice_local.errors import CapacityError, StageError, WorkerDiedError
from voice_local.server import client_secrets
from voice_local.server.connection_tasks import until_first
from voice_local.server.logs import JsonLines
from voice_local.server.outbox import MOST_BYTES, STALL_S, Outbox
from voice_local.server.pool import FAILED

pytestmark = pytest.mark.unit


async def test_a_recognizer_that_fails_is_told_and_the_turn_answered() -> None:
    failing: list[str | Transcript | Exception] = [StageError("broken"), "fine"]
    client = RealtimeClient(ScriptedEngine(transcripts=failing))
    await client.configure(
        audio={"input": {"transcription": {"model": "x"}, "turn_detection": None}}
    )
    await client.speak(0.6)
    await client.send("input_audio_buffer.commit")
    failed = await client.until("conversation.item.input_audio_transcription.failed")
    assert failed["error"]["code"] == "transcription_failed"
    await good_turn(client)


async def test_an_llm_that_fails_makes_a_failed_response() -> None:
    client = RealtimeClient(ScriptedEngine(answers=[StageError("broken"), "Fine."]))
    await client.type("hi")
    done = await client.until("response.done")
    assert done["response"]["status"] == "failed"
    assert done["response"]["status_details"]["error"]["code"] == "llm_failed"
    await good_turn(client)


class BreaksAfter(ScriptedEngine):
    """Its first answer ends with `error` after so many words."""

    def __init__(self, words: int, error: Exception, **script: Any) -> None:
        super().__init__(**script)
        self._left, self._error = words, error

    async def _generate(self, request: Generate) -> AsyncGenerator[GenerateItem, None]:
        async for item in super()._generate(request):
            self._left -= 1
            if self._left == 0:
                raise self._error
            yield item


async def test_a_worker_that_dies_in_mid_answer_makes_a_failed_response() -> None:
    """Words were given, and the rest cannot be had: a client must not take it for an answer."""
    broken = BreaksAfter(20, WorkerDiedError("killed"), answers=[LONG, "Fine."])
    client = RealtimeClient(broken)
    await client.type("hi")
    done = await client.until("response.done")
    assert done["response"]["status"] == "failed"
    assert done["response"]["status_details"]["error"]["code"] == "llm_failed"
    (message,) = done["response"]["output"]
    assert message["status"] == "incomplete" and message["content"][0]["transcript"]
    await good_turn(client)


async def test_a_worker_that_dies_before_an_answer_delays_it() -> None:
    client = RealtimeClient(ScriptedEngine(answers=[WorkerDiedError("killed"), "Fine."]))
    await client.type("hi")
    done = await client.until("response.done")
    assert done["response"]["status"] == "completed"
    await good_turn(client)


async def test_a_client_that_does_not_read_is_bounded() -> None:
    outbox = Outbox()
    for _ in range(2 * MOST_BYTES // 1000):
        outbox.put("x" * 1000)
    assert outbox.overflowed and await outbox.get() is None


async def test_sound_waits_for_a_slow_reader() -> None:
    client = RealtimeClient(ScriptedEngine(answers=[20 * LONG]))
    client.reads.clear()
    await client.type("tell me everything")
    await asyncio.sleep(60.0)
    assert client.outbox._bytes < 1.1 * 1024 * 1024
    client.reads.set()
    await client.close()


async def test_one_session_too_many() -> None:
    state = server_state(ScriptedEngine(), max_sessions=1)
    first = RealtimeClient(state=state)
    with pytest.raises(CapacityError, match="all 1 sessions"):
        RealtimeClient(state=state)
    await good_turn(first)
    second = RealtimeClient(state=state)
    await good_turn(second)
    assert state.pool.open_sessions == set()


async def test_the_log_holds_no_words_unless_asked_for(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("INFO", logger="voice_local.server")
    for wanted in (False, True):
        caplog.clear()
        state = server_state(ScriptedEngine(answers=["Green."]), log_transcripts=wanted)
        client = RealtimeClient(state=state)
        await client.type("my secret is blue")
        await client.until("response.done")
        await client.close()
        lines = [JsonLines().format(record) for record in caplog.records]
        events = [json.loads(line)["event"] for line in lines]
        assert events == ["session", "turn", "session_ended"]
        assert ("blue" in lines[1] and "Green" in lines[1]) == wanted


async def test_silence_for_ever_is_idle_and_a_word_is_not() -> None:
    state = server_state(ScriptedEngine(), idle_limit_s=10)
    client = RealtimeClient(state=state)
    served = client.realtime.live.served
    await client.speak(9.0, loud=False)
    assert state.pool.why_to_end(served) is None
    await client.speak(0.5)
    await client.speak(4.0, loud=False)
    await client.until("response.done")
    assert state.pool.why_to_end(served) is None
    await client.speak(12.0, loud=False)
    assert "nothing was said" in str(state.pool.why_to_end(served))
    await client.close()


async def test_a_client_that_stops_reading_is_too_slow_in_time() -> None:
    outbox = Outbox()
    await asyncio.sleep(60)
    assert not outbox.too_slow, "nothing waits for it"
    outbox.put("a")
    await asyncio.sleep(STALL_S - 1)
    assert not outbox.too_slow
    await outbox.get()
    outbox.put("b")
    await asyncio.sleep(STALL_S + 1)
    assert outbox.too_slow


async def test_one_task_that_fails_ends_the_others_and_is_logged(
    caplog: pytest.LogCaptureFixture,
) -> None:
    ended = asyncio.Event()

    async def waits() -> None:
        try:
            await asyncio.Event().wait()
        finally:
            ended.set()

    async def fails() -> None:
        raise RuntimeError("broken")

    await until_first(waits(), fails())
    assert ended.is_set() and "a connection failed" in caplog.text


async def test_a_session_whose_part_fails_is_ended(caplog: pytest.LogCaptureFixture) -> None:
    client = RealtimeClient()
    served, pool = client.realtime.live.served, client.state.pool
    assert pool.why_to_end(served) is None

    async def fails() -> None:
        raise RuntimeError("broken")

    served.depends_on(asyncio.create_task(fails()))
    await asyncio.sleep(0.1)
    assert pool.why_to_end(served) == FAILED and "broken" in caplog.text
    await client.close()


async def test_what_was_committed_is_not_cleared() -> None:
    client = RealtimeClient(ScriptedEngine(transcripts=["one", "two"]))
    audio = {"input": {"turn_detection": None, "transcription": {"model": "x"}}}
    await client.configure(audio=audio)
    for _ in range(2):
        await client.speak(0.6)
        await client.send("input_audio_buffer.commit")
        await client.send("input_audio_buffer.clear")
    kind = "conversation.item.input_audio_transcription.completed"
    await client.until(kind, 2)
    items = [event["item_id"] for event in client.of("input_audio_buffer.committed")]
    told = [(event["item_id"], event["transcript"]) for event in client.of(kind)]
    assert told == list(zip(items, ["one", "two"], strict=True))
    await good_turn(client)


@pytest.mark.parametrize("kind", ["realtime", "transcription"])
async def test_a_client_secret_tells_the_kind_of_its_session(kind: str) -> None:
    client = RealtimeClient(configured={"type": kind}, transcribes_only=kind == "realtime")
    assert client.realtime.live.config.transcribes_only == (kind == "transcription")
    await client.close()


async def test_client_secrets_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(client_secrets, "MOST_SECRETS", 8)
    state = server_state(ScriptedEngine())
    keys = [state.secrets.new(60, {"type": "realtime"}) for _ in range(8 + 5)]
    assert state.secrets.session_of(keys[:1]) is None
    assert state.secrets.session_of(keys[-1:]) == {"type": "realtime"}
    assert len(state.secrets._sessions) == 8
