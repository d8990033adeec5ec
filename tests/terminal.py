"""A program on a terminal of its own: what it shows, keys typed into it, and how long it takes to
end."""

from __future__ import annotations

import contextlib
import fcntl
import os
import pty
import select
import struct
import subprocess
import sys
import termios
import threading
import time
from collections.abc import Mapping
from types import TracebackType
from typing import Any

CTRL_C, CTRL_D = "\x03", "\x04"


class Terminal:
    """Use as a context. Runs `voice-local` with `arguments` on a pseudo terminal of 80 columns and
    24 lines."""

    def __init__(self, *arguments: object, environment: Mapping[str, str] | None = None) -> None:
        self._command = [sys.executable, "-m", "voice_local", *map(str, arguments)]
        self._environment = {
            **os.environ,
            "TERM": "xterm-256color",
            "COLUMNS": "80",
            "LINES": "24",
            **(environment or {}),
        }
        self._shown = bytearray()
        self._grew = threading.Condition()

    def __enter__(self) -> Terminal:
        self._ours, theirs = pty.openpty()
        fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 80, 0, 0))
        self._as_it_was = termios.tcgetattr(theirs)
        self._process = subprocess.Popen(
            self._command,
            stdin=theirs,
            stdout=theirs,
            stderr=theirs,
            env=self._environment,
            start_new_session=True,
            preexec_fn=lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0),
        )
        self._theirs = theirs
        threading.Thread(target=self._read, daemon=True).start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._process.poll() is None:
            self._process.kill()
            self._process.wait()
        os.close(self._theirs)
        with contextlib.suppress(OSError):
            os.close(self._ours)

    def _read(self) -> None:
        with contextlib.suppress(OSError):
            while part := os.read(self._ours, 65_536):
                with self._grew:
                    self._shown += part
                    self._grew.notify_all()

    @property
    def shown(self) -> str:
        """Everything written to it so far, control sequences included."""
        return self._shown.decode(errors="replace")

    def wait_for(self, text: str, seconds: float = 120.0) -> None:
        """Returns once `text` has been shown."""
        limit = time.monotonic() + seconds
        with self._grew:
            while text not in self.shown:
                left = limit - time.monotonic()
                assert left > 0 and self._process.poll() is None, (
                    f"{text!r} was not shown, but:\n{self.shown}"
                )
                self._grew.wait(min(left, 0.5))

    def type(self, keys: str) -> None:
        """Presses `keys`."""
        os.write(self._ours, keys.encode())

    def wait(self, seconds: float) -> int:
        """The exit code, once the program has ended by itself."""
        return self._process.wait(seconds)

    def end(self, keys: str, seconds: float = 30.0) -> tuple[int, float]:
        """Presses `keys`; (exit code, milliseconds until the program had ended)."""
        running = os.pidfd_open(self._process.pid)  # `wait` with a limit only looks every 50 ms
        try:
            began = time.monotonic()
            self.type(keys)
            select.select([running], [], [], seconds)
            spent_ms = (time.monotonic() - began) * 1000
        finally:
            os.close(running)
        return self._process.wait(0.1), spent_ms

    @property
    def is_as_it_was(self) -> bool:
        """Whether the terminal echoes, waits for lines and so on as before the program."""
        now: list[Any] = termios.tcgetattr(self._theirs)
        return now == self._as_it_was
