"""Answers any number of front processes over one socket, with a transport to the stages here."""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import Callable
from contextlib import aclosing, suppress
from dataclasses import dataclass
from typing import Any

import psutil
import zmq
import zmq.asyncio

from voice_local.config_engine import EngineSettings
from voice_local.engine import wire
from voice_local.engine.operations import OPERATIONS
from voice_local.engine.transports.inprocess import InProcessTransport
from voice_local.errors import EngineBusyError, StageError, VoiceLocalError

GROWN_BYTES, AT_REST_S = 48 << 20, 1.0
"""After so much growth, and so long without a call, freed memory is handed back to the system."""

GRACE_S = 5.0
"""A step that was cancelled may take so much longer; then the whole process is ended."""

HUNG_EXIT = 70
"""Exit code of a worker whose stage hangs (EX_SOFTWARE of sysexits.h)."""

Front = bytes
"""A front process, by its ZeroMQ identity."""


STALLED_S = 10.0
"""So long without credit, and a call is given up: its stage is free for others again."""


@dataclass
class _Call:
    credit: asyncio.Semaphore
    task: asyncio.Task[None] | None = None


class Server:
    """`rest`: called in a thread when memory may be given back."""

    def __init__(
        self,
        transport: InProcessTransport,
        settings: EngineSettings,
        socket: zmq.asyncio.Socket,
        rest: Callable[[], None],
    ) -> None:
        self._transport, self._settings = transport, settings
        self._socket, self._rest = socket, rest
        self._fronts: set[Front] = set()
        self._calls: dict[tuple[Front, int], _Call] = {}
        self._last_call = 0.0

    async def serve(self) -> None:
        """Runs until cancelled."""
        heartbeats = asyncio.create_task(self._send_heartbeats())
        watch = asyncio.create_task(self._watch())
        try:
            while True:
                frames = await self._socket.recv_multipart()
                with suppress(ValueError, TypeError, KeyError):  # not of this protocol
                    front, packed = frames
                    await self._accept(front, wire.unpack(packed))
        finally:
            heartbeats.cancel()
            watch.cancel()

    async def _accept(self, front: Front, message: dict[str, Any]) -> None:
        what = message["op"]
        if front not in self._fronts:
            self._fronts.add(front)
            await self._send(front, self._heartbeat(psutil.Process().memory_info().rss))
        if what == "bye":
            self._gone(front)
        elif what == "call":
            operation = OPERATIONS.get(message["operation"])
            credit = operation.credit if operation else 1
            call = self._calls[front, message["id"]] = _Call(asyncio.Semaphore(credit))
            call.task = asyncio.create_task(self._answer(front, message, call))
            # Not at the end of `_answer`: one that is cancelled at once never begins.
            call.task.add_done_callback(lambda _: self._ended(front, message["id"], call))
        elif (found := self._calls.get((front, message.get("id", 0)))) is not None:
            if what == "credit":
                for _ in range(message["count"]):
                    found.credit.release()
            elif what == "cancel" and found.task:
                found.task.cancel()

    async def _answer(self, front: Front, message: dict[str, Any], call: _Call) -> None:
        number = message["id"]
        try:
            operation = OPERATIONS.get(message["operation"])
            if operation is None:
                raise StageError(f"unknown operation {message['operation']!r}")
            items = self._transport.call(operation, message["request"], message["context"])
            async with aclosing(items):
                async for item in items:
                    await self._may_send(call)
                    last = not operation.streams
                    reply = {"kind": "item", "id": number, "value": item, "last": last}
                    await self._send(front, reply)
            if operation.streams:
                await self._send(front, {"kind": "end", "id": number})
        except VoiceLocalError as error:
            await self._fail(front, number, error)
        except Exception as error:  # nothing may kill the worker but the operating system
            await self._fail(front, number, StageError(f"{type(error).__name__}: {error}"))

    def _ended(self, front: Front, number: int, call: _Call) -> None:
        if self._calls.get((front, number)) is call:
            del self._calls[front, number]
        self._last_call = asyncio.get_running_loop().time()

    @staticmethod
    async def _may_send(call: _Call) -> None:
        try:
            async with asyncio.timeout(STALLED_S):
                await call.credit.acquire()
        except TimeoutError:
            raise EngineBusyError(
                f"the caller read nothing for {STALLED_S:.0f} s", "read faster, or cancel"
            ) from None

    async def _fail(self, front: Front, number: int, error: VoiceLocalError) -> None:
        await self._send(
            front,
            {
                "kind": "error",
                "id": number,
                "error": type(error).__name__,
                "cause": error.cause,
                "remedy": error.remedy,
            },
        )

    async def _send(self, front: Front, message: dict[str, Any]) -> None:
        try:
            await self._socket.send_multipart([front, wire.pack(message)])
        except zmq.ZMQError as error:
            if error.errno not in (zmq.EHOSTUNREACH, zmq.EAGAIN):
                raise
            self._gone(front)

    def _gone(self, front: Front) -> None:
        """Nobody waits for its calls any more."""
        self._fronts.discard(front)
        for (owner, _), call in tuple(self._calls.items()):
            if owner == front and call.task:
                call.task.cancel()

    @staticmethod
    def _heartbeat(rss: int) -> dict[str, Any]:
        return {"kind": "beat", "pid": os.getpid(), "rss": rss}

    async def _send_heartbeats(self) -> None:
        process, loop = psutil.Process(), asyncio.get_running_loop()
        kept = process.memory_info().rss
        while True:
            await asyncio.sleep(self._settings.heartbeat_s)
            rss = process.memory_info().rss
            at_rest = not self._calls and loop.time() - self._last_call >= AT_REST_S
            if rss > kept + GROWN_BYTES and at_rest:
                await loop.run_in_executor(None, self._rest)
                kept = rss = process.memory_info().rss
            for front in tuple(self._fronts):
                await self._send(front, self._heartbeat(rss))

    async def _watch(self) -> None:
        """Ends the process where a stage does not stop: only its end frees the thread."""
        while True:
            await asyncio.sleep(self._settings.heartbeat_s)
            late = self._transport.host.overdue(GRACE_S)
            if late is not None:
                print(f"the {late} stage hangs", file=sys.stderr, flush=True)
                os._exit(HUNG_EXIT)
