"""Calls to a worker process over its Unix socket. Any number of front processes may use one worker.

Items come only as far as the reader has given credit for, so a slow reader holds its own call up
and nothing else. A worker that is gone, or silent for too long, fails the calls under way. What
comes late for a call that was cancelled is dropped (`_take`).
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncGenerator
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import zmq
import zmq.asyncio
from zmq.utils.monitor import parse_monitor_message

from voice_local.engine import wire
from voice_local.engine.api import CallContext
from voice_local.engine.operations import Operation
from voice_local.errors import EngineBusyError, VoiceLocalError, WorkerDiedError, by_name

IN_FLIGHT = 4
"""Calls under way at most, as a multiple of `max_pending`: the worker bounds each stage by that."""

GONE = "the engine worker is gone"

MONITORED = zmq.EVENT_HANDSHAKE_SUCCEEDED | zmq.EVENT_DISCONNECTED

FAREWELL_MS = 100
"""So long at most the end waits until the worker was told of it: one that stands still."""


@dataclass
class _Call:
    """Bounded by its credit."""

    replies: asyncio.Queue[dict[str, Any] | VoiceLocalError] = field(default_factory=asyncio.Queue)


class ProcessTransport:
    """A `Transport` to the worker that listens at `socket`.

    A call may wait `start_timeout_s` for a worker that is not there: it is being started, which has
    nothing to do with how long the call may wait for its stage then.

    Attributes:
        worker_rss: the worker's resident bytes as last reported.
        worker_pid: of the process that answered last; 0 before.
        last_seen_at: `time.monotonic()` of its last message.
    """

    def __init__(self, socket: Path, max_pending: int, start_timeout_s: float) -> None:
        self._path, self._max_pending = socket, max_pending
        self._start_timeout_s = start_timeout_s
        self._context: zmq.asyncio.Context = zmq.asyncio.Context()
        self._socket: zmq.asyncio.Socket | None = None
        self._monitor: zmq.asyncio.Socket | None = None
        self._receiver: asyncio.Task[None] | None = None
        self._calls: dict[int, _Call] = {}
        self._number = self._waiting = 0
        self._up = asyncio.Event()
        self._closed: VoiceLocalError | None = None
        self.worker_rss = self.worker_pid = 0
        self.last_seen_at = 0.0

    def open(self) -> None:
        """A worker listens: calls go through from now on."""
        self._connect()
        self._up.set()

    async def open_when_there(self) -> None:
        """Waits until a worker listens; then as `open`."""
        await self._connect()
        self.last_seen_at = time.monotonic()
        self._up.set()

    def _connect(self) -> asyncio.Future[object]:
        """Done when the worker was greeted."""
        if self._closed:
            raise self._closed
        socket = self._context.socket(zmq.DEALER)
        socket.setsockopt(zmq.MAXMSGSIZE, wire.MAX_MESSAGE_BYTES)
        socket.setsockopt(zmq.IMMEDIATE, 1)  # nothing waits here for a worker that is not there
        socket.setsockopt(zmq.LINGER, 0)
        socket.set_hwm(wire.QUEUE_MESSAGES)
        self._socket, self._monitor = socket, socket.get_monitor_socket(MONITORED)
        socket.connect(f"ipc://{self._path}")
        self._receiver = asyncio.create_task(self._receive(socket))
        self.last_seen_at = time.monotonic()
        return self._send(socket, wire.pack({"op": "hello"}))

    async def disconnected(self) -> None:
        """Returns when the worker's end of the socket is gone, or has been since it was opened.

        A connection that was never answered was to a worker that was being killed.
        """
        assert self._monitor
        answered = False
        while True:
            event = parse_monitor_message(await self._monitor.recv_multipart())["event"]
            if event == zmq.EVENT_HANDSHAKE_SUCCEEDED:
                answered = True
            elif answered:
                return

    async def silent(self, limit_s: float, beat_s: float) -> None:
        """Returns when the worker, which beats every `beat_s`, has said nothing for `limit_s`."""
        held_up_s = 0.0
        while (before := time.monotonic()) - self.last_seen_at - held_up_s < limit_s:
            last_seen_at = self.last_seen_at
            await asyncio.sleep(beat_s)
            # If this process itself was held up, the beats of that time still lie unread.
            held_up_s += max(0.0, time.monotonic() - before - 2 * beat_s)
            if self.last_seen_at != last_seen_at:
                held_up_s = 0.0

    def lost(self, error: VoiceLocalError) -> None:
        """The worker is gone: calls under way fail with `error`, new ones wait for `open`."""
        self._up.clear()
        if self._receiver:
            self._receiver.cancel()
        if self._socket and self._monitor:
            self._socket.disable_monitor()
            self._monitor.close()
            self._socket.close()
            self._socket = self._monitor = None
        for call in self._calls.values():
            call.replies.put_nowait(error)

    def give_up(self, error: VoiceLocalError) -> None:
        """No worker will come: all calls fail with `error`, those to come too."""
        self._closed = error
        self.lost(error)
        self._up.set()

    async def aclose(self) -> None:
        """Ends it. Calls under way fail, and the worker stops them at once."""
        if self._socket:
            self._socket.setsockopt(zmq.LINGER, FAREWELL_MS)
            self._tell(self._socket, {"op": "bye"})
        self.give_up(WorkerDiedError("the engine was closed", "make another"))
        if self._receiver:
            await asyncio.gather(self._receiver, return_exceptions=True)
        self._context.term()

    @property
    def pending(self) -> int:
        """Calls that are not answered yet."""
        return len(self._calls) + self._waiting

    @property
    def is_up(self) -> bool:
        """Whether there is a worker."""
        return self._up.is_set() and self._closed is None

    async def _receive(self, socket: zmq.asyncio.Socket) -> None:
        while True:
            packed = await socket.recv()
            self.last_seen_at = time.monotonic()
            with suppress(ValueError, TypeError, KeyError):  # not of this protocol
                self._take(wire.unpack(packed))

    def _take(self, message: dict[str, Any]) -> None:
        if message["kind"] == "beat":
            self.worker_rss, self.worker_pid = message["rss"], message["pid"]
        elif message["id"] in self._calls:
            self._calls[message["id"]].replies.put_nowait(message)

    async def _connected(self) -> zmq.asyncio.Socket:
        if self._waiting >= self._max_pending or len(self._calls) >= IN_FLIGHT * self._max_pending:
            raise EngineBusyError("the engine's queue is full", "try again in a moment")
        self._waiting += 1
        try:
            async with asyncio.timeout(self._start_timeout_s):
                while not self._up.is_set():  # it may be lost again before this goes on
                    await self._up.wait()
        except TimeoutError:
            raise EngineBusyError(
                f"{GONE} for {self._start_timeout_s:.0f} s", "it is being restarted"
            ) from None
        finally:
            self._waiting -= 1
        if self._closed:
            raise self._closed
        assert self._socket
        return self._socket

    async def call(
        self, operation: Operation, request: Any, context: CallContext
    ) -> AsyncGenerator[Any, None]:
        """See `Transport`."""
        socket = await self._connected()
        self._number += 1
        number, call, ended = self._number, _Call(), False
        packed = wire.pack(
            {
                "op": "call",
                "id": number,
                "operation": operation.name,
                "request": request,
                "context": context,
            }
        )
        self._calls[number] = call
        sent = self._send(socket, packed)
        taken = 0
        try:
            while True:
                reply = await call.replies.get()
                if isinstance(reply, VoiceLocalError):
                    ended = True
                    raise reply
                if reply["kind"] == "error":
                    ended = True
                    raise by_name(reply["error"], reply["cause"], reply["remedy"])
                if reply["kind"] == "end":
                    ended = True
                    return
                ended = reply.get("last", False)
                yield reply["value"]
                if ended:
                    return
                taken += 1
                if taken >= operation.credit // 2:
                    self._tell(socket, {"op": "credit", "id": number, "count": taken})
                    taken = 0
        finally:
            del self._calls[number]
            if not sent.done():
                sent.cancel()
            elif not ended:
                self._tell(socket, {"op": "cancel", "id": number})

    def _tell(self, socket: zmq.asyncio.Socket, message: dict[str, Any]) -> None:
        """Where there is no room the worker is stalled, and its end fails the call."""
        if not socket.closed:
            self._send(socket, wire.pack(message), zmq.NOBLOCK)

    @staticmethod
    def _send(socket: zmq.asyncio.Socket, packed: bytes, flags: int = 0) -> asyncio.Future[object]:
        """Sends as soon as there is room, and nobody waits for it: `lost` ends all that waits, and
        a task that is being cancelled cannot wait."""
        sent: asyncio.Future[object] = asyncio.ensure_future(socket.send(packed, flags))
        sent.add_done_callback(lambda done: done.cancelled() or done.exception())
        return sent
