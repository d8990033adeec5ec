"""Who waits for a stage, who goes first, and that one thread runs one call at a time."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import pytest

from tests.unit.real_time import in_real_time
from voice_local.engine.admission import WaitingRoom
from voice_local.engine.api import CallContext, Priority
from voice_local.engine.schedulers.serial import Run, SerialScheduler
from voice_local.errors import EngineBusyError, WorkerDiedError

pytestmark = pytest.mark.unit
FINAL, INTERACTIVE, PARTIAL, BACKGROUND = Priority


def test_the_most_urgent_leaves_first_and_of_those_the_first() -> None:
    room: WaitingRoom[str] = WaitingRoom(6)
    for priority, name in (
        (BACKGROUND, "summary"),
        (PARTIAL, "partial 1"),
        (PARTIAL, "partial 2"),
        (INTERACTIVE, "answer"),
        (FINAL, "final 1"),
        (FINAL, "final 2"),
    ):
        room.enter(priority, name)
    left = [ticket.owner for ticket in iter(room.next, None)]
    assert left == ["final 1", "final 2", "answer", "partial 1", "partial 2", "summary"]
    assert len(room) == 0


def test_a_full_room_takes_only_who_is_more_urgent_than_what_can_be_dropped() -> None:
    room: WaitingRoom[str] = WaitingRoom(3)
    room.enter(INTERACTIVE, "answer")
    room.enter(PARTIAL, "partial")
    room.enter(BACKGROUND, "summary")
    for shed, priority in (("summary", PARTIAL), ("partial", FINAL), ("partial", INTERACTIVE)):
        ticket, left = room.enter(priority, f"for {shed}")
        assert left is not None and left.priority > priority
        room.leave(ticket)
        room.enter(PARTIAL, "partial")
    room.leave(next(ticket for ticket in room._waiting if ticket.owner == "partial"))
    room.enter(INTERACTIVE, "another answer")
    room.leave(room.enter(FINAL, "final")[0])
    room.enter(INTERACTIVE, "a third")
    for priority in Priority:
        with pytest.raises(EngineBusyError, match="full"):
            room.enter(priority, "nobody can be dropped")
    with pytest.raises(EngineBusyError):
        WaitingRoom[str](0).enter(FINAL, "there is no room at all")


def context(
    priority: Priority = INTERACTIVE, queue_timeout_s: float = 5.0, run_timeout_s: float = 5.0
) -> CallContext:
    return CallContext("", "", priority, queue_timeout_s, run_timeout_s)


async def call(
    scheduler: SerialScheduler, work: Callable[[Run], object], about: CallContext | None = None
) -> object:
    """One call of one step."""
    about = about or context()
    run = Run(about)
    async with scheduler.turn(run):
        return await scheduler.step(lambda: work(run), about.run_timeout_s)


@asynccontextmanager
async def held(bound: int = 8) -> AsyncIterator[tuple[SerialScheduler, threading.Event]]:
    """A scheduler that is at work until the event is set."""
    scheduler, go, begun = SerialScheduler("test", bound), threading.Event(), threading.Event()

    def work(_: Run) -> None:
        begun.set()
        go.wait(5)

    running = asyncio.create_task(call(scheduler, work, context(FINAL)))
    await asyncio.to_thread(begun.wait, 5)
    try:
        yield scheduler, go
    finally:
        go.set()
        await running
        scheduler.close()


async def waiting(
    scheduler: SerialScheduler, work: Callable[[Run], object], about: CallContext | None = None
) -> asyncio.Task[object]:
    """A call that waits in the queue."""
    task = asyncio.create_task(call(scheduler, work, about))
    await asyncio.sleep(0.01)
    return task


@in_real_time
async def test_a_final_pass_goes_before_interim_ones_of_others() -> None:
    """D19: calls were taken in the order in which they came, whatever they were for."""
    order: list[Priority] = []
    async with held() as (scheduler, go):
        came = (BACKGROUND, PARTIAL, PARTIAL, INTERACTIVE, FINAL, FINAL)
        done = [
            await waiting(scheduler, lambda run: order.append(run.context.priority), context(one))
            for one in came
        ]
        assert scheduler.busy
        go.set()
        await asyncio.gather(*done)
    assert order == sorted(came)


@in_real_time
async def test_a_waiter_that_is_cancelled_is_not_run_and_frees_its_place() -> None:
    ran: list[int] = []
    async with held(bound=1) as (scheduler, go):
        first = await waiting(scheduler, lambda run: ran.append(1))
        with pytest.raises(EngineBusyError, match="full"):
            await call(scheduler, lambda run: ran.append(2))
        first.cancel()
        await asyncio.gather(first, return_exceptions=True)
        third = await waiting(scheduler, lambda run: ran.append(3))
        go.set()
        await third
    assert ran == [3]


@in_real_time
async def test_a_full_queue_drops_interim_words_for_a_final_pass() -> None:
    async with held(bound=1) as (scheduler, go):
        partial = await waiting(scheduler, lambda run: "partial", context(PARTIAL))
        final = await waiting(scheduler, lambda run: "final", context(FINAL))
        with pytest.raises(EngineBusyError, match="more urgent"):
            await partial
        go.set()
        assert await final == "final"


@in_real_time
async def test_who_waits_too_long_is_told_so_and_is_not_run() -> None:
    ran: list[int] = []
    async with held(bound=1) as (scheduler, _):
        began = time.monotonic()
        with pytest.raises(EngineBusyError, match=r"waited 0\.1 s for the test stage"):
            await call(scheduler, lambda run: ran.append(1), context(queue_timeout_s=0.1))
        assert time.monotonic() - began < 1
        await waiting(scheduler, lambda run: ran.append(2))
    assert ran == []


@pytest.mark.parametrize(
    ("running", "comes", "stopped"),
    [
        (PARTIAL, FINAL, True),
        (PARTIAL, INTERACTIVE, True),
        (PARTIAL, PARTIAL, False),
        (BACKGROUND, FINAL, True),
        (BACKGROUND, INTERACTIVE, True),
        (BACKGROUND, BACKGROUND, False),
        (INTERACTIVE, FINAL, False),
        (FINAL, FINAL, False),
    ],
)
@in_real_time
async def test_what_runs_is_stopped_only_where_it_may_be(
    running: Priority, comes: Priority, stopped: bool
) -> None:
    scheduler, begun = SerialScheduler("test", 4), threading.Event()

    def until_stopped(run: Run) -> bool:
        begun.set()
        return run.stop.wait(0.2)

    first = asyncio.create_task(call(scheduler, until_stopped, context(running)))
    await asyncio.to_thread(begun.wait, 5)
    await call(scheduler, lambda run: None, context(comes))
    assert await first is stopped
    scheduler.close()


@in_real_time
async def test_the_next_one_begins_when_the_thread_has_come_to_rest() -> None:
    order: list[str] = []
    async with held() as (scheduler, go):
        begun = threading.Event()

        def deaf(run: Run) -> None:
            begun.set()
            assert run.stop.wait(5), "who is cancelled is told to stop"
            time.sleep(0.1)
            order.append("the one that was cancelled ends its step")

        first = await waiting(scheduler, deaf)
        second = await waiting(scheduler, lambda run: order.append("the next"))
        go.set()
        await asyncio.to_thread(begun.wait, 5)
        first.cancel()
        with pytest.raises(asyncio.CancelledError):
            await first
        assert order == [], "who was cancelled does not wait for the thread"
        await second
    assert order == ["the one that was cancelled ends its step", "the next"]


@in_real_time
async def test_a_step_that_takes_too_long_is_told_and_the_next_waits_for_its_end() -> None:
    scheduler, go = SerialScheduler("test", 4), threading.Event()
    with pytest.raises(TimeoutError):
        await call(scheduler, lambda run: go.wait(5), context(run_timeout_s=0.05))
    until = scheduler.step_until
    assert until is not None and until < time.monotonic() + 0.05
    second = await waiting(scheduler, lambda run: 3)
    assert not second.done()
    go.set()
    assert await second == 3
    await asyncio.sleep(0.05)
    assert scheduler.step_until is None and not scheduler.busy
    scheduler.close()


@in_real_time
async def test_a_turn_that_comes_to_one_who_just_left_goes_on_to_the_next() -> None:
    async with held() as (scheduler, go):
        first = await waiting(scheduler, lambda run: 1)
        second = await waiting(scheduler, lambda run: 2)
        ticket = next(one for one in scheduler._room._waiting if one.number == 0)
        go.set()
        while not ticket.owner.turn.done():
            await asyncio.sleep(0)
        first.cancel()
        assert await second == 2
        with pytest.raises(asyncio.CancelledError):
            await first


@in_real_time
async def test_errors_come_to_whoever_waits() -> None:
    scheduler = SerialScheduler("test", 4)
    with pytest.raises(ZeroDivisionError):
        await call(scheduler, lambda run: 1 // 0)
    assert await call(scheduler, lambda run: 3) == 3
    scheduler.close()


@in_real_time
async def test_a_closed_scheduler_ends_and_tells_who_waits() -> None:
    async with held() as (scheduler, go):
        waits = await waiting(scheduler, lambda run: 1)
        scheduler.close()
        go.set()
        with pytest.raises(WorkerDiedError, match="closed"):
            await waits
    with pytest.raises(WorkerDiedError, match="closed"):
        await call(scheduler, lambda run: 2)
    (thread,) = scheduler._executor._threads
    await asyncio.to_thread(thread.join, 5)
    assert not thread.is_alive()
