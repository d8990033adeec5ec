"""Calls to stages of the same process: admission, then one step after the other on the stage's
thread."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncGenerator, Callable, Iterator
from contextlib import aclosing
from typing import Any, TypeVar

from voice_local.engine.api import CallContext, Priority
from voice_local.engine.host import Host, Instance
from voice_local.engine.operations import Operation
from voice_local.engine.schedulers.serial import Run
from voice_local.errors import EngineBusyError, StageError, VoiceLocalError

T = TypeVar("T")
_END = object()


class InProcessTransport:
    """A `Transport` to the stages of `host`.

    Calls that somebody waits for stop those of `BACKGROUND` priority, running or waiting, on every
    stage: they compete for the same cores.
    """

    def __init__(self, host: Host) -> None:
        self.host = host
        self._background: set[Run] = set()

    async def call(
        self, operation: Operation, request: Any, context: CallContext
    ) -> AsyncGenerator[Any, None]:
        """See `Transport`."""
        instance = self.host.find(operation.kind, getattr(request, "model", ""))
        work = getattr(instance.stage, operation.name, None)
        if work is None:
            raise StageError(f"the {instance.name} stage cannot {operation.name}")
        background = context.priority is Priority.BACKGROUND
        if not background and context.priority is not Priority.PARTIAL:
            for other in tuple(self._background):
                other.give_way()
        run = Run(context)
        if background:
            self._background.add(run)
        try:
            async with instance.scheduler.turn(run):
                clock = _Clock(instance, context, run)
                if operation.streams:
                    # What is left is closed before the turn ends, not whenever it is collected.
                    async with aclosing(self._stream(instance, clock, run, work, request)) as items:
                        async for item in items:
                            yield item
                else:
                    yield await self._step(instance, clock, lambda: work(request, run.stop.is_set))
        finally:
            self._background.discard(run)

    async def _stream(
        self,
        instance: Instance,
        clock: _Clock,
        run: Run,
        work: Callable[..., Iterator[Any]],
        request: Any,
    ) -> AsyncGenerator[Any, None]:
        steps: list[Iterator[Any]] = []

        def step() -> Any:
            if not steps:
                steps.append(iter(work(request, run.stop.is_set)))
            return next(steps[0], _END)

        def close() -> None:
            for one in steps:
                if hasattr(one, "close"):
                    one.close()

        try:
            while (item := await self._step(instance, clock, step)) is not _END:
                yield item
        finally:
            run.stop.set()
            instance.scheduler.after(run, close)

    async def _step(self, instance: Instance, clock: _Clock, work: Callable[[], T]) -> T:
        def prepared() -> T:
            self.host.prepare_step(instance)
            return work()

        try:
            return await clock.limited(prepared)
        except (VoiceLocalError, asyncio.CancelledError):
            raise
        except Exception as error:  # whatever a model's library throws
            raise StageError(
                f"{instance.name} failed: {type(error).__name__}: {error}", "see the worker's log"
            ) from error


class _Clock:
    """How long one call has computed."""

    def __init__(self, instance: Instance, context: CallContext, run: Run) -> None:
        self._instance, self._run = instance, run
        self._limit_s = self._left_s = context.run_timeout_s

    async def limited(self, work: Callable[[], T]) -> T:
        """A step, which has what is left of the call's time.

        Raises:
            StageError: it took longer. EngineBusyError: the call was stopped for another.
        """
        began = time.monotonic()
        try:
            found = await self._instance.scheduler.step(work, max(0.0, self._left_s))
        except TimeoutError:
            self._run.stop.set()
            raise StageError(
                f"{self._instance.name} took more than {self._limit_s:.0f} s", "ask for less"
            ) from None
        self._left_s -= time.monotonic() - began
        if self._run.gave_way:
            raise EngineBusyError(
                "the call was cancelled for a more urgent one", "try again when nobody speaks"
            )
        return found
