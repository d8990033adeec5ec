"""A prompt with editing and history, at which Ctrl-C is never missed."""

from __future__ import annotations

import contextlib
import os
import signal
import sys
import threading
from types import FrameType
from typing import Any

ENDING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
AGAIN_S = 0.05
"""So long after a signal that was not noticed it is sent again."""


class Prompt:
    """Use as a context, in the main thread; `line` asks. On a terminal it can be edited and goes
    back to earlier lines.

    Readline misses a signal that comes between its last look and its waiting for a key: it would be
    noticed at the next key. So a thread sends it again until it has been.
    """

    def __init__(self, text: str) -> None:
        self.typed = sys.stdin.isatty() and sys.stdout.isatty()
        # What is between 1 and 2 takes no room.
        self._text = f"\001\033[1m\002{text}\001\033[0m\002" if self.typed else ""
        self._noticed = threading.Event()
        self._main = threading.get_ident()

    def __enter__(self) -> Prompt:
        self._before: Any = None
        if self.typed:
            import readline  # noqa: F401  for `input`; the history is written nowhere

            self._signals_read, self._signals_write = os.pipe()
            os.set_blocking(self._signals_write, False)
            self._before = signal.signal(signal.SIGINT, self._interrupt)
            self._fd_before = signal.set_wakeup_fd(self._signals_write, warn_on_full_buffer=False)
            threading.Thread(target=self._insist, daemon=True).start()
        return self

    def __exit__(self, *exc: object) -> None:
        if self._before is not None:
            self._noticed.set()
            signal.set_wakeup_fd(self._fd_before)
            signal.signal(signal.SIGINT, self._before)
            os.close(self._signals_write)  # which ends the thread

    def line(self) -> str | None:
        """What the user types next; None at the end of it.

        Raises:
            KeyboardInterrupt: Ctrl-C.
        """
        try:
            return input(self._text)
        except EOFError:
            if self.typed:
                print()
            return None

    def _interrupt(self, number: int, frame: FrameType | None) -> None:
        self._noticed.set()
        raise KeyboardInterrupt

    def _insist(self) -> None:
        with contextlib.suppress(OSError):
            while numbers := os.read(self._signals_read, 1):
                while numbers[0] in ENDING and not self._noticed.wait(AGAIN_S):
                    signal.pthread_kill(self._main, numbers[0])
            os.close(self._signals_read)
