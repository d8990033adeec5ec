"""`voice-local serve` as a process, for tests."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path
from types import TracebackType
from typing import Any

import numpy as np
import soundfile as sf
import soxr

READY_S = 180.0


class Server:
    """A server of the profile `tiny` on `port`. `environment`: more variables of its process.

    Attributes:
        host: address and port.
        process: its process.
    """

    def __init__(self, port: int, *options: str, **environment: str) -> None:
        self.host = f"127.0.0.1:{port}"
        command = [sys.executable, "-m", "voice_local", "serve", "--profile", "tiny"]
        self._command = [*command, "--port", str(port), *options]
        self._environment = {**os.environ, **environment}
        self.process: subprocess.Popen[bytes]

    def __enter__(self) -> Server:
        self.process = subprocess.Popen(
            self._command,
            env=self._environment,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        until = time.monotonic() + READY_S
        while time.monotonic() < until:
            assert self.process.poll() is None, "the server has ended while starting"
            if self.ask("/readyz")[0] == 200:
                return self
            time.sleep(0.2)
        self.process.kill()
        raise AssertionError(f"the server is not ready after {READY_S:.0f} s")

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.process.terminate()
        try:
            self.process.wait(40)
        except subprocess.TimeoutExpired:
            self.process.kill()

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


def question(folder: Path, text: str) -> bytes:
    """Spoken: PCM of 24 kHz, a second of silence after it."""
    path = folder / "said.wav"
    subprocess.run(["espeak-ng", "-w", path, text], check=True)
    samples, rate = sf.read(path, dtype="float32")
    sound = soxr.resample(samples, rate, 24_000)
    silent = np.zeros(36_000, dtype=np.float32)
    return bytes((np.concatenate([sound, silent]) * 32767).astype("<i2").tobytes())
