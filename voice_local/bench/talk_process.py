"""`voice-local talk` as a process of its own, recording its session."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import psutil

from voice_local.bench.process_usage import cpu_s
from voice_local.bench.sound_server import RATE, SoundServer, wait_until
from voice_local.errors import BenchmarkError

READY_S = 300.0


class TalkProcess:
    """`voice-local talk` with the server's devices, recording into `session`; ready when made."""

    def __init__(
        self, server: SoundServer, session: Path, *arguments: str, stdin: int | None = None
    ) -> None:
        self.session = session
        self._log = tempfile.TemporaryFile("w+", encoding="utf-8")  # noqa: SIM115
        self.process = subprocess.Popen(
            [
                sys.executable,
                "-m",
                "voice_local",
                "talk",
                "--record",
                str(session),
                "--json",
                "--input-device",
                "pulse",
                "--output-device",
                "pulse",
                *arguments,
            ],
            env=server.environment,
            stdin=stdin or subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=self._log,
            text=True,
        )
        wait_until(lambda: self.recorded_s > 1 or self.process.poll() is not None, READY_S, "talk")
        if self.process.poll() is not None:
            raise BenchmarkError(f"talk has ended: {self.stderr[-300:]}", "see its messages")

    @property
    def stderr(self) -> str:
        """All that it has written to standard error."""
        self._log.seek(0)
        return self._log.read()

    @property
    def recorded_s(self) -> float:
        """How much sound it has recorded so far."""
        wav = self.session / "session.wav"
        return wav.stat().st_size / 4 / RATE if wav.exists() else 0.0

    @property
    def turns(self) -> list[dict[str, Any]]:
        """The records of the turns so far."""
        path = self.session / "turns.jsonl"
        return (
            [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
            if path.exists()
            else []
        )

    @property
    def about(self) -> dict[str, Any]:
        """The session's own description."""
        found: dict[str, Any] = json.loads(
            (self.session / "session.json").read_text(encoding="utf-8")
        )
        return found

    def cores(self, seconds: float) -> float:
        """How many cores it and its engine keep busy for the next `seconds`."""
        tree = [psutil.Process(self.process.pid)]
        tree += tree[0].children(recursive=True)
        before, began = sum(map(cpu_s, tree)), time.monotonic()
        time.sleep(seconds)
        return (sum(map(cpu_s, tree)) - before) / (time.monotonic() - began)

    def end(self) -> None:
        """As Ctrl-C."""
        if self.process.poll() is None:
            self.process.send_signal(2)
            self.process.wait(30)
