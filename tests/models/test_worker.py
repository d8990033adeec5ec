"""The supervised worker process: killed, cancelled, refused, restarted."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import AsyncGenerator
from contextlib import aclosing
from pathlib import Path
from typing import Any

import numpy as np
import psutil
import pytest

from voice_local.audio.types import Audio
from voice_local.config import load
from voice_local.conversation.output.segments import split
from voice_local.conversation.output.speech_queue import SpeechQueue
from voice_local.conversation.record import ConversationTurn
from voice_local.conversation.session import (
    VoiceSession,
)
from voice_local.engine.api import (
    CallContext,
    GenerateOptions,
    Message,
    SpeechChunk,
)
from voice_local.engine.client import EngineClient
from voice_local.engine.operations import Operation
from voice_local.engine.worker_engine import WorkerEngine
from voice_local.errors import (
    ConfigError,
    EngineBusyError,
    ModelMissingError,
    WorkerDiedError,
)
from voice_local.local.speakers import BufferOutput
from voice_local.skills.responder import (
    new_conversation,
)

pytestmark = pytest.mark.models
ASK = [Message(role="user", content="tell me a story")]


class KilledAtTheFirstSound(EngineClient):
    """Kills the worker once, after its first sound."""

    def __init__(self, engine: WorkerEngine) -> None:
        super().__init__(self, engine.context)
        self._worker, self.killed = engine, 0

    async def call(
        self, operation: Operation, request: Any, context: CallContext
    ) -> AsyncGenerator[Any, None]:
        """See `Transport`."""
        async with aclosing(self._worker.transport.call(operation, request, context)) as items:
            async for item in items:
                yield item
                if isinstance(item, SpeechChunk) and not self.killed:
                    self.killed = self._worker.pid
                    os.kill(self.killed, signal.SIGKILL)


async def _played(session: VoiceSession, text: str) -> tuple[ConversationTurn, Audio]:
    """One typed turn, and what sounded of its answer."""
    parts: list[Audio] = []
    asked = asyncio.ensure_future(session.ask(text))
    while not asked.done():
        ready = round(session.queue.queued_s * session.queue.sample_rate)
        if ready:
            parts.append(session.queue.pull(ready))
        await asyncio.sleep(0.002)
    sound = np.concatenate(parts)
    loud = np.flatnonzero(sound)
    return await asked, sound[loud[0] : loud[-1] + 1]


async def test_killed_while_it_speaks() -> None:
    settings = load("tiny")
    notes: list[str] = []
    async with WorkerEngine(
        settings, ("stt", "intent", "emotion", "llm", "tts"), notes.append
    ) as engine:
        # The front process alone is measured by `doctor`; this one holds what other tests have
        # loaded.
        assert psutil.Process(engine.pid).memory_info().rss < 1.8 * 2**30
        chunks = [chunk async for chunk in engine.synthesize("Okay.")]
        rate = chunks[0].sample_rate
        killer = KilledAtTheFirstSound(engine)
        session = VoiceSession(new_conversation(killer, settings), None, SpeechQueue(rate))
        turn, played = await _played(session, "tell me a story")
        assert killer.killed and turn.fallbacks == ["engine_restarted: during tts"]
        whole = BufferOutput()
        for sentence in split(turn.assistant_text):
            async for chunk in engine.synthesize(sentence):
                await whole.send(chunk)
        loud = np.flatnonzero(whole.samples)
        np.testing.assert_array_equal(
            played,
            whole.samples[loud[0] : loud[-1] + 1],
            "nothing is missing and nothing said twice",
        )
        turn, played = await _played(session, "what can you do")
        assert turn.assistant_text and len(played) > 0 and turn.fallbacks == []
        assert engine.pid not in (0, killer.killed)
        assert engine.restarts == 1
        await session.aclose()
    assert any("SIGKILL" in note for note in notes)


async def test_calls_in_flight_fail_and_the_next_succeed() -> None:
    async with WorkerEngine(load("tiny"), ("intent", "emotion")) as engine:
        worker = engine.pid
        os.kill(worker, signal.SIGSTOP)
        call = asyncio.create_task(engine.understand("hello"))
        await asyncio.sleep(0.1)
        assert not call.done()
        os.kill(worker, signal.SIGKILL)
        with pytest.raises(WorkerDiedError, match="SIGKILL"):
            await call
        assert (await engine.understand("hello")).intent


async def test_a_worker_that_hangs_is_replaced() -> None:
    notes: list[str] = []
    settings = load("tiny", engine={"heartbeat_s": 0.1, "heartbeat_timeout_s": 1.0})
    async with WorkerEngine(settings, ("intent",), notes.append) as engine:
        os.kill(engine.pid, signal.SIGSTOP)
        with pytest.raises(WorkerDiedError):
            await engine.understand("hello")
        assert (await engine.understand("hello")).intent
    assert any("silent" in note for note in notes)


async def test_a_stream_that_is_left_is_cancelled() -> None:
    async with WorkerEngine(load("tiny"), ("llm",)) as engine:
        async with aclosing(engine.generate(ASK, GenerateOptions())) as pieces:
            async for _ in pieces:
                break
        whole = [piece async for piece in engine.generate(ASK, GenerateOptions())]
        assert whole


async def test_a_call_in_flight_fails_when_the_engine_is_closed() -> None:
    """D13: it hung for two minutes."""
    engine = WorkerEngine(load("tiny"), ("intent",))
    async with engine:
        os.kill(engine.pid, signal.SIGSTOP)
        call = asyncio.create_task(engine.understand("hello"))
        await asyncio.sleep(0.1)
    async with asyncio.timeout(1):
        with pytest.raises(WorkerDiedError, match="closed"):
            await call
        with pytest.raises(WorkerDiedError, match="closed"):
            await engine.understand("hello")


async def test_a_worker_that_cannot_be_started_again_is_told_to_all_who_wait(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """D5: an error other than ours ended the supervisor, and calls waited for ever, as many as
    there were."""
    async with WorkerEngine(load("tiny", engine={"max_pending": 2}), ("intent",)) as engine:
        start = asyncio.Event()

        async def no_process() -> None:
            await start.wait()
            raise OSError(11, "Resource temporarily unavailable")

        monkeypatch.setattr(engine.supervisor, "_start", no_process)
        os.kill(engine.pid, signal.SIGKILL)
        await asyncio.sleep(0.3)
        waiting = [asyncio.create_task(engine.understand("hello")) for _ in range(3)]
        await asyncio.sleep(0.05)
        assert [call.done() for call in waiting] == [False, False, True], (
            "those who wait count, too"
        )
        start.set()
        async with asyncio.timeout(2):
            told = await asyncio.gather(*waiting, return_exceptions=True)
        assert [type(error).__name__ for error in told] == [
            "WorkerStartError",
            "WorkerStartError",
            "EngineBusyError",
        ]


async def test_refuses_at_once_beyond_its_bound() -> None:
    async with WorkerEngine(load("tiny", engine={"max_pending": 2}), ("intent",)) as engine:
        results = await asyncio.gather(
            *(engine.understand("hello") for _ in range(6)), return_exceptions=True
        )
    assert sum(isinstance(r, EngineBusyError) for r in results) == 3, "one runs, two wait"


async def test_a_model_that_cannot_load_says_so(tmp_path: Path) -> None:
    with pytest.raises(ModelMissingError, match="manifest"):
        async with WorkerEngine(load("tiny", models_dir=tmp_path), ("intent",)):
            pass
    with pytest.raises(ConfigError, match="adapter"):
        async with WorkerEngine(load("tiny", tts={"adapter": "tts_nothing"}), ("tts",)):
            pass


async def test_worker_ends_with_its_parent() -> None:
    engine = WorkerEngine(load("tiny"), ("intent",))
    async with engine:
        worker = psutil.Process(engine.pid)
        process = engine.supervisor._process
        assert process and process.stdin
        process.stdin.close()  # what the kernel does when the parent is killed
        for _ in range(100):
            if not worker.is_running() or worker.status() == psutil.STATUS_ZOMBIE:
                break
            await asyncio.sleep(0.05)
        else:
            pytest.fail("the worker outlived its lifeline")
