"""A real worker process with scripted stages: callers that wait, workers that die, fronts side by side."""

from __future__ import annotations

import asyncio
import os
import signal
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.models.scripted_worker import MODULE
from tests.scripted_stages import RERANK, Rerank, Reranked, Script, utterance
from voice_local.config import load
from voice_local.engine.api import TranscribeOptions
from voice_local.engine.attached_engine import AttachedEngine
from voice_local.engine.client import EngineClient, text_of
from voice_local.engine.operations import GENERATE, OPERATIONS
from voice_local.engine.worker_engine import WorkerEngine
from voice_local.errors import EngineBusyError, StageError, WorkerDiedError

pytestmark = pytest.mark.models
ROOT = Path(__file__).resolve().parents[2]
INTERIM = TranscribeOptions(interim=True)


@pytest.fixture(autouse=True)
def environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """The worker finds its stages, and learns of little patience."""
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    monkeypatch.setenv("STALLED_S", "0.5")
    monkeypatch.setenv("GRACE_S", "0.5")
    monkeypatch.setitem(OPERATIONS, RERANK.name, RERANK)


@asynccontextmanager
async def worker(notes: list[str] | None = None, **limits: Any) -> AsyncIterator[WorkerEngine]:
    settings = load("tiny", engine={"heartbeat_s": 0.1, "start_timeout_s": 20.0, **limits})
    notify = (lambda _: None) if notes is None else notes.append
    async with WorkerEngine(settings, (), notify, module=MODULE) as engine:
        yield engine


async def said(engine: EngineClient, script: Script) -> str:
    return "".join([text async for text in text_of(engine.generate(script.prompt()))])


async def timed(call: Any) -> tuple[Any, float]:
    """(what it gave or raised, how long it took)."""
    began = time.monotonic()
    told = await asyncio.gather(call, return_exceptions=True)
    return told[0], time.monotonic() - began


async def test_twenty_callers_of_a_slow_stage_and_nobody_is_killed() -> None:
    """D1: calls that waited for a stage were taken for a worker that hangs, and it was killed."""
    async with worker(queue_timeout_s=1.0, heartbeat_timeout_s=3.0) as engine:
        pid = engine.pid
        answers = asyncio.gather(
            *(timed(said(engine, Script(str(number), each_s=2.0))) for number in range(20))
        )
        await asyncio.sleep(0.1)
        transcripts = await asyncio.gather(
            *(
                engine.transcribe(utterance(tag, 0.1), INTERIM if tag % 2 else TranscribeOptions())
                for tag in range(1, 7)
            ),
            return_exceptions=True,
        )
        done = await answers
        assert done[0][0] == "0:0 "
        assert all(isinstance(told, EngineBusyError) for told, _ in done[1:]), done
        assert all(0.9 < took < 1.5 for _, took in done[1:])
        begun = {
            int(one.text.split()[0]): int(one.text.split()[1])
            for one in transcripts
            if not isinstance(one, BaseException)
        }
        assert isinstance(transcripts[0], EngineBusyError), "the interim one that ran was stopped"
        assert [begun[tag] for tag in (2, 4, 6, 3, 5)] == [1, 2, 3, 4, 5], "final ones go first"
        assert await said(engine, Script("next")) == "next:0 "
        assert engine.pid == pid and engine.restarts == 0


async def test_a_worker_killed_while_calls_wait_fails_them_all_and_comes_back() -> None:
    async with worker(queue_timeout_s=10.0) as engine:
        pid = engine.pid
        waiting = [asyncio.create_task(said(engine, Script(str(n), each_s=2))) for n in range(20)]
        await asyncio.sleep(0.3)
        os.kill(pid, signal.SIGKILL)
        late: list[asyncio.Task[str]] = []
        while engine.restarts == 0:  # also while nobody has noticed it yet
            late.append(asyncio.create_task(said(engine, Script("late"))))
            await asyncio.sleep(0.0005)
        told = await asyncio.gather(*waiting, return_exceptions=True)
        assert {type(error) for error in told} == {WorkerDiedError}, told
        for again in await asyncio.gather(*late, return_exceptions=True):
            assert again == "late:0 " or isinstance(again, WorkerDiedError | EngineBusyError)
        assert await asyncio.gather(*(said(engine, Script(str(n))) for n in range(20))) == [
            f"{n}:0 " for n in range(20)
        ]
        assert engine.pid not in (0, pid) and engine.restarts == 1


async def test_a_step_that_heeds_its_end_costs_only_itself() -> None:
    async with worker(run_timeout_s=0.3) as engine:
        pid = engine.pid
        told, took = await timed(said(engine, Script(each_s=60)))
        assert isinstance(told, StageError) and "took more than" in str(told) and took < 1.5
        await asyncio.sleep(1.0)
        assert await said(engine, Script("a")) == "a:0 "
        assert engine.pid == pid and engine.restarts == 0


@pytest.mark.parametrize(
    "script",
    [Script(each_s=60, deaf=True), Script(count=2, each_s=0.2, lingers_s=60)],
    ids=["it never returns", "it never ends what it was told to stop"],
)
async def test_a_step_that_never_returns_costs_the_worker(script: Script) -> None:
    notes: list[str] = []
    async with worker(notes, run_timeout_s=0.3) as engine:
        pid = engine.pid
        told, took = await timed(said(engine, script))
        assert isinstance(told, StageError) and took < 1.5
        waits, _ = await timed(said(engine, Script("waits")))
        assert isinstance(waits, WorkerDiedError) or waits == "waits:0 "
        assert await said(engine, Script("a")) == "a:0 "
        assert engine.pid not in (0, pid) and engine.restarts == 1
    assert any("exit code 70" in note for note in notes)


async def test_two_fronts_of_one_worker_get_their_own_answers() -> None:
    """D15."""
    async with worker() as owner, AttachedEngine(owner.socket, load("tiny").engine) as guest:

        async def ask(engine: EngineClient, name: str, number: int) -> None:
            tag = f"{name}{number}"
            if number % 3 == 0:
                assert await said(engine, Script(tag, 3)) == "".join(
                    f"{tag}:{piece} " for piece in range(3)
                )
            elif number % 3 == 1:
                heard = await engine.transcribe(utterance(number + 1000 * len(name)))
                assert heard.text.split()[0] == str(number + 1000 * len(name))
            else:
                words = [number, len(name), number + 1]
                told = engine.synthesize(" ".join(map(str, words)))
                assert [int(chunk.samples[0]) async for chunk in told] == words

        async def all_of_it(engine: EngineClient, name: str) -> None:
            for first in range(0, 200, 40):  # as many at once as both may have together
                await asyncio.gather(*(ask(engine, name, first + n) for n in range(40)))

        pid = owner.pid
        await asyncio.gather(all_of_it(owner, "owner"), all_of_it(guest, "the guest"))
        assert owner.pid == pid == guest.transport.worker_pid


async def test_a_front_that_goes_away_while_it_is_answered_hurts_nobody() -> None:
    async with worker() as owner:
        async with AttachedEngine(owner.socket, load("tiny").engine) as guest:
            items = guest.generate(Script("guest", 1000, 0.02).prompt())
            await anext(items)
            waits = asyncio.create_task(timed(said(owner, Script("owner"))))
            await asyncio.sleep(0.1)
            guest.transport.lost(WorkerDiedError("killed"))  # closes its socket, says nothing
        told, took = await waits
        assert told == "owner:0 " and took < 2


async def test_a_guest_finds_the_worker_again_after_its_restart() -> None:
    async with worker() as owner, AttachedEngine(owner.socket, load("tiny").engine) as guest:
        assert await said(guest, Script("a")) == "a:0 "
        lost = asyncio.create_task(said(guest, Script(each_s=60)))
        await asyncio.sleep(0.1)
        os.kill(owner.pid, signal.SIGKILL)
        with pytest.raises(WorkerDiedError):
            await lost
        assert await said(guest, Script("b")) == "b:0 "
        assert await said(owner, Script("c")) == "c:0 "


async def test_a_reader_that_takes_nothing_is_given_up() -> None:
    """D16."""
    async with worker() as owner, AttachedEngine(owner.socket, load("tiny").engine) as guest:
        items = guest.generate(Script("a", 100_000).prompt())
        await anext(items)
        assert await said(owner, Script("b")) == "b:0 "
        (call,) = guest.transport._calls.values()
        assert call.replies.qsize() == GENERATE.credit, "what there was credit for, and the error"
        with pytest.raises(EngineBusyError, match="read nothing"):
            [item async for item in items]


async def test_a_new_operation_goes_through_the_worker() -> None:
    async with worker() as engine:
        request = Rerank("the red door", ("a wall", "the red door", "red"))
        assert await engine.one(RERANK, request) == Reranked((1, 2, 0))


async def test_a_worker_that_ends_as_soon_as_it_is_ready_is_started_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("ENDS_WHEN_READY", "1")
    with pytest.raises(WorkerDiedError, match="keeps dying"):
        async with asyncio.timeout(20), worker(max_restarts=1) as engine:
            for _ in range(3):
                told, _ = await timed(said(engine, Script("a")))
                assert isinstance(told, WorkerDiedError)
            raise told
