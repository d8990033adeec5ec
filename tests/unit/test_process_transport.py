"""Fronts of a worker that dies, comes back, or is not there."""

from __future__ import annotations

import asyncio
import time

import pytest

from tests.scripted_stages import Script, utterance
from tests.unit.real_time import in_real_time
from tests.unit.serving import SETTINGS, Served, front, said, served
from voice_local.engine.api import CallContext
from voice_local.engine.attached_engine import AttachedEngine
from voice_local.engine.client import EngineClient
from voice_local.engine.socket_folder import socket_folder
from voice_local.engine.transports.process import ProcessTransport
from voice_local.errors import EngineBusyError, VoiceLocalError, WorkerDiedError

pytestmark = pytest.mark.unit


@in_real_time
async def test_calls_that_are_on_their_way_when_the_worker_dies_are_told_so() -> None:
    """Also those that could not be sent any more."""
    async with served() as running:
        transport = ProcessTransport(running.path, 64, 2.0)
        await transport.open_when_there()
        engine = EngineClient(transport)
        under_way = asyncio.create_task(said(engine, Script("a", 999, 0.01)))
        await asyncio.sleep(0.05)
        await running.end()
        await asyncio.sleep(0.05)
        late = [asyncio.create_task(said(engine, Script("b"))) for _ in range(3)]
        await asyncio.sleep(0.05)
        cancelled = late.pop()
        cancelled.cancel()
        transport.lost(WorkerDiedError("it died"))
        for call in (under_way, *late):
            with pytest.raises(WorkerDiedError, match="it died"):
                await call
        assert cancelled.cancelling() and not transport._calls
        await transport.aclose()


@in_real_time
async def test_an_attached_front_finds_the_worker_again() -> None:
    async with served() as running, front(running) as engine:
        for _ in range(3):
            streaming = asyncio.create_task(said(engine, Script("a", 999, 0.01)))
            await asyncio.sleep(0.05)
            await running.end()
            async with asyncio.timeout(1):
                with pytest.raises(WorkerDiedError):
                    await streaming
            waiting = asyncio.create_task(said(engine, Script("b")))
            await asyncio.sleep(0.05)
            running.__init__(running.path)  # type: ignore[misc]
            async with asyncio.timeout(2):
                assert await waiting == "b:0 "


@in_real_time
async def test_an_attached_front_gives_a_worker_up_that_is_silent_and_takes_it_again() -> None:
    """It has nobody who kills a worker that hangs: its calls waited for good."""
    settings = SETTINGS.model_copy(update={"heartbeat_timeout_s": 0.4})
    async with served() as running, AttachedEngine(running.path, settings) as engine:
        assert await said(engine, Script("a")) == "a:0 "
        await asyncio.sleep(0.6)
        assert engine.transport.is_up, "nothing is asked of it, and it beats"
        streaming = asyncio.create_task(said(engine, Script("b", 999, 0.01)))
        waiting = asyncio.create_task(said(engine, Script("c")))
        await asyncio.sleep(0.05)
        async with running.hanging():
            began = time.monotonic()
            async with asyncio.timeout(2):
                for call in (streaming, waiting):
                    with pytest.raises(WorkerDiedError, match="silent for 0 s"):
                        await call
            assert 0.2 < time.monotonic() - began < 0.8
        async with asyncio.timeout(2):
            assert await said(engine, Script("d")) == "d:0 "
        await running.idle()


@in_real_time
async def test_a_connection_that_nobody_answered_is_no_worker_that_died() -> None:
    """The listener of a worker that is being killed may outlive its connections for a moment."""
    path = socket_folder() / "engine.sock"
    taken = asyncio.Event()

    def close(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        taken.set()
        writer.close()

    dying = await asyncio.start_unix_server(close, path)
    lost: list[VoiceLocalError] = []
    async with AttachedEngine(path, SETTINGS) as engine:
        leave = engine.transport.lost
        engine.transport.lost = lambda error: (lost.append(error), leave(error))[1]  # type: ignore[method-assign, func-returns-value]
        waits = asyncio.create_task(said(engine, Script("a")))
        async with asyncio.timeout(2):
            await taken.wait()
        dying.close()
        path.unlink()
        running = Served(path)
        assert await waits == "a:0 " and await said(engine, Script("b")) == "b:0 "
        await asyncio.sleep(0.05)
        assert lost == []
        await running.end()
        await asyncio.sleep(0.05)
        assert [type(error) for error in lost] == [WorkerDiedError]


@in_real_time
async def test_a_worker_that_is_being_started_is_waited_for_longer_than_a_stage() -> None:
    path = socket_folder() / "engine.sock"
    transport = ProcessTransport(path, 2, start_timeout_s=0.4)
    engine = EngineClient(transport, CallContext(queue_timeout_s=0.1, run_timeout_s=5))
    began = time.monotonic()
    waits = [asyncio.create_task(said(engine, Script(tag, 1, 2))) for tag in "abc"]
    told = await asyncio.gather(*waits, return_exceptions=True)
    assert [str(error) for error in told] == [
        "the engine worker is gone for 0 s",
        "the engine worker is gone for 0 s",
        "the engine's queue is full",
    ]
    assert 0.35 < time.monotonic() - began < 0.7
    waits = [asyncio.create_task(said(engine, Script(tag, 1, 0.3))) for tag in "ab"]
    await asyncio.sleep(0.2)
    running = Served(path)
    transport.open()
    with pytest.raises(EngineBusyError, match=r"waited 0\.1 s for the llm stage"):
        await waits[1]
    assert await waits[0] == "a:0 "
    await transport.aclose()
    await running.end()


@pytest.mark.parametrize("moment", ["before it is there", "while it is there", "after it is gone"])
@in_real_time
async def test_an_attached_front_is_closed_at_any_moment(moment: str) -> None:
    async with served() as running:
        path = running.path
        if moment == "before it is there":
            path = path.with_name("none.sock")
        engine = AttachedEngine(path, SETTINGS)
        async with asyncio.timeout(2):
            async with engine:
                call = asyncio.create_task(said(engine, Script("a", 999, 0.01)))
                await asyncio.sleep(0.05)
                if moment == "after it is gone":
                    await running.end()
            with pytest.raises(WorkerDiedError):
                await call


@in_real_time
async def test_a_front_that_closes_is_forgotten_at_once() -> None:
    """Not only at the next beat: its stage is free for others."""
    settings = SETTINGS.model_copy(update={"heartbeat_s": 60.0})
    async with served(settings) as running, front(running) as stays:
        async with front(running) as leaves:
            call = asyncio.create_task(said(leaves, Script("a", each_s=60)))
            while not running.llm.running:
                await asyncio.sleep(0.005)
            assert await stays.transcribe(utterance(1))
            assert len(running.server._fronts) == 2
        with pytest.raises(WorkerDiedError, match="closed"):
            await call
        async with asyncio.timeout(1):
            assert await said(stays, Script("b")) == "b:0 "
        assert len(running.server._fronts) == 1 and running.llm.stopped == 1
