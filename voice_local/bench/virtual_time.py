"""An event loop whose time stands still while there is work and jumps when there is none."""

from __future__ import annotations

import asyncio
import selectors
from collections.abc import Callable
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from contextlib import suppress
from typing import Any, TypeVar, TypeVarTuple

T = TypeVar("T")
Arguments = TypeVarTuple("Arguments")

LOOK_S = 0.005
"""While a thread works, so long at most is really waited at a time."""


class _JumpingSelector(selectors.DefaultSelector):
    """Never waits: hands the time it should have waited to the clock.

    `threads`: how many work for the loop. While any does, time stands still, and this really
    waits: what a thread gives comes before any timeout.
    """

    def __init__(self) -> None:
        super().__init__()
        self.now = 0.0
        self.threads = 0

    def select(self, timeout: float | None = None) -> Any:
        if self.threads and timeout != 0:
            return super().select(LOOK_S)
        if timeout:
            self.now += timeout
        return super().select(0)


class VirtualLoop(asyncio.SelectorEventLoop):
    """`asyncio.sleep(30)` takes no time and moves `time()` by thirty seconds."""

    def __init__(self) -> None:
        self._jumping = _JumpingSelector()
        self._threads = ThreadPoolExecutor(thread_name_prefix="virtual")
        super().__init__(self._jumping)
        self.set_default_executor(self._threads)

    def time(self) -> float:
        """Seconds since the loop was made."""
        return self._jumping.now

    def run_in_executor(
        self,
        executor: Executor | None,
        func: Callable[[*Arguments], T],
        *args: *Arguments,
    ) -> asyncio.Future[T]:
        """As in any loop; also what `asyncio.to_thread` uses."""
        submitted = (executor or self._threads).submit(func, *args)
        self._jumping.threads += 1
        result = asyncio.wrap_future(submitted, loop=self)
        # Called after `result`, so that time moves only once that is known.
        submitted.add_done_callback(self._tell_end)
        return result

    def _tell_end(self, _: Future[T]) -> None:
        with suppress(RuntimeError):  # the loop is closed
            self.call_soon_threadsafe(self._end)

    def _end(self) -> None:
        self._jumping.threads -= 1
