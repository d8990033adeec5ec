"""A recorder that writes in a thread of its own: no disk may hold up the sound."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

from voice_local.errors import OutputError
from voice_local.local.recorder import Recorder

MOST_WAITING = 3000
"""Writes that may wait: half a minute of blocks. A slower disk ends the recording."""


class BackgroundRecorder:
    """Passes everything on to `recorder`, in order, until a write fails.

    `failed`: called in the event loop, once, with the reason why the recording has ended. The
    conversation goes on.
    """

    def __init__(self, recorder: Recorder, failed: Callable[[str], None]) -> None:
        self.recorder = recorder
        self._failed = failed
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="recorder")
        self._waiting = 0
        self._over = self._told = False
        self._broken = False  # of the thread, which knows it first

    def write(self, write: Callable[..., None], *what: object) -> None:
        """Lets the recorder's method `write` be called with `what`."""
        if self._over:
            return
        if self._waiting >= MOST_WAITING:
            self._end("the disk is too slow to record")
            return
        self._waiting += 1
        loop = asyncio.get_running_loop()
        done = loop.run_in_executor(self._thread, self._write, write, what)
        done.add_done_callback(self._written)

    def _write(self, write: Callable[..., None], what: tuple[object, ...]) -> None:
        if self._broken:  # what follows a gap would lie at the wrong time
            return
        try:
            write(*what)
        except BaseException:
            self._broken = True
            raise

    def _written(self, done: asyncio.Future[None]) -> None:
        self._waiting -= 1
        if done.cancelled() or (error := done.exception()) is None:
            return
        if isinstance(error, OutputError):
            self._end(error.cause)
        else:
            self._end(f"recording has failed ({type(error).__name__}: {error})")

    def _end(self, why: str) -> None:
        self._over = True
        if not self._told:
            self._told = True
            self._failed(why)

    async def drain(self) -> None:
        """Waits until everything is written. What comes from now on is dropped."""
        self._over = True
        await asyncio.to_thread(self._thread.shutdown)
        await asyncio.sleep(0)
