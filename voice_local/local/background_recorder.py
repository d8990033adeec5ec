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
    """Passes everything on to `recorder`, in order. `failed`: called in the event loop, once, with
    the reason why the recording has ended; the conversation goes on."""

    def __init__(self, recorder: Recorder, failed: Callable[[str], None]) -> None:
        self.recorder = recorder
        self._failed = failed
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="recorder")
        self._waiting = 0
        self._over = False

    def write(self, write: Callable[..., None], *what: object) -> None:
        """Lets the recorder's method `write` be called with `what`."""
        if self._over:
            return
        if self._waiting >= MOST_WAITING:
            self._end("the disk is too slow to record")
            return
        self._waiting += 1
        loop = asyncio.get_running_loop()
        done = loop.run_in_executor(self._thread, write, *what)
        done.add_done_callback(self._written)

    def _written(self, done: asyncio.Future[None]) -> None:
        self._waiting -= 1
        if not done.cancelled() and isinstance(error := done.exception(), OutputError):
            self._end(error.cause)

    def _end(self, why: str) -> None:
        if not self._over:
            self._over = True
            self._failed(why)

    async def drain(self) -> None:
        """Waits until everything is written."""
        await asyncio.get_running_loop().run_in_executor(self._thread, lambda: None)
        await asyncio.sleep(0)
        self._thread.shutdown(wait=False)
