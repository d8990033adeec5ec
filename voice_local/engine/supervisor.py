"""Keeps a worker process alive: starts it, watches it, starts another when it dies or hangs.

It knows nothing of calls: the transport does, which it tells when the worker is up and when lost.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import signal
import sys
import time
from collections import deque
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from voice_local.config import Settings
from voice_local.cpu_threads import thread_shares
from voice_local.engine.stage_api import (
    StageReport,
)
from voice_local.engine.transports.process import ProcessTransport
from voice_local.engine.worker_log import keep_log
from voice_local.errors import VoiceLocalError, WorkerDiedError, WorkerStartError, by_name
from voice_local.offline.switches import worker_environment

Notify = Callable[[str], None]
WORKER = "voice_local.engine.worker"


class Supervisor:
    """The process behind `transport`, which listens at `socket`.

    `notify` gets messages for a person, `loading` the name of each stage as it is loaded;
    `module` is what the process runs.

    Attributes:
        reports: what each loaded stage really is.
        voices: the voices of its TTS stage.
        restarts: how often it had to be started again.
    """

    def __init__(
        self,
        settings: Settings,
        stages: Sequence[str],
        socket: Path,
        transport: ProcessTransport,
        *,
        notify: Notify = lambda _: None,
        loading: Notify = lambda stage: None,
        module: str = WORKER,
    ) -> None:
        self._settings, self._stages = settings, tuple(stages)
        self._socket, self._transport = socket, transport
        self._notify, self._loading, self._module = notify, loading, module
        self._process: asyncio.subprocess.Process | None = None
        self._supervising: asyncio.Task[None] | None = None
        self._deaths = RecentDeaths(settings.engine.restart_window_s)
        self.reports: list[StageReport] = []
        self.voices: list[str] = []
        self.restarts = 0

    @property
    def pid(self) -> int:
        """Of the worker now running; 0 while there is none."""
        return self._process.pid if self._process and self._transport.is_up else 0

    async def start(self) -> None:
        """Starts the worker and watches it from then on.

        Raises:
            WorkerStartError: it did not start. Or what its loading raised.
        """
        await self._start()
        self._supervising = asyncio.create_task(self._supervise())

    async def stop(self) -> None:
        """Ends the worker."""
        if self._supervising:
            self._supervising.cancel()
            await asyncio.gather(self._supervising, return_exceptions=True)
        if self._process and self._process.returncode is None:
            self._kill()
            await self._process.wait()

    async def _start(self) -> None:
        threads = thread_shares(self._settings.cpu_threads)["tts"]
        with self.log.open("ab") as log:
            self._process = await asyncio.create_subprocess_exec(
                sys.executable,
                "-m",
                self._module,
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.PIPE,
                stderr=log,
                env=worker_environment(threads),
                start_new_session=True,
            )
        assert self._process.stdin and self._process.stdout
        request = {
            "socket": str(self._socket),
            "settings": self._settings.model_dump(mode="json"),
            "stages": self._stages,
        }
        with contextlib.suppress(BrokenPipeError, ConnectionResetError):
            self._process.stdin.write(json.dumps(request).encode() + b"\n")
            await self._process.stdin.drain()
        try:
            async with asyncio.timeout(self._settings.engine.start_timeout_s):
                answer = await self._ready(self._process.stdout)
        except TimeoutError:
            self._kill()
            raise WorkerStartError(
                "the engine worker did not get ready in time", f"see {keep_log(self.log)}"
            ) from None
        if answer is None:
            raise WorkerStartError(
                f"the engine worker ended while starting: {self._last_words()}",
                f"see {keep_log(self.log)}",
            )
        if "failed" in answer:
            raise by_name(answer["failed"], answer["cause"], answer["remedy"])
        self.reports = [StageReport(**report) for report in answer["reports"]]
        self.voices = list(answer["voices"])
        self._transport.open()

    async def _ready(self, lines: asyncio.StreamReader) -> dict[str, Any] | None:
        """The worker's answer once it has loaded everything, or failed; None where it ended without
        one."""
        while line := await lines.readline():
            answer: dict[str, Any] = json.loads(line)
            if "loading" not in answer:
                return answer
            self._loading(answer["loading"])
        return None

    async def _supervise(self) -> None:
        while True:
            assert self._process
            heartbeats = asyncio.create_task(self._expect_heartbeats())
            try:
                code = await self._process.wait()
            finally:  # also when this is cancelled: it must not outlive the engine
                heartbeats.cancel()
            died = WorkerDiedError(
                f"the engine worker died ({exit_words(code)})", "it is being restarted"
            )
            self._transport.lost(died)
            self.restarts += 1
            lately = self._deaths.lately()
            if lately > self._settings.engine.max_restarts:
                log = keep_log(self.log)
                self._transport.give_up(
                    WorkerDiedError("the engine worker keeps dying", f"see {log}")
                )
                return
            self._notify(f"{died.cause}; starting it again")
            await asyncio.sleep(0 if lately == 1 else min(5.0, 0.2 * 2**lately))
            if not await self._started_again():
                return
            self._notify("the engine worker is back")

    async def _started_again(self) -> bool:
        try:
            await self._start()
        except VoiceLocalError as error:
            self._transport.give_up(error)
            return False
        except Exception as error:  # no process, no memory, bad start-up lines: callers must know
            log = keep_log(self.log)
            self._transport.give_up(
                WorkerStartError(f"the engine worker cannot be started ({error})", f"see {log}")
            )
            return False
        return True

    async def _expect_heartbeats(self) -> None:
        settings = self._settings.engine
        limit = settings.heartbeat_timeout_s
        await self._transport.silent(limit, settings.heartbeat_s)
        self._notify(f"the engine worker has been silent for {limit:.0f} s; killing it")
        self._kill()

    def _kill(self) -> None:
        if self._process and self._process.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                os.kill(self._process.pid, signal.SIGKILL)

    @property
    def log(self) -> Path:
        """What the worker prints."""
        return self._socket.parent / "worker.log"

    def _last_words(self) -> str:
        lines = [line for line in self.log.read_text(errors="replace").splitlines() if line.strip()]
        return lines[-1][:120] if lines else "it said nothing"


class RecentDeaths:
    """How often a worker has died within the last `window_s`: older deaths do not
    count."""

    def __init__(self, window_s: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._window_s, self._clock = window_s, clock
        self._at: deque[float] = deque()

    def lately(self) -> int:
        """Counts one more; how many there were within the window."""
        now = self._clock()
        self._at.append(now)
        while self._at[0] < now - self._window_s:
            self._at.popleft()
        return len(self._at)


def exit_words(code: int) -> str:
    """What a process's exit code says."""
    if code < 0:
        return f"signal {-code}, {signal.Signals(-code).name}"
    return f"exit code {code}"
