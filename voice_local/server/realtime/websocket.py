"""`/v1/realtime` over WebSocket, and its client secrets."""

from __future__ import annotations

import json
import time
from contextlib import suppress
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route, WebSocketRoute
from starlette.websockets import WebSocket, WebSocketDisconnect

from voice_local.errors import CapacityError, VoiceLocalError
from voice_local.server.connection_tasks import REFUSED, TRY_AGAIN, Ending, until_first
from voice_local.server.guard import asked, error_body
from voice_local.server.http_bodies import bounded
from voice_local.server.http_errors import error_response
from voice_local.server.json_text import whole_characters
from voice_local.server.outbox import Outbox
from voice_local.server.realtime.connection import Realtime
from voice_local.server.realtime.protocol import ClientError, number, object_of
from voice_local.server.realtime.session_config import SessionConfig
from voice_local.server.state import ServerState

PROTOCOL = "realtime"
LARGEST_SESSION = 256 * 1024
"""Bytes of a session that a client secret is made with."""


def routes(state: ServerState) -> list[BaseRoute]:
    """The Realtime API's."""

    async def realtime(socket: WebSocket) -> None:
        await _Socket(state, socket).run()

    async def client_secrets(request: Request) -> Response:
        return await _client_secret(state, request)

    return [
        WebSocketRoute("/v1/realtime", realtime),
        Route("/v1/realtime/client_secrets", client_secrets, methods=["POST"]),
    ]


class _Socket:
    """One connection."""

    def __init__(self, state: ServerState, socket: WebSocket) -> None:
        self._state, self._socket = state, socket
        self._outbox = Outbox()

    async def run(self) -> None:
        """Until either side ends it."""
        socket, query = self._socket, self._socket.query_params
        offered = socket.scope.get("subprotocols", [])
        await socket.accept(subprotocol=PROTOCOL if PROTOCOL in offered else None)
        try:
            realtime = Realtime(
                self._state,
                self._outbox,
                asked(socket.scope).client,
                transcribes_only=query.get("intent") == "transcription",
                extended=query.get("extensions") == "voice_local",
                configured=self._state.secrets.session_of(asked(socket.scope).keys),
            )
        except CapacityError as error:
            await socket.close(TRY_AGAIN, error.cause)
            return
        except ClientError as error:
            await socket.close(REFUSED, error.message[:100])
            return
        except VoiceLocalError as error:  # a client secret's voice that is not there any more
            await socket.close(REFUSED, error.cause[:100])
            return
        realtime.begin()
        ending = Ending()
        try:
            served = realtime.live.served
            watching = ending.watch(self._state.pool, served, self._outbox)
            await until_first(self._read(realtime), self._write(), watching)
        finally:
            await realtime.aclose()
        await ending.close(socket)

    async def _read(self, realtime: Realtime) -> None:
        while True:
            message = await self._socket.receive()
            if message["type"] != "websocket.receive":
                return
            if message.get("text") is not None:
                await realtime.take(message["text"])
            else:
                realtime.refuse_bytes()

    async def _write(self) -> None:
        with suppress(WebSocketDisconnect, RuntimeError):
            while (message := await self._outbox.get()) is not None:
                assert isinstance(message, str)
                await self._socket.send_text(message)


async def _client_secret(state: ServerState, request: Request) -> Response:
    try:
        body = await bounded(request, LARGEST_SESSION).body()
        given = object_of(whole_characters(json.loads(body)) if body else {}, "request")
        expires = object_of(given.get("expires_after") or {}, "expires_after")
        seconds = expires.get("seconds")
        lasts = state.limits.client_secret_s
        if seconds is not None:
            lasts = int(number(seconds, "expires_after.seconds", 10, 7200, whole=True))
        session = given.get("session") or {"type": "realtime"}
        config = SessionConfig(
            transcribes_only=object_of(session, "session").get("type") == "transcription"
        )
        config = config.updated(session)
    except VoiceLocalError as error:
        return error_response(error)
    except (ValueError, RecursionError):
        return Response(error_body("the body is not JSON"), 400, media_type="application/json")
    except ClientError as error:
        told = error_body(error.message, code=error.code)
        return Response(told, 400, media_type="application/json")
    value = state.secrets.new(lasts, session)
    made: dict[str, Any] = {
        "value": value,
        "expires_at": int(time.time()) + lasts,
        "session": config.as_json("sess_" + value[-20:], int(time.time()) + lasts),
    }
    return JSONResponse(made)
