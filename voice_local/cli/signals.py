"""A program that gets a signal to end ends like an interrupted one: the terminal as it was, no
worker and no file left."""

from __future__ import annotations

import signal
from types import FrameType

ENDING = (signal.SIGTERM, signal.SIGHUP)
INTERRUPTED = 128 + signal.SIGINT


class Endings:
    """Makes an interruption of each of `ENDING` that is not ignored.

    Attributes:
        code: the exit code, of the signal that came first; that of an interruption where none came.
    """

    def __init__(self) -> None:
        self.code = INTERRUPTED
        for number in ENDING:
            if signal.getsignal(number) is signal.SIG_DFL:
                signal.signal(number, self._end)

    def _end(self, number: int, frame: FrameType | None) -> None:
        if self.code == INTERRUPTED:
            self.code = 128 + number
        # asyncio's own while a loop runs: it lets everything clean up.
        interrupt = signal.getsignal(signal.SIGINT)
        if not callable(interrupt):  # a shell's background ignores it
            raise KeyboardInterrupt
        interrupt(signal.SIGINT, frame)
