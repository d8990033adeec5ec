"""`voice-local serve` with the embedded models, as a program of its own."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import threading
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import soundfile as sf
import soxr

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

    @property
    def host(self) -> str:
        """Address and port of HTTP."""
        return f"127.0.0.1:{self.ports['http']}"

    def ask(
        self, path: str, headers: dict[str, str] | None = None, body: Any = None
    ) -> tuple[int, str]:
        """Status and text of a POST with `body` (a text, or JSON), or of a GET; 0: no answer."""
        data = body if body is None or isinstance(body, str) else json.dumps(body)
        sent = None if data is None else data.encode()
        request = urllib.request.Request(f"http://{self.host}{path}", sent, headers or {})
        try:
            with urllib.request.urlopen(request, timeout=30) as answer:
                return answer.status, answer.read().decode()
        except urllib.error.HTTPError as error:
            return error.code, error.read().decode()
        except OSError:
            return 0, ""

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
        if process.poll() is None:
            assert served.end() == 0, "".join(served.log)
    finally:
        if process.poll() is None:
            process.kill()
        process.wait()
        reading.join(5)
    assert "Traceback" not in "".join(served.log), "".join(served.log)


def question(folder: Path, text: str) -> bytes:
    """Spoken: PCM of 24 kHz, a second of silence after it."""
    path = folder / "said.wav"
    subprocess.run(["espeak-ng", "-w", path, text], check=True)
    samples, rate = sf.read(path, dtype="float32")
    sound = soxr.resample(samples, rate, 24_000)
    silent = np.zeros(36_000, dtype=np.float32)
    return bytes((np.concatenate([sound, silent]) * 32767).astype("<i2").tobytes())
