"""The worker's server and its front processes over a real socket, in one process: credit, fronts that
come and go, and messages that are none."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import aclosing
from dataclasses import replace
from typing import Any

import msgpack
import numpy as np
import pytest

from tests.scripted_stages import Script, utterance
from tests.unit.real_time import in_real_time
from tests.unit.serving import front, raw, said, served
from voice_local.engine import server, wire
from voice_local.engine.api import CallContext, Generate, TextDelta
from voice_local.engine.operations import GENERATE, OPERATIONS, SYNTHESIZE, Operation
from voice_local.errors import EngineBusyError, StageError, WorkerDiedError

pytestmark = pytest.mark.unit
CREDIT = 8


@pytest.fixture(autouse=True)
def little_credit(monkeypatch: pytest.MonkeyPatch) -> Operation:
    """`generate` with little credit, in all of its places."""
    little = replace(GENERATE, credit=CREDIT)
    monkeypatch.setattr("voice_local.engine.client.GENERATE", little)
    monkeypatch.setitem(OPERATIONS, "generate", little)
    return little


def whole(script: Script) -> str:
    return "".join(f"{script.tag}:{number} " for number in range(script.count))


@in_real_time
async def test_a_reader_that_takes_nothing_is_given_up_and_holds_nobody_else_up(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """D16: what it does not take is bounded on both sides."""
    monkeypatch.setattr(server, "STALLED_S", 0.3)
    async with served() as running, front(running) as engine:
        stalls = engine.generate(Script("a", 10_000).prompt())
        assert await anext(stalls) == TextDelta("a:0 ")
        await asyncio.sleep(0.1)
        (call,) = engine.transport._calls.values()
        assert call.replies.qsize() == CREDIT - 1, "no more than there was credit for"
        assert await engine.transcribe(utterance(1)), "other stages go on"
        began = time.monotonic()
        assert await said(engine, Script("b")) == "b:0 "
        assert time.monotonic() - began < 1
        assert call.replies.qsize() == CREDIT, "and the error"
        told = [item.text async for item in aiter_until_error(stalls, "read nothing")]
        assert told == [f"a:{number} " for number in range(1, CREDIT)]
        await running.idle()
        assert running.llm.running == 0


async def aiter_until_error(items: Any, match: str) -> AsyncIterator[Any]:
    with pytest.raises(EngineBusyError, match=match):
        async for item in items:
            yield item


@pytest.mark.parametrize("credit", [1, 2, 3, CREDIT])
@in_real_time
async def test_a_reader_of_any_speed_gets_all_of_it_in_order(
    credit: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(server, "STALLED_S", 0.3)
    few = replace(GENERATE, credit=credit)
    monkeypatch.setitem(OPERATIONS, "generate", few)
    script = Script("a", 5 * CREDIT + 3)
    async with served() as running, front(running) as engine:
        found = []
        request = Generate(script.prompt())
        async for item in engine.stream(few, request):
            if isinstance(item, TextDelta):
                found.append(item.text)
                await asyncio.sleep(0.02 if len(found) % 10 == 0 else 0)
        assert "".join(found) == whole(script)


@in_real_time
async def test_a_front_that_goes_away_while_it_is_answered_cancels_its_calls_and_hurts_nobody() -> (
    None
):
    async with served() as running, front(running) as stays:
        async with front(running) as leaves:
            items = [leaves.generate(Script(tag, 1000, 0.01).prompt()) for tag in "ab"]
            await anext(items[0])
            queued = asyncio.ensure_future(anext(items[1]))
            waiting = asyncio.create_task(said(stays, Script("c", 3)))
            await asyncio.sleep(0.05)
            assert len(running.server._calls) == 3
            leaves.transport.lost(WorkerDiedError("killed"))  # closes its socket, says nothing
            async with asyncio.timeout(1):
                assert await waiting == "c:0 c:1 c:2 "
            await running.idle()
            assert len(running.server._fronts) == 1
            with pytest.raises(WorkerDiedError, match="killed"):
                await queued
        assert await said(stays, Script("d")) == "d:0 "


@in_real_time
async def test_a_call_that_is_cancelled_as_soon_as_it_is_made_leaves_nothing() -> None:
    async with served() as running, raw(running) as socket:
        for number in range(1, 50):
            call = {"op": "call", "id": number, "operation": "generate"}
            call |= {"request": Generate(Script("a", 9).prompt()), "context": CallContext()}
            await socket.send(wire.pack(call))
            await socket.send(wire.pack({"op": "cancel", "id": number}))
        await asyncio.sleep(0.05)
        await running.idle()
        assert running.llm.running == 0


@in_real_time
async def test_a_front_that_says_bye_is_forgotten() -> None:
    async with served() as running, raw(running) as socket:
        call = {"op": "call", "id": 1, "operation": "generate", "context": CallContext()}
        await socket.send(wire.pack(call | {"request": Generate(Script("a", 999, 0.01).prompt())}))
        await socket.send(wire.pack({"op": "bye"}))
        await asyncio.sleep(0.05)
        await running.idle()
        assert not running.server._fronts


NO_CALLS: list[Any] = [
    None,
    3,
    [],
    {},
    {"op": 1},
    {"op": "dance"},
    {"op": "call"},
    {"op": "call", "id": 1},
    {"op": "call", "id": 1, "operation": "generate"},
    {"op": "call", "id": [], "operation": "generate", "request": 1, "context": 1},
    {"op": "call", "id": 2, "operation": [], "request": 1, "context": 1},
    {"op": "call", "id": 3, "operation": "generate", "request": 1, "context": 1},
    {"op": "credit", "id": 1},
    {"op": "credit", "id": 99, "count": "many"},
    {"op": "cancel"},
    {"op": "cancel", "id": {}},
    {"op": "bye"},
    {b"type": "CallContext", "priority": 9},
    {b"type": ["CallContext"]},
    {b"type": "Nothing"},
]
GARBAGE: list[list[bytes]] = [
    [b""],
    [b"\xc1"],
    [b"hello"],
    [b"", b"two frames, as a REQ socket sends"],
    [b"1", b"2", b"3", b"4"],
    [np.random.default_rng(1).bytes(1000)],
    *([msgpack.packb(value)] for value in NO_CALLS),
]


@in_real_time
async def test_messages_that_are_none_do_nothing() -> None:
    async with served() as running, front(running) as engine, raw(running) as socket:
        for frames in GARBAGE:
            await socket.send_multipart(frames)
            assert await said(engine, Script("a")) == "a:0 ", frames
        await running.idle()
        for frames in GARBAGE:
            for one in running.server._fronts:
                await running.server._socket.send_multipart([one, *frames])
        assert await said(engine, Script("b")) == "b:0 ", "to fronts neither"


@in_real_time
async def test_what_cannot_be_done_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    async with served() as running, front(running) as engine:
        unknown = Operation("dance", Generate, (), False, "llm")
        with pytest.raises(StageError, match="unknown operation 'dance'"):
            await engine.one(unknown, Generate(()))
        with pytest.raises(StageError, match="llm failed: LookupError"):
            await said(engine, Script(fails=True))
        monkeypatch.setattr(wire, "MAX_MESSAGE_BYTES", 1000)
        with pytest.raises(StageError, match="over 64 MiB"):
            await engine.transcribe(np.zeros(1000, dtype=np.float32))
        with pytest.raises(StageError, match="over 64 MiB"):
            await said(engine, Script("a" * 600, 2, repeats=2))
        assert await said(engine, Script("a")) == "a:0 "
        await running.idle()
        assert not engine.transport._calls


@in_real_time
async def test_sound_goes_over_the_socket_as_it_is() -> None:
    async with served() as running, front(running) as engine:
        async with aclosing(engine.synthesize("1 2 3")) as chunks:
            found = [chunk async for chunk in chunks]
        assert [float(chunk.samples[0]) for chunk in found] == [1, 2, 3]
        assert [(chunk.is_final, chunk.remaining_s) for chunk in found] == [
            (False, 2),
            (False, 1),
            (True, 0),
        ]
        assert SYNTHESIZE.credit > 3
