"""One thread a stage, its calls in the order of their priority; work for nobody in particular gives
way."""

from __future__ import annotations

import asyncio
import itertools
import queue
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from enum import IntEnum
from typing import Any, TypeVar

T = TypeVar("T")


class Priority(IntEnum):
    """Who waits for a call; the lowest number goes first."""

    FINAL = 0
    """A finished turn waits for its words."""
    INTERACTIVE = 1
    INTERIM = 2
    """Words while the user speaks: the next ones come anyway."""
    BACKGROUND = 3
    """Nobody waits."""


class Lane:
    """Runs what it is given one after the other on one thread: some libraries keep what they have
    loaded for one only."""

    def __init__(self, name: str) -> None:
        self._waiting: queue.PriorityQueue[
            tuple[int, int, Future[Any] | None, Callable[[], Any]]
        ] = queue.PriorityQueue()
        self._numbers = itertools.count()
        self._running = False
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)
        self._thread.start()

    def submit(self, work: Callable[[], T], priority: Priority = Priority.INTERACTIVE) -> Future[T]:
        """Queues `work`; what is cancelled before its turn is not run."""
        future: Future[T] = Future()
        self._waiting.put((priority, next(self._numbers), future, work))
        return future

    async def call(self, work: Callable[[], T], priority: Priority = Priority.INTERACTIVE) -> T:
        """The result of `work`."""
        return await asyncio.wrap_future(self.submit(work, priority))

    @property
    def busy(self) -> bool:
        """Whether something runs or waits."""
        return self._running or not self._waiting.empty()

    def _run(self) -> None:
        while True:
            _, _, future, work = self._waiting.get()
            if future is None:
                return
            if not future.set_running_or_notify_cancel():
                continue
            self._running = True
            try:
                future.set_result(work())
            except BaseException as error:  # it belongs to whoever waits for it
                future.set_exception(error)
            finally:
                self._running = False
                del future, work  # what was computed is not kept until the next call

    def close(self) -> None:
        """Ends the thread after what is running; what waits is dropped."""
        while not self._waiting.empty():
            try:
                _, _, future, _ = self._waiting.get_nowait()
            except queue.Empty:
                break
            if future is not None:
                future.cancel()
        self._waiting.put((-1, next(self._numbers), None, lambda: None))


class Background:
    """Calls for nobody in particular that wait or run: all are stopped when somebody waits for
    something."""

    def __init__(self) -> None:
        self._stops: set[threading.Event] = set()

    @contextmanager
    def call(self) -> Iterator[threading.Event]:
        """One such call, from before it waits for its stage; the event tells it to stop."""
        stop = threading.Event()
        self._stops.add(stop)
        try:
            yield stop
        finally:
            stop.set()
            self._stops.discard(stop)

    def give_way(self) -> None:
        """Somebody waits."""
        for stop in self._stops:
            stop.set()
