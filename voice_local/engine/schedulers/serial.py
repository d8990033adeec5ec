"""One call at a time on one thread: for models with one state, such as a voice or a recognizer.

A running call of `PARTIAL` or `BACKGROUND` priority is stopped when a more urgent one waits.
"""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import AsyncIterator, Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from typing import TypeVar

from voice_local.engine.admission import Ticket, WaitingRoom
from voice_local.engine.api import CallContext, Priority
from voice_local.errors import EngineBusyError, VoiceLocalError, WorkerDiedError

T = TypeVar("T")


@dataclass(eq=False)
class Run:
    """A call that waits or runs.

    Attributes:
        context: the call's.
        stop: set when the stage is to stop at its next step.
        gave_way: it was stopped for a more urgent call.
    """

    context: CallContext
    stop: threading.Event = field(default_factory=threading.Event)
    gave_way: bool = False
    turn: asyncio.Future[None] = field(
        default_factory=lambda: asyncio.get_running_loop().create_future()
    )

    def give_way(self) -> None:
        """Stops it for somebody who waits, also where it waits itself."""
        self.gave_way = True
        self.stop.set()
        self.refuse(
            EngineBusyError("the call was cancelled for a more urgent one", "try again in a moment")
        )

    @property
    def is_broken_off(self) -> bool:
        """Whether its program ended in the middle of it: its loop is closed.

        Its last blocks are run by the garbage collector then, at any moment, also while this
        thread holds a lock of the executor. They may wait for nothing.
        """
        return self.turn.get_loop().is_closed()

    def refuse(self, error: VoiceLocalError) -> None:
        """Its turn will not come; nothing, where it has come."""
        if not self.turn.done():
            self.turn.set_exception(error)
            self.turn.exception()  # it counts as retrieved, also if its task is cancelled


class SerialScheduler:
    """At most `bound` calls wait. `name`: of its thread.

    Attributes:
        step_until: `time.monotonic()` by which what runs on the thread should have ended; None
            while it rests.
    """

    def __init__(self, name: str, bound: int) -> None:
        self._name = name
        self._room: WaitingRoom[Run] = WaitingRoom(bound)
        # One thread throughout: some libraries keep what they have loaded for one thread only.
        self._executor = ThreadPoolExecutor(1, thread_name_prefix=name)
        self._running: Run | None = None
        self._closed = False
        self.step_until: float | None = None

    def load(self, work: Callable[[], T]) -> T:
        """Runs `work` on the thread and waits for it, blocking."""
        return self._executor.submit(work).result()

    @property
    def busy(self) -> bool:
        """Whether a call runs or waits."""
        return self._running is not None or len(self._room) > 0

    @asynccontextmanager
    async def turn(self, run: Run) -> AsyncIterator[None]:
        """A call's turn on the stage, from when it runs until its block is left.

        Raises:
            EngineBusyError: the queue is full, or the call has waited longer than it may.
            WorkerDiedError: it was closed.
        """
        await self._wait(run)
        try:
            yield
        finally:
            run.stop.set()
            self._release(run)

    async def _wait(self, run: Run) -> None:
        if self._closed:
            raise _closed_error()
        if self._running is not None and self._running.is_broken_off:
            self._running.stop.set()
            self._next()
        if self._running is None and not len(self._room):
            self._running = run
            run.turn.set_result(None)
            return
        ticket, shed = self._room.enter(run.context.priority, run)
        if shed is not None:
            shed.owner.give_way()
        running = self._running
        if running and run.context.priority < Priority.PARTIAL <= running.context.priority:
            running.give_way()
        try:
            async with asyncio.timeout(run.context.queue_timeout_s):
                await run.turn
        except BaseException as error:
            self._withdraw(run, ticket)
            if isinstance(error, TimeoutError):
                raise EngineBusyError(
                    f"waited {run.context.queue_timeout_s:.1f} s for the {self._name} stage",
                    "try again in a moment",
                ) from None
            raise

    def _withdraw(self, run: Run, ticket: Ticket[Run]) -> None:
        self._room.leave(ticket)
        if self._running is run:  # its turn came in the very moment in which it left
            self._release(run)

    def _release(self, run: Run) -> None:
        """The next one begins once the thread has come to the end of its step."""
        loop = run.turn.get_loop()
        if run.is_broken_off:
            return

        def rested(_: object) -> None:
            with suppress(RuntimeError):  # the loop is closed: nobody of it waits any more
                loop.call_soon_threadsafe(self._next)

        try:
            self._executor.submit(lambda: None).add_done_callback(rested)
        except RuntimeError:  # it is closed
            self._running = None

    def _next(self) -> None:
        self._running = None
        while (ticket := self._room.next()) is not None:
            run = ticket.owner
            if run.turn.done() or run.is_broken_off:
                continue
            self._running = run
            run.turn.set_result(None)
            return

    async def step(self, work: Callable[[], T], limit_s: float) -> T:
        """One step of the call whose turn it is, on the thread.

        Raises:
            TimeoutError: it takes longer than `limit_s`. It runs on until it heeds `Run.stop`.
            WorkerDiedError: it was closed.
        """
        if self._closed:
            raise _closed_error()
        async with asyncio.timeout(limit_s):
            return await asyncio.wrap_future(self._executor.submit(self._timed, work, limit_s))

    def after(self, run: Run, work: Callable[[], None]) -> None:
        """Runs the last `work` of a call on the thread after what runs there, for nobody who waits:
        it has to be done at once."""
        if not run.is_broken_off:
            with suppress(RuntimeError):
                self._executor.submit(self._timed, work, 0.0)

    def _timed(self, work: Callable[[], T], limit_s: float) -> T:
        self.step_until = time.monotonic() + limit_s
        try:
            return work()
        finally:
            self.step_until = None

    def close(self) -> None:
        """Ends the thread after its step; calls that wait fail."""
        self._closed = True
        while (ticket := self._room.next()) is not None:
            ticket.owner.refuse(_closed_error())
        self._executor.shutdown(wait=False)


def _closed_error() -> WorkerDiedError:
    return WorkerDiedError("the engine was closed", "make another")
