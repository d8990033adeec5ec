"""A real worker process with scripted stages: callers that wait, workers that die, fronts side by side."""

from __future__ import annotations

import asyncio
import os
import signal
import sys

import psutil
import pytest

from tests.models.front_process import MODULE as FRONT
from tests.models.fronts import ROOT, ask_all, said, timed, worker
from tests.models.twenty_callers import killed_meanwhile, slow_answers
from tests.scripted_stages import RERANK, Rerank, Reranked, Script
from voice_local.config import load
from voice_local.engine.attached_engine import AttachedEngine
from voice_local.engine.operations import GENERATE, OPERATIONS
from voice_local.engine.worker_engine import WorkerEngine
from voice_local.errors import EngineBusyError, StageError, WorkerDiedError

pytestmark = pytest.mark.models


@pytest.fixture(autouse=True)
def environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """The worker finds its stages, and learns of little patience."""
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    monkeypatch.setenv("STALLED_S", "0.5")
    monkeypatch.setenv("GRACE_S", "0.5")
    monkeypatch.setitem(OPERATIONS, RERANK.name, RERANK)


async def test_twenty_callers_of_a_slow_stage_and_nobody_is_killed() -> None:
    """D1: calls that waited for a stage were taken for a worker that hangs, and it was killed.
    Unscaled: `python -m tests.models.twenty_callers`."""
    async with worker(queue_timeout_s=1.0, heartbeat_timeout_s=3.0) as engine:
        outcomes = [outcome async for outcome in slow_answers(engine, 20, 2.0)]
    assert len(outcomes) == 4 and all(outcome.good for outcome in outcomes), outcomes
    assert outcomes[1].line.startswith("1 of 20 answered")


async def test_a_worker_killed_while_calls_wait_fails_them_all_and_comes_back() -> None:
    async with worker(queue_timeout_s=10.0) as engine:
        outcomes = [outcome async for outcome in killed_meanwhile(engine, 20, 2.0)]
    assert len(outcomes) == 4 and all(outcome.good for outcome in outcomes), outcomes


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
        pid = owner.pid
        await asyncio.gather(ask_all(owner, "owner", 200), ask_all(guest, "the guest", 200))
        assert owner.pid == pid == guest.transport.worker_pid


async def front_process(owner: WorkerEngine, name: str, count: int) -> asyncio.subprocess.Process:
    """See `tests.models.front_process`."""
    words = ("-m", FRONT, str(owner.socket), name, str(count))
    pipe = asyncio.subprocess.PIPE
    front = await asyncio.create_subprocess_exec(sys.executable, *words, stdout=pipe, stderr=pipe)
    assert front.stdout
    if await front.stdout.readline() != b"attached\n":
        raise AssertionError((await front.communicate())[1].decode())
    return front


async def test_two_front_processes_of_one_worker_get_their_own_answers() -> None:
    async with worker() as owner:
        pid = owner.pid
        fronts = await asyncio.gather(
            *(front_process(owner, name, 300) for name in ("one", "another"))
        )
        for front, (out, errors) in zip(
            fronts, await asyncio.gather(*(front.communicate() for front in fronts)), strict=True
        ):
            assert out.split() == [b"300", b"right"] and front.returncode == 0, errors.decode()
        assert owner.pid == pid and owner.restarts == 0


async def test_a_front_process_that_is_killed_in_mid_answer_hurts_no_other() -> None:
    async with worker() as owner:
        pid = owner.pid
        killed = await front_process(owner, "killed", 0)
        assert killed.stdout
        assert await killed.stdout.readline() == b"killed:0 \n"
        stays = await front_process(owner, "stays", 100)
        await asyncio.sleep(0.3)
        assert killed.returncode is stays.returncode is None, "one waits for the other's answer"
        killed.kill()
        assert await killed.wait() == -signal.SIGKILL
        async with asyncio.timeout(10):
            out, errors = await stays.communicate()
        assert out.split() == [b"100", b"right"] and stays.returncode == 0, errors.decode()
        assert await said(owner, Script("owner")) == "owner:0 "
        assert owner.pid == pid and owner.restarts == 0 and psutil.pid_exists(pid)


async def test_a_guest_gives_up_a_worker_that_is_stopped_and_takes_it_again() -> None:
    async with worker() as owner:
        impatient = load("tiny", engine={"heartbeat_timeout_s": 1.5}).engine
        async with AttachedEngine(owner.socket, impatient) as guest:
            lost = asyncio.create_task(timed(said(guest, Script("lost", each_s=60))))
            await asyncio.sleep(0.2)
            pid = owner.pid
            os.kill(pid, signal.SIGSTOP)
            try:
                async with asyncio.timeout(8):
                    told, took = await lost
            finally:
                os.kill(pid, signal.SIGCONT)
            assert isinstance(told, WorkerDiedError) and "silent" in str(told) and 1 < took < 4
            assert await said(guest, Script("b")) == "b:0 "
        assert owner.pid == pid and owner.restarts == 0


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
