"""`voice-local serve` with the embedded models, as a program of its own."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

START_S = 120.0


@dataclass
class Served:
    """One server.

    Attributes:
        ports: by protocol: `http`, and those that have ports of their own.
        log: what it has written to standard error.
    """

    process: subprocess.Popen[str]
    ports: dict[str, int] = field(default_factory=dict)
    log: list[str] = field(default_factory=list)

    def end(self, limit_s: float = 60.0) -> int:
        """SIGTERM, and its exit status."""
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(limit_s)


@contextmanager
def serve(*options: str, **settings: str) -> Iterator[Served]:
    """A server on free ports. `settings`: variables `VOICE_LOCAL__…`, without that beginning."""
    variables = {f"VOICE_LOCAL__{name}": value for name, value in settings.items()}
    root = str(Path(__file__).resolve().parents[2])
    command = [sys.executable, "-m", "voice_local", "serve", "--profile", "tiny", "--port", "0"]
    process = subprocess.Popen(
        [*command, *options],
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": root, **variables},
    )
    served, ready = Served(process), threading.Event()

    def read() -> None:
        assert process.stderr
        for line in process.stderr:
            served.log.append(line)
            if found := re.search(r"serving (\w+) at \S+ port (\d+)", line):
                served.ports[found[1]] = int(found[2])
            if found := re.search(r"serving at https?://\S+?:(\d+)/", line):
                served.ports["http"] = int(found[1])
                ready.set()
        ready.set()

    reading = threading.Thread(target=read, daemon=True)
    reading.start()
    try:
        assert ready.wait(START_S) and "http" in served.ports, "".join(served.log)
        yield served
    finally:
        if process.poll() is None:
            process.kill()
        process.wait()
        reading.join(5)
