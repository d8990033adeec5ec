"""The supervised worker process: killed, cancelled, refused, restarted."""

from __future__ import annotations

import asyncio
import os
import signal
from contextlib import aclosing
from pathlib import Path

import numpy as np
import psutil
import pytest

from voice_local.audio.files import read_audio
from voice_local.audio.vad import SileroModel
from voice_local.config import load
from voice_local.conversation.output.segments import split
from voice_local.conversation.session import (
    VoiceSession,
)
from voice_local.engine.api import (
    GenerateOptions,
    Message,
    SpeechChunk,
)
from voice_local.engine.worker_engine import WorkerEngine
from voice_local.errors import (
    ConfigError,
    EngineBusyError,
    ModelMissingError,
    WorkerDiedError,
)
from voice_local.local.demo import bundled
from voice_local.local.speakers import Collector
from voice_local.skills.responder import (
    new_conversation,
)

pytestmark = pytest.mark.models
ASK = [Message(role="user", content="tell me a story")]


class KillsWhileSpeaking(Collector):
    """Kills the worker at the first sound."""

    def __init__(self, engine: WorkerEngine) -> None:
        super().__init__()
        self._engine, self.killed = engine, 0

    async def send(self, chunk: SpeechChunk, text: str = "") -> None:
        if not self.killed:
            self.killed = self._engine.pid
            os.kill(self.killed, signal.SIGKILL)
        await super().send(chunk, text)


async def test_killed_while_it_speaks() -> None:
    settings = load("tiny")
    notes: list[str] = []
    async with WorkerEngine(
        settings, ("stt", "intent", "emotion", "llm", "tts"), notes.append
    ) as engine:
        # The front process alone is measured by `doctor`; this one holds what other tests have
        # loaded.
        assert psutil.Process(engine.pid).memory_info().rss < 1.8 * 2**30
        session = VoiceSession(new_conversation(engine, settings), SileroModel().stream())
        first, second = (next(session.hear_all(read_audio(path))) for path in bundled()[:2])
        speaker = KillsWhileSpeaking(engine)
        turn = await session.reply_to_sound(first, speaker)
        assert speaker.killed and turn.fallbacks == ["engine_restarted: during tts"]
        whole = Collector()
        for sentence in split(turn.assistant_text):
            async for chunk in engine.synthesize(sentence):
                await whole.send(chunk)
        np.testing.assert_array_equal(
            speaker.samples, whole.samples, "nothing is missing and nothing said twice"
        )
        collector = Collector()
        turn = await session.reply_to_sound(second, collector)
        assert turn.assistant_text and len(collector.samples) > 0
        assert engine.pid not in (0, speaker.killed)
        assert engine.restarts == 1
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
