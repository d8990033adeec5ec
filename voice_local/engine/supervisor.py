"""An `Engine` in another process, kept alive: started, watched by heartbeat, restarted when it dies
or hangs."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import shutil
import signal
import sys
import tempfile
import time
import weakref
from collections import deque
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import zmq
import zmq.asyncio

from voice_local.audio.types import Audio
from voice_local.config import (
    Settings,
    thread_shares,
)
from voice_local.engine import wire
from voice_local.engine.api import (
    DEFAULT_OPTIONS,
    CutOff,
    GenerateOptions,
    Message,
    SpeechChunk,
    StageReport,
    TranscribeOptions,
    Transcript,
    Understanding,
    Word,
)
from voice_local.engine.socket_folder import socket_folder
from voice_local.errors import (
    EngineBusyError,
    VoiceLocalError,
    WorkerDiedError,
    WorkerStartError,
    by_name,
)
from voice_local.offline.switches import worker_environment

KEPT_LOGS = 5
"""How many logs of workers that failed stay."""

Notify = Callable[[str], None]
_Reply = tuple[dict[str, Any], Audio | None]


class WorkerEngine:
    """Use as `async with WorkerEngine(settings, stages) as engine`.

    `loading` is told the name of each stage as the worker loads it.

    Attributes:
        reports: what each loaded stage really is.
        voices: the voices of its TTS stage.
        pid: of the worker now running; 0 while there is none.
        worker_rss: resident bytes as last reported.
        restarts: how often it had to be started again.
        socket: where the worker that started last listens.
    """

    def __init__(
        self,
        settings: Settings,
        stages: Sequence[str],
        notify: Notify = lambda _: None,
        loading: Notify = lambda stage: None,
    ) -> None:
        self._settings, self._stages, self._notify, self._loading = (
            settings,
            tuple(stages),
            notify,
            loading,
        )
        self._calls: dict[int, asyncio.Queue[_Reply | VoiceLocalError]] = {}
        self._number = 0
        self._folder = socket_folder()
        # Also where the program is ended in the middle of `aclose`, or before there is anything to
        # close.
        self._tidy = weakref.finalize(self, shutil.rmtree, self._folder, ignore_errors=True)
        self._context = zmq.asyncio.Context()
        self._socket: zmq.asyncio.Socket | None = None
        self._process: asyncio.subprocess.Process | None = None
        self._up = asyncio.Event()
        self._over: VoiceLocalError | None = None
        self._keeper: asyncio.Task[None] | None = None
        self._last_beat = 0.0
        self.reports: list[StageReport] = []
        self.voices: list[str] = []
        self.worker_rss = 0
        self.restarts = 0
        self._deaths = RecentDeaths(settings.engine.restart_window_s)
        self._waiting = 0  # calls while the worker starts

    @property
    def pid(self) -> int:
        """See the class."""
        return self._process.pid if self._process and self._up.is_set() else 0

    @property
    def socket(self) -> Path:
        """See the class."""
        return self._folder / f"{self.restarts}.sock"

    async def __aenter__(self) -> WorkerEngine:
        async with contextlib.AsyncExitStack() as stack:
            stack.push_async_callback(self.aclose)
            await self._start()
            stack.pop_all()  # started: it stays until `__aexit__`
        self._keeper = asyncio.create_task(self._keep())
        return self

    async def __aexit__(self, *exc: object) -> None:
        await self.aclose()

    async def _start(self) -> None:
        path = self.socket
        threads = thread_shares(self._settings.cpu_threads)["tts"]
        with (self._folder / "worker.log").open("ab") as log:
            self._process = await asyncio.create_subprocess_exec(
                sys.executable,
                "-m",
                "voice_local.engine.worker",
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.PIPE,
                stderr=log,
                env=worker_environment(threads),
                start_new_session=True,
            )
        assert self._process.stdin and self._process.stdout
        request = {
            "socket": str(path),
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
                "the engine worker did not get ready in time", f"see {self._keep_log()}"
            ) from None
        if answer is None:
            raise WorkerStartError(
                f"the engine worker ended while starting: {self._last_words()}",
                f"see {self._keep_log()}",
            )
        if "failed" in answer:
            raise by_name(answer["failed"], answer["cause"], answer["remedy"])
        self.reports = [StageReport(**report) for report in answer["reports"]]
        self.voices = list(answer["voices"])
        socket = self._context.socket(zmq.DEALER)
        socket.setsockopt(zmq.MAXMSGSIZE, wire.MAX_MESSAGE_BYTES)
        socket.set_hwm(wire.QUEUE_MESSAGES)
        socket.setsockopt(zmq.LINGER, 0)
        socket.connect(f"ipc://{path}")
        self._socket = socket
        await socket.send_multipart(wire.pack({"op": "hello"}))
        self._last_beat = time.monotonic()
        self._up.set()

    async def _ready(self, told: asyncio.StreamReader) -> dict[str, Any] | None:
        """The worker's answer once it has loaded everything, or failed; None where it ended without
        one."""
        while line := await told.readline():
            answer: dict[str, Any] = json.loads(line)
            if "loading" not in answer:
                return answer
            self._loading(answer["loading"])
        return None

    async def _keep(self) -> None:
        """Receives while the worker lives; starts another when it does not."""
        while True:
            assert self._process
            reader = asyncio.create_task(self._receive())
            beats = asyncio.create_task(self._expect_beats())
            try:
                code = await self._process.wait()
            finally:  # also when this is cancelled: they must not outlive the engine
                reader.cancel()
                beats.cancel()
            self._up.clear()
            if self._socket:
                self._socket.close()
            died = WorkerDiedError(
                f"the engine worker died ({_exit_words(code)})", "it is being restarted"
            )
            self._fail_calls(died)
            self.restarts += 1
            lately = self._deaths.lately()
            if lately > self._settings.engine.max_restarts:
                self._give_up(
                    WorkerDiedError("the engine worker keeps dying", f"see {self._keep_log()}")
                )
                return
            self._notify(f"{died.cause}; starting it again")
            await asyncio.sleep(0 if lately == 1 else min(5.0, 0.2 * 2**lately))
            try:
                await self._start()
            except VoiceLocalError as error:
                self._give_up(error)
                return
            except (
                Exception
            ) as error:  # no process, no memory, nonsense at start-up: whoever waits must be told
                self._give_up(
                    WorkerStartError(
                        f"the engine worker cannot be started ({error})", f"see {self._keep_log()}"
                    )
                )
                return
            self._notify("the engine worker is back")

    def _fail_calls(self, error: VoiceLocalError) -> None:
        for queue in self._calls.values():
            queue.put_nowait(error)

    def _give_up(self, error: VoiceLocalError) -> None:
        self._over = error
        self._up.set()

    async def _receive(self) -> None:
        assert self._socket
        while True:
            header, samples = wire.unpack(await self._socket.recv_multipart())
            if header["kind"] == "beat":
                self._last_beat = time.monotonic()
                self.worker_rss = header["rss"]
            elif header["id"] in self._calls:
                self._calls[header["id"]].put_nowait((header, samples))

    async def _expect_beats(self) -> None:
        limit = self._settings.engine.heartbeat_timeout_s
        while (before := time.monotonic()) - self._last_beat < limit:
            await asyncio.sleep(self._settings.engine.heartbeat_s)
            # If this process itself was held up, the beats of that time still lie unread.
            self._last_beat += max(
                0.0, time.monotonic() - before - 2 * self._settings.engine.heartbeat_s
            )
        self._notify(f"the engine worker has been silent for {limit:.0f} s; killing it")
        self._kill()

    def _kill(self) -> None:
        if self._process and self._process.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                os.kill(self._process.pid, signal.SIGKILL)

    async def _call(
        self, header: dict[str, Any], samples: Audio | None = None
    ) -> AsyncIterator[_Reply]:
        """Sends one request and yields its items.

        Raises:
            EngineBusyError, WorkerDiedError, or what the worker raised.
        """
        if len(self._calls) + self._waiting >= self._settings.engine.max_pending:
            raise EngineBusyError("the engine's queue is full", "try again in a moment")
        limit = self._settings.engine.call_timeout_s
        self._waiting += 1
        try:
            await self._up.wait()
        finally:
            self._waiting -= 1
        if self._over:
            raise self._over
        self._number += 1
        number = self._number
        queue: asyncio.Queue[_Reply | VoiceLocalError] = asyncio.Queue()
        self._calls[number] = queue
        socket, finished = self._socket, False
        assert socket
        try:
            await socket.send_multipart(wire.pack({"id": number, **header}, samples))
            while True:
                try:
                    async with asyncio.timeout(limit):
                        reply = await queue.get()
                except TimeoutError:
                    self._kill()
                    raise WorkerDiedError(
                        f"the engine did not answer in {limit:.0f} s", "it is being restarted"
                    ) from None
                if isinstance(reply, VoiceLocalError):
                    raise reply
                kind = reply[0]["kind"]
                if kind == "error":
                    finished = True
                    raise by_name(reply[0]["error"], reply[0]["cause"], reply[0]["remedy"])
                if kind == "end":
                    finished = True
                    return
                yield reply
        finally:
            del self._calls[number]
            if not finished and not socket.closed:
                with contextlib.suppress(zmq.ZMQError):
                    # Not awaited: this runs while a task is being cancelled. The queue has room or
                    # the worker is gone.
                    socket.send_multipart(
                        wire.pack({"id": number, "op": "cancel"}), flags=zmq.NOBLOCK
                    )

    async def transcribe(
        self, audio: Audio, options: TranscribeOptions = DEFAULT_OPTIONS
    ) -> Transcript:
        """See `Engine`."""
        found = await self._one({"op": "transcribe", "options": asdict(options)}, audio)
        return Transcript(**{**found, "words": tuple(Word(**word) for word in found["words"])})

    async def understand(self, text: str, topic: str | None = None) -> Understanding:
        """See `Engine`."""
        return Understanding(
            **(await self._one({"op": "understand", "text": text, "topic": topic}))
        )

    async def _one(self, header: dict[str, Any], samples: Audio | None = None) -> Any:
        value: Any = {}
        async with contextlib.aclosing(self._call(header, samples)) as replies:  # type: ignore[type-var]
            async for reply, _ in replies:
                value = reply["value"]
        return value

    async def generate(
        self, messages: Sequence[Message], options: GenerateOptions
    ) -> AsyncIterator[str]:
        """See `Engine`."""
        header = {"op": "generate", "messages": list(messages), "options": asdict(options)}
        async with contextlib.aclosing(self._call(header)) as replies:  # type: ignore[type-var]
            async for reply, _ in replies:
                piece, cut = reply["value"]
                yield CutOff() if cut else piece

    async def prefill(self, messages: Sequence[Message]) -> bool:
        """See `Engine`."""
        return bool(await self._one({"op": "prefill", "messages": list(messages)}))

    async def synthesize(self, text: str, voice: str | None = None) -> AsyncIterator[SpeechChunk]:
        """See `Engine`."""
        async with contextlib.aclosing(  # type: ignore[type-var]
            self._call({"op": "synthesize", "text": text, "voice": voice})
        ) as replies:
            async for reply, samples in replies:
                if samples is not None:
                    yield SpeechChunk(samples, *reply["value"])

    async def aclose(self) -> None:
        """Ends the worker and forgets its socket. Calls that wait for an answer fail."""
        closed = WorkerDiedError("the engine was closed", "make another")
        self._give_up(closed)
        self._fail_calls(closed)
        if self._keeper:
            self._keeper.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._keeper
        if self._process and self._process.returncode is None:
            self._kill()
            await self._process.wait()
        if self._socket:
            self._socket.close()
        self._context.term()
        self._tidy()

    def _last_words(self) -> str:
        lines = [
            line for line in self._log().read_text(errors="replace").splitlines() if line.strip()
        ]
        return lines[-1][:120] if lines else "it said nothing"

    def _log(self) -> Path:
        return self._folder / "worker.log"

    def _keep_log(self) -> Path:
        """Copies the log out of the folder that is about to go, to where only this user reads and
        writes."""
        return keep_log(self._log())


class RecentDeaths:
    """How often a worker has died within the last `window_s`: what happened long ago ends no
    server."""

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


def keep_log(log: Path) -> Path:
    """Copies a worker's log among this user's own, under a name that no other has; the copy's path.

    The last `KEPT_LOGS` stay. Where none can be written, `log` itself is returned.
    """
    state = Path(os.environ.get("XDG_STATE_HOME") or Path.home() / ".local" / "state")
    folder = state / "voice_local" / "logs"
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        descriptor, name = tempfile.mkstemp(
            prefix=time.strftime("worker-%Y%m%d-%H%M%S-"), suffix=".log", dir=folder
        )
        with os.fdopen(descriptor, "wb") as kept:
            kept.write(log.read_bytes())
        for old in sorted(folder.glob("worker-*.log"))[:-KEPT_LOGS]:
            old.unlink(missing_ok=True)
        return Path(name)
    except OSError:
        return log


def _exit_words(code: int) -> str:
    if code < 0:
        return f"signal {-code}, {signal.Signals(-code).name}"
    return f"exit code {code}"
