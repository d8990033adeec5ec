"""A stage outlives the event loop that used it, also where that was broken off."""

from __future__ import annotations

import asyncio
import threading

import pytest

from tests.unit.test_scheduling import call, context, waiting
from voice_local.engine.schedulers.serial import Run, SerialScheduler

pytestmark = pytest.mark.unit


def test_it_works_after_a_loop_that_was_closed_in_the_middle_of_a_call() -> None:
    """As `asyncio.run` one after the other does, also where the first program was broken off."""
    scheduler, begun, stopped = SerialScheduler("test", 2), threading.Event(), threading.Event()
    left: list[asyncio.Task[object]] = []

    def until_stopped(run: Run) -> None:
        begun.set()
        if run.stop.wait(5):
            stopped.set()

    async def broken_off() -> None:
        left.extend([await waiting(scheduler, until_stopped) for _ in range(3)])
        assert begun.is_set() and not any(task.done() for task in left)

    async def again() -> list[object]:
        about = context(queue_timeout_s=1, run_timeout_s=1)
        return await asyncio.gather(*(call(scheduler, lambda run: 3, about) for _ in range(2)))

    loop = asyncio.new_event_loop()
    loop.run_until_complete(broken_off())
    loop.close()
    assert asyncio.run(again()) == [3, 3], "nobody of the closed loop stands in the way"
    assert stopped.is_set()
    with scheduler._executor._shutdown_lock:  # as where memory is collected in the middle of that
        for task in left:
            coroutine = task.get_coro()
            assert coroutine is not None
            coroutine.close()
    assert asyncio.run(again()) == [3, 3]
    scheduler.close()


def test_it_works_after_a_loop_that_ended_in_the_middle_of_a_call() -> None:
    scheduler = SerialScheduler("test", 2)

    async def cancelled() -> None:
        await waiting(scheduler, lambda run: run.stop.wait(5))
        await waiting(scheduler, lambda run: None)

    async def again() -> object:
        return await call(scheduler, lambda run: 3, context(queue_timeout_s=1))

    for _ in range(20):
        asyncio.run(cancelled())
        assert asyncio.run(again()) == 3
    scheduler.close()
