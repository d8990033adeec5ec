"""Transports around transports."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import Any

import pytest

from voice_local.engine.api import CallContext, GenerationDone
from voice_local.engine.middleware import Counting, Retry
from voice_local.engine.operations import GENERATE, PREFILL, Operation
from voice_local.errors import (
    EngineBusyError,
    EngineError,
    StageError,
    VoiceLocalError,
    WorkerDiedError,
)

pytestmark = pytest.mark.unit


class Inner:
    """A transport whose calls each do what the next of `scripts` says: items, then an error."""

    def __init__(self, *scripts: tuple[int, VoiceLocalError | None]) -> None:
        self.scripts = list(scripts)
        self.working: list[int] = []
        self.watched: Counting | None = None

    async def call(
        self, operation: Operation, request: Any, context: CallContext
    ) -> AsyncGenerator[Any, None]:
        count, error = self.scripts.pop(0)
        for number in range(count):
            await asyncio.sleep(0)
            if self.watched:
                self.working.append(self.watched.working)
            yield number
        if error:
            raise error


DIED = WorkerDiedError("died")


@pytest.mark.parametrize(
    ("scripts", "given", "raised", "retries"),
    [
        ([(3, None)], 3, None, 0),
        ([(0, DIED), (3, None)], 3, None, 1),
        ([(0, DIED), (0, DIED)], 0, DIED, 1),
        ([(0, DIED), (1, DIED)], 1, DIED, 1),
        ([(1, DIED)], 1, DIED, 0),
        ([(0, EngineBusyError("busy"))], 0, EngineBusyError("busy"), 0),
        ([(0, None)], 0, None, 0),
    ],
)
async def test_a_call_is_made_again_once_and_only_before_its_first_item(
    scripts: list[tuple[int, VoiceLocalError | None]],
    given: int,
    raised: EngineError | None,
    retries: int,
) -> None:
    inner, retried = Inner(*scripts), list[Operation]()

    async def retrying(operation: Operation) -> None:
        retried.append(operation)

    found: list[int] = []
    told: VoiceLocalError | None = None
    try:
        async for item in Retry(inner, retrying).call(GENERATE, None, CallContext()):
            found.append(item)
    except VoiceLocalError as error:
        told = error
    assert found == list(range(given)) and retried == [GENERATE] * retries
    assert type(told) is type(raised) and not inner.scripts


async def test_only_what_is_being_computed_is_counted() -> None:
    inner = Inner((3, None), (2, StageError("no")), (2, None))
    counting = inner.watched = Counting(inner, frozenset({"prefill"}))
    read: list[int] = []
    async with aclosing(counting.call(GENERATE, None, CallContext())) as items:
        async for _ in items:
            read.append(counting.working)
    with pytest.raises(StageError):
        [item async for item in counting.call(GENERATE, None, CallContext())]
    assert inner.working == [1] * 5 and read == [0] * 3
    inner.working = []
    [item async for item in counting.call(PREFILL, None, CallContext())]
    assert inner.working == [0, 0] and counting.working == 0


async def test_a_call_that_is_cancelled_is_counted_no_more() -> None:
    class Endless:
        async def call(
            self, operation: Operation, request: Any, context: CallContext
        ) -> AsyncGenerator[Any, None]:
            await asyncio.sleep(3600)
            yield GenerationDone()

    counting = Counting(Endless())
    task = asyncio.create_task(anext(counting.call(GENERATE, None, CallContext())))
    await asyncio.sleep(1)
    assert counting.working == 1
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    assert counting.working == 0
