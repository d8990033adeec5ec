"""What every transport keeps to, shown in one process: turns, limits, cancelling, new operations;
and the transports around transports."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncGenerator, Iterator
from contextlib import aclosing
from typing import Any

import pytest

from tests.scripted_stages import (
    RERANK,
    Llm,
    Rerank,
    Reranked,
    Reranker,
    Script,
    fill,
    utterance,
)
from tests.unit.real_time import in_real_time
from voice_local.engine.api import (
    CallContext,
    Generate,
    Priority,
    TextDelta,
    TranscribeOptions,
)
from voice_local.engine.client import EngineClient, text_of
from voice_local.engine.host import Host
from voice_local.engine.operations import OPERATIONS, Operation
from voice_local.engine.transports.inprocess import InProcessTransport
from voice_local.errors import (
    EngineBusyError,
    StageError,
    WorkerDiedError,
)

pytestmark = pytest.mark.unit
INTERIM = TranscribeOptions(interim=True)


@pytest.fixture
def host() -> Iterator[Host]:
    host = Host(max_pending=64)
    fill(host)
    yield host
    host.close()


def client(host: Host, queue_timeout_s: float = 5.0, run_timeout_s: float = 5.0) -> EngineClient:
    context = CallContext(queue_timeout_s=queue_timeout_s, run_timeout_s=run_timeout_s)
    return EngineClient(InProcessTransport(host), context)


def llm(host: Host) -> Llm:
    stage = host.find("llm").stage
    assert isinstance(stage, Llm)
    return stage


async def said(engine: EngineClient, script: Script) -> str:
    return "".join([text async for text in text_of(engine.generate(script.prompt()))])


@in_real_time
async def test_twenty_callers_of_a_slow_stage(host: Host) -> None:
    """D1: the first is answered, the late ones are told in their time, and nothing stands still."""
    engine = client(host, queue_timeout_s=0.6)
    began = time.monotonic()

    async def one(number: int) -> tuple[object, float]:
        try:
            return await said(engine, Script(str(number), each_s=0.4)), time.monotonic() - began
        except EngineBusyError as error:
            return error, time.monotonic() - began

    done = await asyncio.gather(*(one(number) for number in range(20)))
    refused = [took for told, took in done if isinstance(told, EngineBusyError)]
    assert [told for told, _ in done[:2]] == ["0:0 ", "1:0 "]
    assert len(refused) == 18 and all(0.55 < took < 1.2 for took in refused)
    assert llm(host).most == 1 and await said(engine, Script("next")) == "next:0 "


@in_real_time
async def test_a_final_transcript_overtakes_interim_ones(host: Host) -> None:
    engine = client(host)
    asked = [
        asyncio.create_task(engine.transcribe(utterance(tag, 0.05), options))
        for tag, options in ((1, INTERIM), (2, INTERIM), (3, INTERIM), (4, TranscribeOptions()))
    ]
    told = await asyncio.gather(*asked, return_exceptions=True)
    assert isinstance(told[0], EngineBusyError), "the interim one that ran was stopped"
    begun = [one.text.split()[1] for one in told if not isinstance(one, BaseException)]
    assert begun == ["2", "3", "1"]


@pytest.mark.parametrize("count", [1, 1000])
@in_real_time
async def test_an_answer_over_its_time_is_stopped_and_the_stage_is_free(
    host: Host, count: int
) -> None:
    engine, slow = client(host, run_timeout_s=0.1), Script("a", count, each_s=10 / count)
    began = time.monotonic()
    with pytest.raises(StageError, match="llm took more than 0 s"):
        await said(engine, slow)
    assert await said(engine, Script("b")) == "b:0 "
    assert time.monotonic() - began < 5
    # Where its time ran out between two steps it is closed instead of told to stop.
    assert llm(host).stopped <= 1 == llm(host).most and llm(host).running == 0


@in_real_time
async def test_a_cancelled_step_has_the_time_that_its_call_had(host: Host) -> None:
    """Not less: a stage that heeds nobody for a while costs no worker. Nor more: one that never
    ends is given up."""
    engine, host_llm = client(host, run_timeout_s=0.4), host.find("llm")
    call = asyncio.create_task(said(engine, Script(each_s=0.8, deaf=True)))
    while (until := host_llm.scheduler.step_until) is None:
        await asyncio.sleep(0.005)
    await asyncio.sleep(0.1)
    call.cancel()
    with pytest.raises(asyncio.CancelledError):
        await call
    waits = asyncio.create_task(said(engine, Script("b")))
    assert host_llm.scheduler.step_until == until and host.overdue(0) is None
    await asyncio.sleep(until - time.monotonic() + 0.05)
    assert host_llm.scheduler.step_until == until and host.overdue(0) == "llm"
    assert host.overdue(5) is None and not waits.done()
    assert await waits == "b:0 " and host.overdue(0) is None


@in_real_time
async def test_pauses_of_the_reader_are_not_counted(host: Host) -> None:
    engine = client(host, run_timeout_s=0.2)
    async with aclosing(engine.generate(Script("a", 4).prompt())) as items:
        async for _ in items:
            await asyncio.sleep(0.1)
    assert llm(host).running == 0


@in_real_time
async def test_what_was_given_up_is_ended_before_the_next_begins(host: Host) -> None:
    engine, script = client(host), Script("a", 9, lingers_s=0.05)
    for _ in range(5):
        async with aclosing(engine.generate(script.prompt())) as items:
            async for _ in items:
                break
        assert await said(engine, Script("b")) == "b:0 "
    assert llm(host).most == 1, "two answers were under way at once"


@in_real_time
async def test_a_call_cancelled_at_any_moment_leaves_the_stage_free(host: Host) -> None:
    engine = client(host)
    for moment in range(30):
        tasks = [asyncio.create_task(said(engine, Script(n, 3, 0.002))) for n in "abc"]
        for _ in range(moment):
            await asyncio.sleep(0)
        if moment % 3 == 0:
            await asyncio.sleep(0.001 * moment / 3)
        tasks[moment % 2].cancel()
        told = await asyncio.gather(*tasks, return_exceptions=True)
        assert told[2] == "c:0 c:1 c:2 "
    assert llm(host).most == 1 and await said(engine, Script("next")) == "next:0 "


@in_real_time
async def test_reading_ahead_gives_way_to_whatever_somebody_waits_for(host: Host) -> None:
    engine = client(host)
    ahead = asyncio.create_task(engine.prefill(Script(each_s=5).prompt()))
    await asyncio.sleep(0.02)
    await engine.transcribe(utterance(1), INTERIM)
    assert not ahead.done(), "interim words stop nothing"
    await engine.transcribe(utterance(2))
    async with asyncio.timeout(1):
        assert await ahead is False
    assert await engine.prefill(Script().prompt()) is True


@in_real_time
async def test_what_waits_in_the_background_gives_way_too(host: Host) -> None:
    """Else it would begin in the middle of what somebody waits for on another stage."""
    engine = client(host)
    answers = asyncio.create_task(said(engine, Script("a", each_s=0.3)))
    await asyncio.sleep(0.02)
    ahead = asyncio.create_task(engine.prefill(Script().prompt()))
    later = asyncio.create_task(engine.transcribe(utterance(1), INTERIM))
    await later
    assert not ahead.done()
    await engine.transcribe(utterance(2))
    assert await ahead is False and not answers.done()
    again = asyncio.create_task(engine.prefill(Script().prompt()))
    assert await answers == "a:0 " and await again is True, "what comes after waits its turn"


@in_real_time
async def test_what_a_library_raises_is_told_by_its_stage(host: Host) -> None:
    with pytest.raises(StageError, match="llm failed: LookupError: scripted"):
        await said(client(host), Script(fails=True))


@in_real_time
async def test_who_asks_for_what_is_not_there_is_told(host: Host) -> None:
    engine = client(host)
    with pytest.raises(StageError, match="no llm stage is called 'other'"):
        await anext(engine.generate(Script().prompt(), model="other"))
    with pytest.raises(StageError, match="no llm stage is called 'stt'"):
        await anext(engine.generate(Script().prompt(), model="stt"))
    with pytest.raises(StageError, match="no classifier stage is loaded"):
        await engine.understand("hello")
    with pytest.raises(StageError, match="the llm stage cannot summarize"):
        await engine.one(Operation("summarize", Generate, (TextDelta,), False, "llm"), object())


@in_real_time
async def test_a_new_operation_is_one_entry_and_one_stage(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(OPERATIONS, RERANK.name, RERANK)
    host = Host(max_pending=4)
    host.add("first", RERANK.kind, Reranker())
    host.add("second", RERANK.kind, Reranker())
    engine = EngineClient(InProcessTransport(host))
    for model in ("", "second"):
        request = Rerank("the red door", ("a wall", "the red door", "red"), model)
        assert await engine.one(RERANK, request) == Reranked((1, 2, 0))
    host.close()


@in_real_time
async def test_a_closed_engine_tells_so(host: Host) -> None:
    engine = client(host)
    running = engine.generate(Script("a", 3).prompt())
    await anext(running)
    waiting = asyncio.create_task(said(engine, Script("b")))
    await asyncio.sleep(0.01)
    host.close()
    for call in (waiting, anext(running), said(engine, Script("c"))):
        with pytest.raises(WorkerDiedError, match="closed"):
            await call


async def test_a_client_gives_each_call_its_context() -> None:
    seen: list[CallContext] = []

    class Keeps:
        async def call(
            self, operation: Operation, request: Any, context: CallContext
        ) -> AsyncGenerator[Any, None]:
            seen.append(context)
            yield None

    engine = EngineClient(Keeps(), CallContext(queue_timeout_s=3)).of("s", "t")
    await engine.transcribe(utterance(1))
    await engine.transcribe(utterance(1), INTERIM)
    [item async for item in engine.synthesize("1")]
    [item async for item in engine.generate([], priority=Priority.BACKGROUND)]
    assert [context.priority for context in seen] == [
        Priority.FINAL,
        Priority.PARTIAL,
        Priority.INTERACTIVE,
        Priority.BACKGROUND,
    ]
    assert {(one.session_id, one.turn_id, one.queue_timeout_s) for one in seen} == {("s", "t", 3)}
