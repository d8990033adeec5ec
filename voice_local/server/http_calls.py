"""One answer of the HTTP interface: bounded, with a call context of its own, and given up when its
client goes away."""

from __future__ import annotations

import asyncio
import json
import logging
import secrets
from collections.abc import AsyncGenerator, Awaitable, Callable, Iterator
from contextlib import aclosing, contextmanager, suppress
from typing import Any, Protocol, TypeVar

from starlette.requests import ClientDisconnect, Request
from starlette.types import Message, Receive, Scope, Send

from voice_local.engine.client import EngineClient
from voice_local.errors import CapacityError, VoiceLocalError
from voice_local.server.http_errors import error_object, error_response
from voice_local.server.state import ServerState

EVENTS = "text/event-stream; charset=utf-8"
NO_BUFFER = [(b"cache-control", b"no-cache"), (b"x-accel-buffering", b"no")]

SEND_S = 60.0
"""A client that reads nothing for so long is given up: it holds a place of others."""

T = TypeVar("T")
log = logging.getLogger(__name__)


class Answer(Protocol):
    """What a request is answered with.

    Attributes:
        media_type: of the body.
        streams: whether the body is sent as it is made.
    """

    media_type: str
    streams: bool

    def body(self, engine: EngineClient, id: str) -> AsyncGenerator[bytes, None]:
        """The body, which closes what the answer holds at its end. `engine`: for this request,
        whose name is `id`."""
        ...


Read = Callable[[Request], Awaitable[Answer]]
"""Reads a request; raises VoiceLocalError where it cannot be answered."""


class Places:
    """How many requests are answered at once: as many as the server has sessions."""

    def __init__(self, state: ServerState) -> None:
        self._state, self._taken = state, 0

    @contextmanager
    def taken(self) -> Iterator[None]:
        """Holds one.

        Raises:
            CapacityError: there is none, or the server is ending.
        """
        if self._state.pool.draining:
            raise CapacityError("the server is ending", "try again in a moment")
        most = self._state.limits.max_sessions
        if self._taken >= most:
            self._state.metrics.refused.labels("requests").inc()
            raise CapacityError(f"{most} requests are being answered", "try again in a moment")
        self._taken += 1
        try:
            yield
        finally:
            self._taken -= 1


class Endpoint:
    """An ASGI application for one path: `read` tells what is wanted, its body is sent."""

    def __init__(self, state: ServerState, places: Places, read: Read) -> None:
        self._assistant, self._places, self._read = state.assistant, places, read

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """See ASGI."""
        id = secrets.token_hex(12)
        try:
            with self._places.taken():
                answer = await self._read(Request(scope, receive))
                await self._answer(answer, id, receive, send)
        except ClientDisconnect:
            return
        except VoiceLocalError as error:
            await error_response(error)(scope, receive, send)

    async def _answer(self, answer: Answer, id: str, receive: Receive, send: Send) -> None:
        engine = self._assistant.engine.of(f"http-{id}")
        async with aclosing(answer.body(engine, id)) as body:
            working = asyncio.create_task(_send_body(answer, id, body, _in_time(send)))
            leaving = asyncio.create_task(_gone(receive))
            try:
                await asyncio.wait({working, leaving}, return_when=asyncio.FIRST_COMPLETED)
                if working.done():
                    working.result()
            finally:
                for task in (working, leaving):
                    task.cancel()
                await asyncio.gather(working, leaving, return_exceptions=True)


def _in_time(send: Send) -> Send:
    """`send`, which gives a client up that reads nothing for `SEND_S`."""

    async def sending(message: Message) -> None:
        try:
            async with asyncio.timeout(SEND_S):
                await send(message)
        except TimeoutError:
            raise ClientDisconnect from None

    return sending


async def _gone(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


async def _send_body(
    answer: Answer, id: str, body: AsyncGenerator[bytes, None], send: Send
) -> None:
    headers = [(b"content-type", answer.media_type.encode()), (b"x-request-id", id.encode())]
    start = {"type": "http.response.start", "status": 200}
    if not answer.streams:
        content = b"".join([piece async for piece in body])
        headers.append((b"content-length", str(len(content)).encode()))
        await send({**start, "headers": headers})
        await send({"type": "http.response.body", "body": content})
        return
    headers += NO_BUFFER
    begun = False
    try:
        async for piece in body:
            if not begun:
                await send({**start, "headers": headers})
                begun = True
            await send({"type": "http.response.body", "body": piece, "more_body": True})
    except VoiceLocalError as error:
        if not begun:
            raise
        log.warning("request %s was cut off: %s", id, error.cause)
        if answer.media_type != EVENTS:
            return  # without its last message the connection is closed: the client sees the cut
        failed = event({"error": error_object(error)})
        await send({"type": "http.response.body", "body": failed, "more_body": True})
    if not begun:
        await send({**start, "headers": headers})
    await send({"type": "http.response.body", "body": b""})


def event(data: dict[str, Any]) -> bytes:
    """One server-sent event."""
    return f"data: {json.dumps(data, ensure_ascii=False)}\n\n".encode()


def json_bytes(data: dict[str, Any]) -> bytes:
    """`data` as a body."""
    return json.dumps(data, ensure_ascii=False).encode()


async def in_thread(function: Callable[..., T], *arguments: Any) -> T:
    """`function(*arguments)`, off the event loop.

    Cancelled, it still waits for the thread's end: whoever bounds its callers bounds the threads.
    """
    working = asyncio.ensure_future(asyncio.to_thread(function, *arguments))
    try:
        return await asyncio.shield(working)
    except asyncio.CancelledError:
        with suppress(Exception):
            await working
        raise
