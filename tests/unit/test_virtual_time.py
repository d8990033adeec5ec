"""Virtual time: it jumps where nobody works, and stands still while a thread does."""

from __future__ import annotations

import asyncio
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

pytestmark = pytest.mark.unit


async def test_sleeping_takes_no_time() -> None:
    loop, began = asyncio.get_running_loop(), time.monotonic()
    await asyncio.sleep(3600)
    assert loop.time() >= 3600 and time.monotonic() - began < 5


async def test_time_stands_still_while_a_thread_works() -> None:
    loop, began = asyncio.get_running_loop(), asyncio.get_running_loop().time()
    async with asyncio.timeout(0.001):
        await asyncio.to_thread(time.sleep, 0.05)
    with ThreadPoolExecutor(1) as own:
        async with asyncio.timeout(0.001):
            await loop.run_in_executor(own, time.sleep, 0.05)
    assert loop.time() - began < 0.001


async def test_tasks_go_on_meanwhile() -> None:
    gone_on = threading.Event()
    waiting = asyncio.create_task(asyncio.to_thread(gone_on.wait, 5))
    for _ in range(5):
        await asyncio.sleep(0)
    gone_on.set()
    assert await waiting


async def test_time_goes_on_once_the_thread_is_done() -> None:
    go = threading.Event()
    waiting = asyncio.create_task(asyncio.to_thread(go.wait, 5))
    await asyncio.sleep(0)
    waiting.cancel()
    sleeping = asyncio.create_task(asyncio.sleep(100))
    for _ in range(5):
        await asyncio.sleep(0)
    go.set()  # the thread had gone on, though nobody waited for it
    await sleeping
    with pytest.raises(asyncio.CancelledError):
        await waiting
    with pytest.raises(ZeroDivisionError):
        await asyncio.to_thread(divmod, 1, 0)
    await asyncio.sleep(100)
    assert asyncio.get_running_loop().time() >= 200
