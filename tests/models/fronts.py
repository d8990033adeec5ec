"""What the tests of fronts share: a real worker process with scripted stages, and who asks it."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from tests.models.scripted_worker import MODULE
from tests.scripted_stages import Script, utterance
from voice_local.config import load
from voice_local.engine.client import EngineClient, text_of
from voice_local.engine.worker_engine import WorkerEngine

ROOT = Path(__file__).resolve().parents[2]


@asynccontextmanager
async def worker(notes: list[str] | None = None, **limits: Any) -> AsyncIterator[WorkerEngine]:
    """Its supervised process, with little patience but for `limits`, of `EngineSettings`."""
    settings = load("tiny", engine={"heartbeat_s": 0.1, "start_timeout_s": 20.0, **limits})
    notify = (lambda _: None) if notes is None else notes.append
    async with WorkerEngine(settings, (), notify, module=MODULE) as engine:
        yield engine


async def said(engine: EngineClient, script: Script) -> str:
    """The whole answer."""
    return "".join([text async for text in text_of(engine.generate(script.prompt()))])


async def timed(call: Awaitable[Any]) -> tuple[Any, float]:
    """(what it gave or raised, how long it took)."""
    began = time.monotonic()
    told = await asyncio.gather(call, return_exceptions=True)
    return told[0], time.monotonic() - began


async def ask(engine: EngineClient, name: str, number: int) -> None:
    """One call of each kind in turn, whose answer can be nobody else's."""
    tag = f"{name}{number}"
    if number % 3 == 0:
        wanted = "".join(f"{tag}:{piece} " for piece in range(3))
        assert (found := await said(engine, Script(tag, 3))) == wanted, found
    elif number % 3 == 1:
        wanted = str(number + 1000 * len(name))
        heard = await engine.transcribe(utterance(int(wanted)))
        assert heard.text.split()[0] == wanted, heard
    else:
        words = [number, len(name), number + 1]
        told = engine.synthesize(" ".join(map(str, words)))
        sound = [int(chunk.samples[0]) async for chunk in told]
        assert sound == words, sound


async def ask_all(engine: EngineClient, name: str, count: int, at_once: int = 40) -> None:
    """`count` calls, `at_once` of them together."""
    for first in range(0, count, at_once):
        numbers = range(first, min(count, first + at_once))
        await asyncio.gather(*(ask(engine, name, number) for number in numbers))
