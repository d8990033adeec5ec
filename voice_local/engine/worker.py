"""The worker process: loads every model once, answers over a Unix socket until its parent goes
away.

`python -m voice_local.engine.worker` reads one line of JSON from standard input (socket, settings,
stages), writes lines to standard output (one a stage as it is loaded, then ready with its reports,
or failed with the error), then serves.
Standard input stays open as a lifeline: when it ends, so does the worker.
"""

from __future__ import annotations

import asyncio
import ctypes
import json
import os
import sys
import threading
from contextlib import aclosing
from dataclasses import asdict
from typing import Any

import psutil
import zmq
import zmq.asyncio

from voice_local.audio.types import Audio
from voice_local.config import Settings
from voice_local.engine import wire
from voice_local.engine.api import (
    CutOff,
    GenerateOptions,
    TranscribeOptions,
)
from voice_local.engine.engine import LocalEngine
from voice_local.errors import (
    EngineBusyError,
    StageError,
    VoiceLocalError,
)
from voice_local.offline import switches

GROWN_BYTES, AT_REST_S = 48 << 20, 1.0
"""After so much growth, and so long without a call, freed memory is handed back to the system."""


class Server:
    """Answers requests of one front process with a `LocalEngine`."""

    def __init__(self, engine: LocalEngine, settings: Settings, socket: zmq.asyncio.Socket) -> None:
        self._engine = engine
        self._settings = settings.engine
        self._socket = socket
        self._calls: dict[int, asyncio.Task[None]] = {}
        self._peer = b""
        self._last_call = 0.0

    async def serve(self) -> None:
        """Runs until cancelled."""
        beats = asyncio.create_task(self._beat())
        try:
            while True:
                self._peer, *frames = await self._socket.recv_multipart()
                header, samples = wire.unpack(frames)
                await self._accept(header, samples)
        finally:
            beats.cancel()

    async def _accept(self, header: dict[str, Any], samples: Audio | None) -> None:
        number, op = header.get("id", 0), header["op"]
        if op == "cancel":
            call = self._calls.get(number)
            if call:
                call.cancel()
        elif op != "hello":
            if len(self._calls) >= self._settings.max_pending:
                await self._fail(
                    number, EngineBusyError("the engine's queue is full", "try again in a moment")
                )
                return
            call = asyncio.create_task(self._answer(number, op, header, samples))
            self._calls[number] = call
            call.add_done_callback(lambda _: self._over(number))

    def _over(self, number: int) -> None:
        self._calls.pop(number, None)
        self._last_call = asyncio.get_running_loop().time()

    async def _answer(
        self, number: int, op: str, header: dict[str, Any], samples: Audio | None
    ) -> None:
        engine = self._engine
        try:
            if op == "transcribe" and samples is not None:
                options = header["options"]
                wanted = TranscribeOptions(
                    **{**options, "vocabulary": tuple(options["vocabulary"])}
                )
                await self._item(number, asdict(await engine.transcribe(samples, wanted)))
            elif op == "understand":
                await self._item(
                    number, asdict(await engine.understand(header["text"], header["topic"]))
                )
            elif op == "generate":
                options = GenerateOptions(**header["options"])
                async with aclosing(engine.generate(header["messages"], options)) as pieces:  # type: ignore[type-var]
                    async for piece in pieces:
                        await self._item(number, (str(piece), isinstance(piece, CutOff)))
            elif op == "prefill":
                await self._item(number, await engine.prefill(header["messages"]))
            elif op == "synthesize":
                async with aclosing(engine.synthesize(header["text"], header["voice"])) as chunks:  # type: ignore[type-var]
                    async for chunk in chunks:
                        await self._item(number, (chunk.sample_rate, chunk.rest_s), chunk.samples)
            else:
                raise StageError(f"unknown request {op!r}")
        except VoiceLocalError as error:
            await self._fail(number, error)
        except Exception as error:  # nothing may kill the worker but the operating system
            await self._fail(number, StageError(f"{op} failed: {type(error).__name__}: {error}"))
        else:
            await self._send({"id": number, "kind": "end"})

    async def _item(self, number: int, value: object, samples: Audio | None = None) -> None:
        await self._send({"id": number, "kind": "item", "value": value}, samples)

    async def _fail(self, number: int, error: VoiceLocalError) -> None:
        await self._send(
            {
                "id": number,
                "kind": "error",
                "error": type(error).__name__,
                "cause": error.cause,
                "remedy": error.remedy,
            }
        )

    async def _send(self, header: dict[str, Any], samples: Audio | None = None) -> None:
        await self._socket.send_multipart([self._peer, *wire.pack(header, samples)])

    async def _beat(self) -> None:
        me, loop = psutil.Process(), asyncio.get_running_loop()
        kept = me.memory_info().rss
        while True:
            await asyncio.sleep(self._settings.heartbeat_s)
            rss = me.memory_info().rss
            if (
                rss > kept + GROWN_BYTES
                and not self._calls
                and loop.time() - self._last_call >= AT_REST_S
            ):
                await loop.run_in_executor(None, give_back_freed)
                kept = rss = me.memory_info().rss
            if self._peer:
                await self._send({"kind": "beat", "rss": rss})


def _watch_lifeline() -> None:
    while sys.stdin.buffer.read(4096):
        pass
    os._exit(0)


async def _serve(path: str, engine: LocalEngine, settings: Settings, say: Any) -> None:
    context = zmq.asyncio.Context()
    socket = context.socket(zmq.ROUTER)
    socket.setsockopt(zmq.MAXMSGSIZE, wire.MAX_MESSAGE_BYTES)
    socket.set_hwm(wire.QUEUE_MESSAGES)
    socket.setsockopt(zmq.LINGER, 0)
    socket.bind(f"ipc://{path}")
    say(
        {
            "ready": True,
            "reports": [asdict(report) for report in engine.reports],
            "voices": engine.voices,
        }
    )
    await Server(engine, settings, socket).serve()


def give_back_freed() -> None:
    """Lets glibc hand what was freed back to the system; it keeps what lies between small blocks
    that live on.

    A threshold above which every block is handed back at once (mallopt's M_MMAP_THRESHOLD) would do
    it too, and doubles the time of recognition: each layer's buffers would be fresh pages.
    """
    libc = ctypes.CDLL(None)
    if hasattr(libc, "malloc_trim"):
        libc.malloc_trim(0)


def main() -> None:
    """Entry of the process."""
    switches.own_process()
    # What a native library prints must not end up between the lines of the start-up protocol.
    own = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)

    def say(value: object) -> None:
        own.write(json.dumps(value) + "\n")
        own.flush()

    request = json.loads(sys.stdin.buffer.readline())
    threading.Thread(target=_watch_lifeline, daemon=True).start()
    settings = Settings.model_validate(request["settings"])
    try:
        engine = LocalEngine(settings, request["stages"], lambda stage: say({"loading": stage}))
    except VoiceLocalError as error:
        say({"failed": type(error).__name__, "cause": error.cause, "remedy": error.remedy})
        return
    asyncio.run(_serve(request["socket"], engine, settings, say))


if __name__ == "__main__":
    main()
